// In: nothing, or how many sites there are (FORESIGHT_MOCK_SITES; 1,000 if absent). Out: the mock's fleet, the same each
// time. Never: part of the built dashboard.

import { chance } from './chance.ts';

export interface MockSite {
  site: string;
  template: string;
  build: string;
  /** Page views in a busy hour. */
  size: number;
  /** How much slower than usual. */
  slowness: number;
}

const KNOWN: MockSite[] = [
  { site: 'bakery.4site.pro', template: 'aurora', build: '2.3.1', size: 60, slowness: 1 },
  { site: 'yoga-am-see.4site.pro', template: 'nova', build: '1.8.0', size: 22, slowness: 0.8 },
  { site: 'garage-mueller.4site.pro', template: 'terra', build: '3.0.4', size: 9, slowness: 1.7 },
  { site: 'broken.4site.pro', template: 'aurora', build: '2.3.0', size: 5, slowness: 1.2 },
  { site: 'slow.4site.pro', template: 'pico', build: '0.9.2', size: 3, slowness: 2.6 },
  { site: 'new.4site.pro', template: 'nova', build: '1.8.0', size: 0, slowness: 1 },
];

const TRADES = ['bakery', 'garage', 'salon', 'studio', 'dental', 'florist', 'bistro', 'yoga', 'atelier', 'tours', 'legal', 'plumbing', 'bikes', 'vet', 'books'];
const NAMES = ['mueller', 'am-see', 'nord', 'linde', 'rossi', 'altstadt', 'huber', 'maja', 'central', 'sonne', 'okafor', 'silva', 'berg', 'rhein', 'lotte', 'marina'];
const TEMPLATES: [string, string[], number][] = [
  ['aurora', ['2.3.1', '2.3.0', '2.2.7'], 1],
  ['nova', ['1.8.0', '1.7.5'], 0.8],
  ['terra', ['3.0.4', '3.0.3'], 1.25],
  ['pico', ['0.9.2'], 0.6],
];

const pick = <T>(list: T[], share: number): T => list[Math.min(list.length - 1, Math.floor(share * list.length))] as T;

function made(index: number): MockSite {
  const name = `${pick(TRADES, chance('trade', index))}-${pick(NAMES, chance('name', index))}-${index}`;
  const [template, builds, slow] = pick(TEMPLATES, chance('template', index) ** 1.6);
  const build = pick(builds, chance('build', index) ** 2);
  // A few sites have most of the page views.
  const size = (90 / (1 + index / 14)) * (0.5 + chance('size', index));
  const normal = Math.sqrt(-2 * Math.log(chance('a', index) + 1e-9)) * Math.cos(2 * Math.PI * chance('b', index));
  const slowness = slow * Math.exp(0.32 * normal) * (build === '2.3.1' ? 1.12 : 1);
  return { site: `${name}.4site.pro`, template, build, size, slowness };
}

let fleet: MockSite[] | null = null;

/** Every site, the known ones first. */
export function fleetOf(): MockSite[] {
  if (fleet === null) {
    const many = Number(process.env['FORESIGHT_MOCK_SITES'] ?? 1000);
    fleet = [...KNOWN, ...Array.from({ length: Math.max(0, many - KNOWN.length) }, (_, index) => made(index))];
  }
  return fleet;
}

/** Adds a site, as the settings do. */
export function addSite(host: string): void {
  fleetOf().push({ site: host, template: 'nova', build: '1.8.0', size: 0, slowness: 1 });
}
