// Cases of hidden pages, of pages that come back, that were prerendered or that navigate by
// themselves. See cases.mjs for what a case is.

import { all, pause, press, ready, settle, shift, told, wander } from './steps.mjs';

const BODY = '<h1 style="font-size:50px">Bakery of the long afternoon</h1><p>Bread.</p>';

const LATE = `${BODY}<script>setTimeout(() => {
  document.querySelector('main').insertAdjacentHTML('beforeend', '<img class="late" src="/image.png" width="500" height="400">');
}, 700)</script>`;

const softly = all({ reportSoftNavs: true });

const hideAndShow = async (tab) => {
  await tab.hide();
  await pause(100);
  await tab.show();
  await settle(tab);
};

export const HIDDEN = [
  {
    name: 'hidden from the start',
    body: BODY,
    hiddenFirst: true,
    sees: ['TTFB'],
    drive: async (tab) => {
      await tab.show();
      await settle(tab);
      await told(tab, 'TTFB');
      await press(tab, 'slow');
    },
  },
  {
    name: 'hidden before the largest element',
    body: LATE,
    drive: async (tab) => {
      await settle(tab);
      await tab.hide();
      await tab.until(() => document.querySelector('.late')?.complete);
      await tab.show();
      await settle(tab);
      await told(tab, 'TTFB');
    },
  },
  {
    name: 'hidden, visible, used, hidden again',
    body: BODY,
    sees: ['LCP', 'CLS', 'INP', 'FCP', 'TTFB'],
    drive: async (tab) => {
      await settle(tab);
      await hideAndShow(tab);
      await press(tab, 'slow');
      await hideAndShow(tab);
      await press(tab, 'frames');
    },
  },
  {
    name: 'a shift after it was hidden',
    body: BODY,
    types: ['layout-shift'],
    drive: async (tab) => {
      await settle(tab);
      await shift(tab, 40);
      await hideAndShow(tab);
      await shift(tab, 120);
    },
  },
  {
    name: 'a shift and an input at the moment it is hidden',
    body: BODY,
    types: ['layout-shift', 'event'],
    drive: async (tab) => {
      await settle(tab);
      await tab.evaluate(() => shiftBy(50));
      await tab.click('#slow');
      await tab.hide();
    },
  },
];

export const RESTORED = [
  {
    name: 'back from the back/forward cache',
    body: BODY,
    navigations: ['back-forward-cache', 'navigate'],
    drive: async (tab, { elsewhere }) => {
      await settle(tab);
      await press(tab, 'slow');
      await tab.goto(elsewhere);
      await wander(tab, -1);
      await press(tab, 'slow');
      await pause(600);
      await shift(tab, 80);
    },
  },
  {
    name: 'back from the back/forward cache twice, and a quick input each time',
    body: BODY,
    navigations: ['back-forward-cache', 'navigate'],
    drive: async (tab, { elsewhere }) => {
      await settle(tab);
      for (let time = 0; time < 2; time += 1) {
        await tab.goto(elsewhere);
        await wander(tab, -1);
        await press(tab, 'quick');
      }
    },
  },
  {
    name: 'back and forward between two pages',
    body: BODY,
    documents: 2,
    navigations: ['back-forward-cache', 'navigate'],
    drive: async (tab, { address }) => {
      await settle(tab);
      await tab.goto(`${address}?second`);
      await ready(tab);
      await settle(tab);
      await wander(tab, -1);
      await shift(tab, 30);
      await wander(tab, 1);
      await press(tab, 'slow');
    },
  },
  {
    name: 'back, and every change',
    body: BODY,
    registrations: all({ reportAllChanges: true }),
    navigations: ['back-forward-cache', 'navigate'],
    drive: async (tab, { elsewhere }) => {
      await settle(tab);
      await shift(tab, 20);
      await tab.goto(elsewhere);
      await wander(tab, -1);
      await shift(tab, 40);
      await press(tab, 'slow');
    },
  },
];

const prerendered = (drive) => async (tab, { site, address, launch }) => {
  const asked = (path) => site.until(() => site.requests.includes(path), path, 20_000);
  await tab.goto(launch);
  await asked('/prerendered');
  await tab.click('a');
  await asked('/activated');
  await tab.renew(address);
  await ready(tab);
  await settle(tab);
  await drive(tab);
};

/** Tells the server that the page was loaded in the background, and that it is shown now. */
const TELL = `<script>if (document.prerendering) {
  addEventListener('load', () => fetch('/prerendered'));
  document.addEventListener('prerenderingchange', () => fetch('/activated'));
}</script>`;

export const PRERENDERED = [
  {
    name: 'prerendered by speculation rules',
    body: BODY + TELL,
    types: ['prerender'],
    launched: true,
    navigations: ['prerender'],
    drive: prerendered((tab) => press(tab, 'slow')),
  },
  {
    name: 'prerendered, and the largest element comes after the activation',
    body: `${BODY + TELL}<script>document.addEventListener('prerenderingchange', () => setTimeout(() => {
      document.querySelector('main').insertAdjacentHTML('beforeend', '<img src="/image.png" width="500" height="400">');
    }, 100))</script>`,
    types: ['prerender'],
    launched: true,
    navigations: ['prerender'],
    drive: prerendered(async (tab) => {
      await tab.until(() => document.querySelector('main img')?.complete);
      await settle(tab);
    }),
  },
];

export const SOFT = [
  {
    name: 'a soft navigation',
    body: BODY,
    registrations: softly,
    types: ['soft-navigation'],
    navigations: ['navigate', 'soft-navigation'],
    drive: async (tab) => {
      await settle(tab);
      await press(tab, 'route');
      await pause(600);
      await press(tab, 'slow');
    },
  },
  {
    name: 'several soft navigations with inputs, shifts and a hidden time',
    body: BODY,
    registrations: softly,
    types: ['soft-navigation'],
    navigations: ['navigate', 'soft-navigation'],
    drive: async (tab) => {
      await settle(tab);
      await shift(tab, 30);
      for (let time = 0; time < 3; time += 1) {
        await press(tab, 'route');
        await pause(700);
        await shift(tab, 20 + 20 * time);
        await press(tab, time === 1 ? 'slow' : 'quick');
      }
      await hideAndShow(tab);
      await press(tab, 'route');
    },
  },
  {
    name: 'soft navigations, and every change',
    body: BODY,
    registrations: all({ reportSoftNavs: true, reportAllChanges: true }),
    types: ['soft-navigation'],
    navigations: ['navigate', 'soft-navigation'],
    drive: async (tab) => {
      await settle(tab);
      await press(tab, 'route');
      await pause(600);
      await shift(tab, 30);
      await press(tab, 'route');
    },
  },
  {
    name: 'a soft navigation, away and back',
    body: BODY,
    registrations: softly,
    types: ['soft-navigation'],
    navigations: ['back-forward-cache', 'navigate', 'soft-navigation'],
    drive: async (tab, { elsewhere }) => {
      await settle(tab);
      await press(tab, 'route');
      await pause(600);
      await tab.goto(elsewhere);
      await wander(tab, -1);
      await press(tab, 'slow');
      await press(tab, 'route');
    },
  },
  {
    name: 'a soft navigation that nobody asked to be told of',
    body: BODY,
    types: ['soft-navigation'],
    // The script tag's beacon makes views of its own of them.
    beacon: false,
    drive: async (tab) => {
      await settle(tab);
      await press(tab, 'route');
      await press(tab, 'slow');
    },
  },
];
