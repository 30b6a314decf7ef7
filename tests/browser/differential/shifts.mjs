// Cases of layout shifts. See cases.mjs for what a case is.

import { all, pause, press, settle, shift } from './steps.mjs';

const BODY = '<h1>Bakery</h1><p class="bread">Fresh bread every morning.</p>';
const types = ['layout-shift'];

/** Shifts at these moments after one another, in ms, and as high as told. */
const shifts = (list) => async (tab) => {
  await settle(tab);
  for (const [wait, height] of list) {
    await pause(wait);
    await tab.evaluate((height) => shiftBy(height), height);
  }
  await settle(tab);
};

export const SHIFTS = [
  { name: 'shifts in one session window', body: BODY, types, drive: shifts([[0, 20], [200, 60], [200, 10]]) },
  { name: 'a second window that is larger', body: BODY, types, drive: shifts([[0, 20], [1300, 60], [100, 50]]) },
  { name: 'a second window that is smaller', body: BODY, types, drive: shifts([[0, 90], [1300, 10]]) },
  {
    name: 'more shifts than five seconds hold',
    body: BODY,
    types,
    drive: shifts([[0, 5], [800, 5], [800, 5], [800, 5], [800, 5], [800, 5], [800, 5], [800, 5]]),
  },
  {
    name: 'every change of a growing window',
    body: BODY,
    types,
    registrations: all({ reportAllChanges: true }),
    drive: shifts([[0, 20], [300, 30], [1300, 10], [300, 90]]),
  },
  {
    name: 'a shift that the visitor asked for',
    body: BODY,
    types,
    sees: ['LCP', 'CLS', 'INP', 'FCP', 'TTFB'],
    drive: async (tab) => {
      await settle(tab);
      await press(tab, 'shift');
      await pause(700);
      await shift(tab, 25);
    },
  },
  {
    name: 'a late registration after two windows',
    body: BODY,
    registrations: [],
    beacon: false,
    types,
    drive: async (tab) => {
      await shifts([[0, 90], [1300, 10]])(tab);
      await tab.evaluate((list) => window.recorder.register(list), all());
      await settle(tab);
    },
  },
  {
    name: 'a shifted element that is removed',
    body: `<div class="hero"><p id="moved">Rye</p></div>${BODY}`,
    types,
    drive: async (tab) => {
      await settle(tab);
      await tab.evaluate(() => {
        shiftBy(40);
        requestAnimationFrame(() => setTimeout(() => document.querySelector('.hero').remove()));
      });
      await settle(tab);
    },
  },
];
