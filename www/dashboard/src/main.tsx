// In: the page's `#app`. Out: the dashboard in it. Never: a first paint in the wrong theme.
//
// What tests can rely on (`data-testid`, and attributes that hold raw values; "" where there is none):
//
//   views-total             data-value: page views
//   period                  data-from, data-to
//   updated-at              data-value: RFC 3339; failed-parts: data-value, only if some failed
//   panel-<id>              data-state: loading, failed, empty, ready; <id>: vitals, trend, pages,
//                           shares, links, activity
//   failure, stale          data-code; inside the panel that failed to load or to update
//   card-<METRIC>           data-selected; inside it:
//     p75-<METRIC>          data-value, in ms or as a score
//     interval-<METRIC>     data-low, data-high (absent without samples)
//     count-<METRIC>        data-value: page views that measured it
//     rating-<METRIC>       data-value: good, needs-improvement, poor
//     share-<METRIC>-<rating>  data-value: page views of that rating (absent without samples)
//   trend-row               data-start, data-p75, data-count, data-views
//   page-row                data-site, data-page, data-p75, data-rating, data-count, data-views
//   channel-row             data-channel, data-shares, data-visits; channel-total: the sums
//   link-row                data-site, data-id, data-channel, data-page, data-parent, data-visits
//   activity-row            data-kind (leads, conversions, errors, custom), data-name, data-count
//   no-data                 data-reason: no-sites, no-views, filtered; snippet, command inside it
//   site-picker             data-value: host; site-option: data-site
//   range-picker            range-1h, range-24h, …, range-custom; range-from, range-to, range-apply
//   filter-<name>           page, device, country, browser, navigation; clear-filters
//   metric-picker, live, refresh, theme, announcer, view-overview, view-growth
//
// On the growth page (`?view=growth`), with panels cohorts, funnel, channels, tree, cycle, leads, slow,
// revenue, partners:
//
//   owners-total            data-value: new owners; days-picker, step-picker, outcome-picker
//   k-together              data-value, data-low, data-high: K of all mature cohorts
//   cohort-row              data-start, data-state, data-owners, data-k, data-low, data-high
//   funnel-row              data-step, data-count
//   growth-channel-row      data-channel, data-shares, data-visits, data-qualified
//   depth-row               data-kind (shares, owners), data-depth, data-count
//   cycle-p50, cycle-p90    data-value, in ms
//   leads-observed, leads-confirmed  data-value, data-percent
//   score-row               data-name, data-count; source-row: data-source, data-count
//   band-row                data-kind (rating, finer), data-rating, data-views, data-outcomes, data-percent,
//                           data-adjusted
//   money-today, money-month, money-last-month, money-total  data-currency, data-net: minor units
//   forecast-sum            data-currency, data-expected
//   money-day               data-start, data-taken, data-expected; money-group: data-kind, data-value, data-net
//   partner-row             data-partner, data-currency, data-payable, data-paid; partner-total

import { render } from 'preact';
import { applyRememberedTheme } from './state/theme.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/top.css';
import './styles/layout.css';
import './styles/cards.css';
import './styles/tables.css';
import './styles/charts.css';
import './styles/growth.css';
import './styles/parts.css';
import './styles/print.css';
import { App } from './views/App.tsx';

applyRememberedTheme();
const host = document.getElementById('app');
if (host === null) {
  throw new Error('the page has no #app');
}
render(<App />, host);
