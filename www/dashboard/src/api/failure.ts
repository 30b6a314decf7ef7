// In: an answer that is not 2xx, or no answer. Out: a `Failure` that says what happened and whether
// to try again. Never: internal text of the browser where the collector has given a reason.

/** Where a request failed. `code` is the API's stable code, or one of `network`, `timeout`, `not_json`. */
export class Failure extends Error {
  constructor(
    readonly code: string,
    /** One sentence or phrase for people. */
    override readonly message: string,
    /** The HTTP status, or 0 if there was no answer. */
    readonly status: number,
    /** Seconds after which the collector asks to be asked again, if it said so. */
    readonly retryAfterS: number | null = null,
  ) {
    super(message);
    this.name = 'Failure';
  }
}

/** What an answer withholds because of who asks: it is no failure of anything. */
export const isWithheld = ({ code }: Failure): boolean => code === 'not_allowed' || code === 'group_too_small';

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Reads a problem+json body: `detail` if there is one, with field and rule, else the title. */
export function failureOf(status: number, body: unknown, retryAfter: string | null): Failure {
  const problem = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const field = text(problem['field']);
  const rule = text(problem['rule']);
  const said = text(problem['detail']) ?? text(problem['title']) ?? `the collector answered with status ${status}`;
  const broken = field !== null && rule !== null ? ` (${field}: ${rule})` : '';
  const seconds = retryAfter === null || !/^\d+$/.test(retryAfter) ? null : Number(retryAfter);
  return new Failure(text(problem['code']) ?? `http_${status}`, said + broken, status, seconds);
}
