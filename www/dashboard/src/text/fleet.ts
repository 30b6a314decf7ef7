// In: nothing. Out: what the page on the fleet says, in English. Never: a figure named without its unit or span.

import type { Metric, Step } from '../api/types.ts';
import { text } from './en.ts';

const plural = (n: number, one: string, many: string): string => (n === 1 ? one : many);

export const fleetText = {
  fleet: 'Fleet',
  announce: (period: string, sites: string, n: number) => `Fleet, ${period}: ${sites} ${plural(n, 'site', 'sites')}.`,
  sitesCount: (n: number) => plural(n, 'site', 'sites'),

  sites: 'Sites',
  sitesNote: 'p75 with the page views it was taken from (n). Select a site to see its vitals and their causes. Sort by a column’s name.',
  noSites: 'No site matches.',
  site: 'Site',
  templateAndBuild: 'Template, build',
  views: 'Page views',
  spark: { hour: 'By hour', day: 'By day', week: 'By week' } satisfies Record<Step, string>,
  sparkOf: (site: string, most: string, step: string) => `Page views of ${site} by ${step}, at most ${most}`,
  p75Of: (metric: string) => `${metric} p75`,
  change: (metric: string) => `${metric}, change`,
  passes: { yes: '✓ passes', no: '✗ fails', unknown: 'too few views' },
  loaded: (loaded: string, total: string, more: boolean) => (more ? `${loaded} of ${total} sites are loaded; more follow as you scroll.` : `All ${total} sites are loaded.`),
  search: 'Search',
  searchHint: 'Part of a host',
  templateIs: (template: string) => `Template ${template}`,
  buildIs: (build: string) => `Build ${build}`,
  remove: 'show all again',

  cohorts: (by: string) => `Cohorts by ${by.toLowerCase()}`,
  cohortsNote: 'p75 with its 95% interval; the line marks “good”. Most page views first. Select a cohort to see only its sites.',
  cohortsBy: 'Cohorts by',
  noCohorts: 'No page view in this period.',
  intervalColumn: '95% interval',
  dimensions: text.dimensionNames,

  worth: (metric: Metric) => `Sites worth fixing, by ${metric}`,
  worthNote: (sites: string, total: string) =>
    `Up to the right: slow for many. Ranked by page views times how far p75 is above “good”. Of the ${sites} busiest of ${total} sites.`,
  noWorth: 'No site has enough page views in this period.',
  nothingToFix: (metric: Metric) => `Every site with enough page views is good by ${metric}.`,
  cohortLine: (template: string | null, build: string | null) => [template, build].filter((one) => one !== null).join(' ') || 'no template',
  scatterLabel: (metric: string, sites: string) => `${sites} sites by page views and ${metric} p75. The table holds those most worth fixing.`,
  scatterHint: 'Point at a mark to read it; click it to see its vitals.',
  pointed: (site: string, p75: string, views: string) => `${site}: p75 ${p75}, ${views} page views`,
  viewsAxis: 'Page views (logarithmic)',
  lines: { good: 'good', poor: 'poor' },
};
