// `<script async src="https://collector.example/beacon.js" data-site="TOKEN">`
//
// In: its own script element. Out: `window.foresight`, and after the page has loaded the beacon
// itself, imported from an address that names its content. BUILD is that address, filled in by the
// build. It must stay tiny, never block the page and never throw into it.

import { start } from './early.js';

/* global BUILD */
try {
  const { src, dataset } = document.currentScript;
  const early = window.foresight;
  // A second copy of the script would count everything twice.
  if (dataset.site && !early?.share) {
    const api = start(
      dataset,
      new URL(dataset.endpoint || '/v1/batches', src),
      (context) => import(new URL(BUILD, src)).then((beacon) => beacon.default(context)),
    );
    window.foresight = api;
    // Calls from before this script was there: `(window.foresight ||= []).push(['lead', 'table'])`.
    early?.forEach(api.push);
  }
} catch { /* measuring is never worth an error in the page */ }
