// Cases of how pages load. See cases.mjs for what a case is.

import { press, ready, recording, settle, wander } from './steps.mjs';

const FIGURE = (src) => `<figure class="hero big"><img class="b a" src="${src}" width="400" height="300"></figure>`;

const look = async (tab) => {
  await settle(tab);
  await press(tab, 'quick');
};

export const LOADS = [
  {
    name: 'a late image',
    body: FIGURE('/image.png?wait=400'),
    sees: ['LCP', 'CLS', 'INP', 'FCP', 'TTFB'],
    drive: look,
  },
  {
    name: 'a large text',
    body: '<h1 style="font-size:60px">Bakery of the long afternoon</h1>',
    drive: settle,
  },
  {
    name: 'a background image',
    head: '<style>.hero { width: 400px; height: 300px; background: url("/image.png?wait=200") }</style>',
    body: '<div class="hero" id="picture"></div>',
    drive: look,
  },
  {
    name: 'an image that was preloaded',
    head: '<link rel="preload" as="image" href="/image.png?wait=100">',
    body: `<script>setTimeout(() => {
      document.querySelector('main').insertAdjacentHTML('beforeend', '<img src="/image.png?wait=100" width="400" height="300">');
    }, 400)</script>`,
    drive: async (tab) => {
      await tab.until(() => document.querySelector('main img')?.complete);
      await look(tab);
    },
  },
  {
    name: 'a largest element that is removed before the libraries are told',
    body: `<img id="gone" class="hero" src="/image.png?wait=300" width="400" height="300"
      onload="requestAnimationFrame(() => setTimeout(() => this.remove()))">`,
    drive: look,
  },
  {
    name: 'a largest element that is removed later',
    body: `<p>Bread.</p>${FIGURE('/image.png?wait=200')}`,
    drive: async (tab) => {
      await settle(tab);
      await tab.evaluate(() => document.querySelector('.hero').remove());
      await look(tab);
    },
  },
  {
    name: 'larger and larger elements',
    body: `<script>[150, 300, 450].forEach((ms, i) => setTimeout(() => {
      document.querySelector('main').insertAdjacentHTML('beforeend',
        '<h2 id="line-' + i + '" style="font-size:' + (30 + 20 * i) + 'px">Bread of the day, number ' + i + '</h2>');
    }, ms))</script>`,
    drive: async (tab) => {
      await tab.until(() => document.querySelectorAll('h2').length === 3);
      await look(tab);
    },
  },
  {
    name: 'a reload with everything in the cache',
    body: FIGURE('/cached.png'),
    documents: 2,
    navigations: ['navigate', 'reload'],
    drive: async (tab) => {
      await settle(tab);
      await tab.evaluate(() => { window.old = true; setTimeout(() => location.reload()); });
      await tab.until(() => !window.old);
      await ready(tab);
      await look(tab);
    },
  },
  {
    name: 'the way back to a page that is not in the back/forward cache',
    body: '<h1>Bakery</h1><script>addEventListener("unload", () => {})</script>',
    headers: { 'cache-control': 'no-store' },
    // WebKit keeps such a page all the same.
    not: ['webkit'],
    documents: 2,
    navigations: ['back-forward', 'navigate'],
    drive: async (tab, { elsewhere }) => {
      await settle(tab);
      await tab.goto(elsewhere);
      await wander(tab, -1);
    },
  },
  {
    name: 'a page that is left at once',
    body: FIGURE('/image.png'),
    // The script tag's beacon has not started yet.
    beacon: false,
    sees: ['FCP', 'TTFB'],
    hasty: true,
    drive: recording,
  },
];
