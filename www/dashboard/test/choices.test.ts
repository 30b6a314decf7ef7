// The site picker finds a site among thousands.

import assert from 'node:assert/strict';
import test from 'node:test';
import { country } from '../src/format/names.ts';
import { choicesOf } from '../src/state/choices.ts';

const site = (host: string, views: number) => ({ site: host, template: null, build: null, added: '2026-01-01T00:00:00Z', views });

test('an exact host comes first, then those that begin with it, then by views', () => {
  const sites = [site('my-bakery.pro', 900), site('bakery.pro.example', 5), site('bakery.pro', 1), site('garage.pro', 99)];
  assert.deepEqual(choicesOf(sites, ' Bakery.PRO ').sites.map((choice) => choice.site), [
    'bakery.pro',
    'bakery.pro.example',
    'my-bakery.pro',
  ]);
});

test('nothing typed offers the busiest sites and says how many are left out', () => {
  const fleet = Array.from({ length: 3000 }, (_, index) => site(`s${index}.4site.pro`, index));
  const { sites, more } = choicesOf(fleet, '');
  assert.equal(sites[0]?.site, 's2999.4site.pro');
  assert.equal(sites.length + more, 3000);
  assert.ok(sites.length <= 50);
});

test('a country has its name and its code, and an unknown one stays as it is', () => {
  assert.equal(country('DE', 'en'), 'Germany (DE)');
  assert.equal(country('unknown', 'en'), 'unknown');
  assert.equal(country('QZ', 'en'), 'QZ');
});
