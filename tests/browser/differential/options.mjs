// Cases of how the libraries are called. See cases.mjs for what a case is.

import { all, NAMES, press, settle, shift } from './steps.mjs';

const BODY = `<h1 data-role="title">Bakery</h1>
<figure class="hero" data-role="picture"><img data-role="image" src="/image.png?wait=200" width="400" height="300"></figure>`;
const sees = ['LCP', 'CLS', 'INP', 'FCP', 'TTFB'];

const use = async (tab) => {
  await settle(tab);
  await press(tab, 'slow');
  await tab.evaluate(() => new Promise((done) => setTimeout(done, 600)));
  await shift(tab, 40);
};

export const OPTIONS = [
  { name: 'every change', body: BODY, registrations: all({ reportAllChanges: true }), sees, drive: use },
  { name: 'targets of the page\'s own making', body: BODY, registrations: all({ generateTarget: 'byRole' }), sees, drive: use },
  { name: 'targets that the page does not know', body: BODY, registrations: all({ generateTarget: 'nothing' }), sees, drive: use },
  {
    name: 'two callbacks for each metric',
    body: BODY,
    registrations: [...all(), ...all({ reportAllChanges: true, generateTarget: 'byRole' }, 'again')],
    sees,
    drive: use,
  },
  {
    name: 'two callbacks that share their options',
    body: BODY,
    registrations: ['first', 'again'].flatMap((as) =>
      NAMES.map((on) => ({ on, as: `${on} ${as}`, options: {}, shared: 'options' }))),
    beacon: false,
    sees,
    drive: use,
  },
  {
    name: 'a late registration',
    body: BODY,
    registrations: [],
    beacon: false,
    sees,
    drive: async (tab) => {
      await use(tab);
      await tab.evaluate((list) => window.recorder.register(list), all());
      await settle(tab);
      await press(tab, 'frames');
    },
  },
  {
    name: 'a registration after the page was hidden',
    body: BODY,
    registrations: [{ on: 'TTFB', as: 'TTFB first' }],
    beacon: false,
    sees: ['TTFB'],
    drive: async (tab) => {
      await use(tab);
      await tab.hide();
      await tab.show();
      await tab.evaluate((list) => window.recorder.register(list), all());
      await settle(tab);
      await press(tab, 'slow');
    },
  },
  {
    name: 'few resources are remembered',
    body: `${BODY}<script>for (let i = 0; i < 5; i++) fetch('/image.png?copy=' + i)</script>`,
    registrations: all({ resourceBufferSize: 1 }),
    types: ['largest-contentful-paint'],
    sees,
    drive: use,
  },
];
