// In: an address of the API, and what to send to it. Out: its answer, typed, or a `Failure`. Never: a request
// without a time limit, an answer that was not JSON taken for one, or a change without the session's secret.

import { Failure, failureOf } from './failure.ts';

/** How long an answer may take, in ms. The collector's own limit is shorter. */
const TIMEOUT_MS = 20_000;

/** What goes with every request that changes something. */
let csrf = '';
let onSignedOut: () => void = () => undefined;

/** Tells what the session's secret is. */
export function setSecret(secret: string): void {
  csrf = secret;
}

/** Calls `listener` when an answer says that nobody is signed in. */
export function listenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

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

/** Asks, and reads the answer. `also` is a status beside 2xx that is an answer, not a failure. */
async function ask<T>(address: string, init: RequestInit, signal: AbortSignal | null, also = 0): Promise<T> {
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(address, {
      credentials: 'same-origin',
      ...init,
      headers: { accept: 'application/json', ...init.headers },
      signal: signal === null ? limit : AbortSignal.any([signal, limit]),
    });
    const body = response.status === 204 ? {} : await bodyOf(response);
    if (!response.ok && response.status !== also) {
      const failure = failureOf(response.status, body, response.headers.get('retry-after'));
      if (failure.code === 'not_signed_in') {
        onSignedOut();
      }
      throw failure;
    }
    if (typeof body !== 'object' || body === null) {
      throw new Failure('not_json', 'the answer was not JSON', response.status);
    }
    return body as T;
  } catch (cause) {
    if (cause instanceof Failure || signal?.aborted) {
      throw cause;
    }
    if (limit.aborted) {
      throw new Failure('timeout', `no answer within ${TIMEOUT_MS / 1000} s`, 0);
    }
    throw new Failure('network', 'the collector cannot be reached', 0);
  }
}

/**
 * Gets `address` and reads it as JSON. Throws a `Failure`, or the abort reason if `signal` was
 * aborted. Whether the collector is ready is answered with 503 too.
 */
export function get<T>(address: string, signal: AbortSignal): Promise<T> {
  return ask<T>(address, {}, signal, address === '/api/ready' ? 503 : 0);
}

/** Changes something. Throws a `Failure`. */
export function send<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', address: string, body?: object): Promise<T> {
  const headers: Record<string, string> = { 'x-foresight-csrf': csrf };
  if (body === undefined) {
    return ask<T>(address, { method, headers }, null);
  }
  return ask<T>(address, { method, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) }, null);
}

/** The failure that was thrown; of what is none, one that says so. */
export function failureFrom(cause: unknown): Failure {
  return cause instanceof Failure ? cause : new Failure('unexpected', String(cause), 0);
}
