// Cases of what visitors do. See cases.mjs for what a case is.

import { all, press, settle } from './steps.mjs';

const BODY = '<h1>Bakery</h1><p style="height:3000px">Bread.</p>';
const types = ['event', 'largest-contentful-paint'];
const sees = ['LCP', 'CLS', 'INP', 'FCP', 'TTFB'];

export const INPUTS = [
  {
    name: 'one quick click',
    body: BODY,
    types,
    sees,
    drive: async (tab) => {
      await settle(tab);
      await press(tab, 'quick');
    },
  },
  {
    name: 'one slow click, before anything has settled',
    body: BODY,
    types,
    sees,
    drive: (tab) => press(tab, 'slow'),
  },
  {
    name: 'several clicks, quick and slow',
    body: BODY,
    types,
    sees,
    drive: async (tab) => {
      for (const control of ['quick', 'slow', 'quick', 'frames', 'slow']) {
        await press(tab, control);
      }
    },
  },
  {
    name: 'more than fifty clicks, three of them slow',
    body: BODY,
    types,
    sees,
    drive: async (tab) => {
      await settle(tab);
      for (let click = 0; click < 57; click += 1) {
        await tab.click([5, 20, 40].includes(click) ? '#slow' : '#quick');
      }
      await settle(tab);
    },
  },
  {
    name: 'keys',
    body: BODY,
    types,
    sees,
    drive: async (tab) => {
      await tab.press('Tab');
      await press(tab, 'text');
      await tab.type('#text', 'rye');
      await settle(tab);
    },
  },
  {
    name: 'scrolling, then an image that is larger',
    body: `${BODY}<script>addEventListener('scroll', () => setTimeout(() => {
      document.querySelector('main').insertAdjacentHTML('afterbegin', '<img src="/image.png" width="600" height="450">');
    }, 100), { once: true })</script>`,
    types,
    drive: async (tab) => {
      await settle(tab);
      await tab.scroll(300);
      await tab.until(() => document.querySelector('main img')?.complete);
      await settle(tab);
    },
  },
  {
    name: 'an element that its own click removes',
    body: `<figure class="hero"><button id="own" style="height:80px" onclick="this.remove()">Away</button></figure>${BODY}`,
    types,
    sees,
    drive: async (tab) => {
      await press(tab, 'own');
    },
  },
  {
    name: 'long animation frames around a click',
    body: BODY,
    types: ['long-animation-frame'],
    sees,
    drive: async (tab) => {
      await settle(tab);
      await tab.evaluate(() => { later(() => busy(150), 20); });
      await tab.click('#slow');
      await press(tab, 'frames');
    },
  },
  {
    name: 'every event of the frame is asked for',
    body: BODY,
    registrations: all({ includeProcessedEventEntries: true }),
    types,
    sees,
    drive: async (tab) => {
      await press(tab, 'slow');
      await press(tab, 'quick');
    },
  },
  {
    name: 'no event of the frame is asked for',
    body: BODY,
    registrations: all({ includeProcessedEventEntries: false }),
    types,
    sees,
    drive: (tab) => press(tab, 'slow'),
  },
  {
    name: 'short interactions count too',
    body: BODY,
    registrations: all({ durationThreshold: 0 }),
    beacon: false,
    types,
    sees,
    drive: async (tab) => {
      await press(tab, 'quick');
      await press(tab, 'quick');
    },
  },
  {
    name: 'only long interactions count',
    body: BODY,
    registrations: all({ durationThreshold: 100 }),
    beacon: false,
    types,
    sees,
    drive: async (tab) => {
      await press(tab, 'quick');
      await press(tab, 'text');
      await tab.type('#text', 'r');
      await press(tab, 'slow');
    },
  },
];
