// In: the page's `#app`. Out: the dashboard in it. Never: a first paint in the wrong theme.
//
// What tests can rely on (`data-testid`, and attributes that hold raw values; "" where there is none):
//
//   period                  data-from, data-to
//   updated-at              data-value: RFC 3339; failed-parts: data-value, only if some failed
//   panel-<id>              data-state: loading, failed, empty, ready
//   failure, stale          data-code; inside the panel or the form that failed to load or to update
//   site-picker             data-value: host; site-option: data-site
//   range-picker            range-1h, range-24h, …, range-custom; range-from, range-to, range-apply
//   filter-<name>           page, device, country, browser, navigation; clear-filters
//   compare, live, refresh, theme, announcer, view-<view>, who, sign-out
//   export-csv, export-json under each table: its rows, as their data attributes
//
// small-groups            data-groups, data-views: what a table left out; withheld: data-code, inside a panel
//
// On the overview, with panels alerts, passing, changes, business, health:
//
//   views-total             data-value: page views
//   passing-views, passing-sites  data-part, data-whole, data-part-before, data-whole-before
//   fleet-<METRIC>          data-p75; day-row: data-start, data-sites-passing, data-sites-measured
//   change                  data-id, data-metric, data-direction, data-views; change-link inside it
//   business-<id>           data-value; <id>: k, leads, generations, revenue (one for each currency)
//   alert                   data-name, data-severity; alerts-state: data-value (none, off, unreachable)
//   compared-with           data-from, data-to
//   ready                   data-value: true, false, unknown; measured-sites, robots, coverage-row
//
// On the fleet (`?view=fleet`), with panels fleet, worth, fleet-cohorts:
//
//   sites-total             data-value; fleet-loaded: data-value, rows so far
//   fleet-box               what scrolls; fleet-row: data-site, data-views, data-index; fleet-link inside it
//   fleet-search, sort-<by>, chip-template, chip-build, by-picker, metric-picker
//   scatter                 data-count; worth-row: data-site, data-p75, …; worth-link inside it
//   fleet-cohort-row        data-by, data-value, data-p75, …; cohort-link inside it
//
// On the vitals (`?view=site`), with panels vitals, trend, causes, breakdown, pages, troubles, shares, links, activity:
//
//   views-total             data-value: page views
//   card-<METRIC>           data-selected; inside it:
//     p75-<METRIC>          data-value, in ms or as a score; "" if there are too few page views
//     interval-<METRIC>     data-low, data-high (absent with too few)
//     before-<METRIC>       data-p75, data-count, if compared
//     count-<METRIC>        data-value: page views that measured it
//     rating-<METRIC>       data-value: good, needs-improvement, poor
//     share-<METRIC>-<rating>  data-value: page views of that rating (absent with too few)
//   trend-row               data-start, data-p75, data-count, data-views; deploys: data-count; deploy-row
//   causes-<METRIC>         chooses it; cause-row: data-element, data-count, …; part-row: data-part, data-mean-ms
//   breakdown-row           data-by, data-value, data-p75, …; breakdown-link inside it; by-picker, metric-picker
//   page-row                data-site, data-page, data-p75, data-rating, data-count, data-views
//   channel-row             data-channel, data-shares, data-visits; channel-total: the sums
//   link-row                data-site, data-id, data-channel, data-page, data-parent, data-visits
//   activity-row            data-kind (leads, conversions, errors, custom, …), data-name, data-count
//   no-data                 data-reason: no-sites, no-views, filtered; snippet, command inside it
//
// Live (`?view=live`): panels minute, stream; live-state, pause, minute-views, minute-<METRIC>, live-row. Settings
// (`?view=settings`): tab-<tab>, forms add-site, add-user, add-token, password (and <form>-submit), and rows site-row,
// user-row, token-row, keep-row, audit-row. The way in: forms sign-in and set-up.
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
import './styles/home.css';
import './styles/parts.css';
import './styles/print.css';
import { App } from './views/App.tsx';

applyRememberedTheme();
const host = document.getElementById('app');
if (host === null) {
  throw new Error('the page has no #app');
}
render(<App />, host);
