// In: `src/` and `index.html`. Out: the dashboard's files, hashed, for the collector to serve at `/`.
// Never: an inline script, an inline style or a `data:` address, which `default-src 'self'` refuses.

import preact from '@preact/preset-vite';
import { defineConfig, type Plugin } from 'vite';
import { firstLoad, firstView } from './budget.ts';
import { mock } from './mock/plugin.ts';

/** A collector to ask instead of the mock: `FORESIGHT_URL=http://127.0.0.1:3333 npm run dev`. */
const collector = process.env['FORESIGHT_URL'];

/** Holds the first paint until the script has chosen the theme, so that nothing flashes. */
const themeBeforePaint: Plugin = {
  name: 'theme-before-paint',
  transformIndexHtml: {
    order: 'post',
    handler: (html) => html.replaceAll('<script type="module"', '<script type="module" blocking="render"'),
  },
};

export default defineConfig({
  base: '/',
  plugins: [preact(), themeBeforePaint, firstView(), firstLoad(), ...(collector === undefined ? [mock()] : [])],
  server: {
    host: '127.0.0.1',
    ...(collector === undefined ? {} : { proxy: { '/api': collector } }),
  },
  preview: { host: '127.0.0.1' },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 300,
  },
});
