// The part of the package that is loaded after the page: the wasm and its page's side.
//
// In: the context of `early.js`. Out: a running beacon, or an error.

import * as glue from './foresight_beacon_bg.js';
import { links } from './links.js';
import { activated, connect } from './page.js';
import base64 from './beacon.wasm';

export default async (context) => {
  links(context);
  if (context.off) return;
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const imports = { './foresight_beacon_bg.js': glue };
  const { instance } = await WebAssembly.instantiate(bytes, imports);
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start?.();
  await activated();
  connect({ ...glue, memory: instance.exports.memory }, context);
};
