// Minifies a bundle of the beacon: `node minify.mjs module|script in.js out.js`.
//
// In: what esbuild has bundled. Out: the same program, shorter. esbuild's own minifier leaves 6% more
// (beacon/BENCHMARK.md); `unsafe` rules out only what the beacon does not do, such as replacing
// `Array.prototype` or reading a function's `length`.

import { readFileSync, writeFileSync } from 'node:fs';
import { minifySync } from '@swc/core';

const [kind, from, to] = process.argv.slice(2);
const ecma = 2021;
const { code } = minifySync(readFileSync(from, 'utf8'), {
  module: kind == 'module',
  toplevel: kind == 'module',
  // A script's names would become the page's.
  ecma,
  compress: {
    ecma,
    passes: 5,
    // Measured: in the loader, commas instead of statements are no shorter once they are compressed.
    sequences: kind == 'module',
    keep_fargs: false,
    unsafe: true,
    unsafe_arrows: true,
    unsafe_methods: true,
    unsafe_math: true,
    unsafe_undefined: true,
  },
  mangle: true,
});
writeFileSync(to, code);
