// The wasm of the drop-in: part of the module as base64, so that every bundler takes it.
//
// In: a registration. Out: it runs, and may have instances of the wasm. That is at once: it is small
// enough to be compiled while the page waits. Where the browser refuses that, the registration waits.
// Where there is no page, or the page's policy refuses wasm, nothing is measured and nothing is thrown.

import base64 from './beacon.wasm';

let module;
// What was instantiated ahead: a registration has at most two meters.
const spare = [];

const load = () => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** An instance: the functions of beacon/src/drop_in.rs with one meter. */
export const instance = () => (spare.pop() ?? new WebAssembly.Instance(module)).exports;

/** Runs `register` when there are instances. */
export const withWasm = (register) => {
  if (typeof document == 'undefined') return;
  try {
    module ??= new WebAssembly.Module(load());
    spare.push(new WebAssembly.Instance(module));
  } catch {
    // Chromium before 115 makes no more than 4 KB of wasm while the page waits.
    const make = () => WebAssembly.instantiate(load()).then(({ instance }) => spare.push(instance));
    Promise.all([make(), make()]).then(register)
      .catch((error) => console.warn('foresight: vitals are not measured:', error));
    return;
  }
  register();
};
