// Instantiates the wasm and connects it to the page.
//
// In: the loader's context. Out: links for everybody; and for a visitor who is measured a running
// beacon, or an error, after which the loader counts the view by itself. Neither `eval` nor inline
// code, so a strict content security policy needs only `'wasm-unsafe-eval'` and the collector.

import { links } from './links.js';
import { activated, connect } from './page.js';

export default async (context) => {
  links(context);
  if (context.off) return;
  // Nothing is imported: only numbers cross. It is too small to gain from streaming, which would need
  // a second way for servers between that change the content type.
  const response = await fetch(new URL('beacon.wasm', import.meta.url), { priority: 'low' });
  const { instance } = await WebAssembly.instantiate(await response.arrayBuffer());
  await activated();
  connect(instance.exports, context);
};
