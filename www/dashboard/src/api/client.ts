// In: an address of the API. Out: its answer, typed, or a `Failure`. Never: a request without a
// time limit, or an answer that was not JSON taken for one.

import { Failure, failureOf } from './failure.ts';

/** How long an answer may take, in ms. The collector's own limit is shorter. */
const TIMEOUT_MS = 20_000;

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    if (cause instanceof DOMException) {
      throw cause;
    }
    return undefined;
  }
}

/**
 * Gets `address` and reads it as JSON. Throws a `Failure`, or the abort reason if `signal` was
 * aborted.
 */
export async function get<T>(address: string, signal: AbortSignal): Promise<T> {
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(address, {
      headers: { accept: 'application/json' },
      credentials: 'same-origin',
      signal: AbortSignal.any([signal, limit]),
    });
    const body = await bodyOf(response);
    if (!response.ok) {
      throw failureOf(response.status, body, response.headers.get('retry-after'));
    }
    if (typeof body !== 'object' || body === null) {
      throw new Failure('not_json', 'the answer was not JSON', response.status);
    }
    return body as T;
  } catch (cause) {
    if (cause instanceof Failure || signal.aborted) {
      throw cause;
    }
    if (limit.aborted) {
      throw new Failure('timeout', `no answer within ${TIMEOUT_MS / 1000} s`, 0);
    }
    throw new Failure('network', 'the collector cannot be reached', 0);
  }
}
