// Counts requests by how long they took, so that thousands of them are one event.
//
// In: route, status and ms. Out: `http_requests` facts, one for each route and status. Must never happen:
// more routes than a server can have: paths that were taken for routes.

/** Upper bounds in ms, as in shared/src/server.rs; the last count is of those that took longer. */
const BOUNDS_MS = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];
const ROUTES = 1000;
const OTHER = '(other)';

export class Requests {
  #sums = new Map();

  add(route, status, ms) {
    let key = `${status} ${route}`;
    if (!this.#sums.has(key) && this.#sums.size >= ROUTES) {
      route = OTHER;
      key = `${status} ${route}`;
    }
    const sum = this.#sums.get(key) ?? { route, status, counts: Array(BOUNDS_MS.length + 1).fill(0), sum_ms: 0 };
    this.#sums.set(key, sum);
    const place = BOUNDS_MS.findIndex((bound) => ms <= bound);
    sum.counts[place < 0 ? BOUNDS_MS.length : place] += 1;
    sum.sum_ms += ms;
  }

  /** What was counted until now; the counting begins anew. */
  take() {
    const sums = [...this.#sums.values()];
    this.#sums.clear();
    return sums;
  }
}
