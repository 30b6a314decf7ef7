// Instantiates the wasm and connects it to the page.
//
// In: the loader's context. Out: links for everybody; and for a visitor who is measured a running
// beacon, or an error, after which the loader counts the view by itself. Neither `eval` nor inline
// code, so a strict content security policy needs only `'wasm-unsafe-eval'` and the collector.

import { later, post, vital, waiting } from './batch.js';
import { links } from './links.js';
import { activated, connect } from './page.js';

const url = new URL('beacon.wasm', import.meta.url);
// wasm-bindgen links functions that take only numbers without glue, so there is none.
const imports = { './batch.js': { later, post, vital, waiting } };

const instantiate = async () => {
  try {
    return await WebAssembly.instantiateStreaming(fetch(url), imports);
  } catch {
    // Old browsers, and servers between that change the content type.
    return WebAssembly.instantiate(await (await fetch(url)).arrayBuffer(), imports);
  }
};

export default async (context) => {
  links(context);
  if (context.off) return;
  const { instance } = await instantiate();
  await activated();
  connect(instance.exports, context);
};
