// Pictures of the dashboard for the README and for people who judge it. In: a browser and the dashboard. Out: files in
// www/screenshots. Must never happen: a picture of a view that is not drawn yet.

import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Looker } from './dashboard-visitor.mjs';

const LOOKS = {
  light: { width: 1440, height: 900, scheme: 'light', views: ['overview', 'fleet', 'vitals', 'growth', 'live', 'sites', 'users'] },
  dark: { width: 1440, height: 900, scheme: 'dark', views: ['overview', 'fleet', 'vitals'] },
  phone: { width: 390, height: 844, scheme: 'light', views: ['overview', 'fleet', 'vitals'] },
};

export async function takePictures(browser, url) {
  const directory = fileURLToPath(new URL('../../www/screenshots', import.meta.url));
  mkdirSync(directory, { recursive: true });
  const looker = await Looker.open(browser, url);
  for (const [look, { width, height, scheme, views }] of Object.entries(LOOKS)) {
    await looker.tab.page.setViewport({ width, height });
    for (const name of views) {
      await looker.view(name);
      await looker.theme(scheme);
      // Each part has been answered then.
      await looker.tab.until(() => document.querySelector('[data-testid="updated-at"]').dataset.value !== '');
      await looker.tab.page.screenshot({ path: `${directory}/view-${name}-${look}.png`, fullPage: true });
    }
  }
  await looker.close();
}
