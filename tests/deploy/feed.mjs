// What happens in a fleet, in small: pages with vitals, and everything that servers tell.
//
// In: a running stack. Out: events that were accepted. Must never happen: one that was not.

/** Page views of a site with good values, a share, a visit through it, a lead and an error. */
export const visit = async (stack, site, { lcp = 1800, inp = 90, cls = 0.02 } = {}) => {
  const vital = (name, value) => ({ vital: { name, value } });
  await stack.view(site, [
    vital('LCP', lcp), vital('INP', inp), vital('CLS', cls), vital('FCP', 700), vital('TTFB', 200), vital('FID', 9),
    { share: { channel: 'copy', id: `s${Math.random().toString(36).slice(2, 11)}` } },
    { referral: { share: 'pR7mYc2LzA', landing: '/menu' } },
    { lead: { form: 'table' } },
  ]);
};

const DAY_MS = 86_400_000;

/** Of everything that servers tell, something. */
export const facts = (site) => {
  const money = { amount_minor: 2900, currency: 'EUR', kind: 'subscription', site, owner: 'o_1' };
  const generated = (owner) => ({ site: `${owner}.example`, owner, template: 'aurora', duration_ms: 41_250, ai_duration_ms: 30_000 });
  return [
    ...Array.from({ length: 4 }, (_, n) => [-20 * DAY_MS, { site_generated: generated(`o-${n}`) }]),
    [-1000, { site_generation_failed: { stage: 'images', reason: 'the service answered 503', duration_ms: 12_000 } }],
    [-1000, { lead: { site, lead: 'l_1', score: 72, source: 'form' } }],
    [-1000, { conversion: { site, name: 'booking' } }],
    [-1000, { revenue: money }],
    [-1000, { refund: { ...money, amount_minor: 900 } }],
    [-1000, { commission: { state: 'paid', partner: 'p_17', share: 'pR7mYc2LzA', amount_minor: 580, currency: 'EUR' } }],
    [-1000, { auth_failed: { realm: 'login', reason: 'wrong_password' } }],
    [-1000, { rate_limited: { route: '/login' } }],
    [-1000, requests([120, 64, 31, 9, 4, 1, 0, 0, 0, 0, 0, 0])],
  ];
};

/** Requests by bucket: 5, 10, 25, 50, 100, 250, 500 ms, 1, 2.5, 5, 10 s, more. */
export const requests = (counts) => ({ http_requests: { route: '/api/sites/:id', status: 200, counts, sum_ms: 2410.5 } });
