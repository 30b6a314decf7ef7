// The script tag's beacon with its wasm translated to JavaScript: what does wasm cost over the same code?
//
// In: www/loader, the built wasm, and binaryen's `wasm2js` of www. Out: a script for scripts.mjs that
// does the same in two files instead of three. A port by hand would be smaller; this one is sure to do the
// same. Must never happen: other code than that of the script tag beside the translation.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const WWW = here('../../../www');
const FEATURES = ['--enable-bulk-memory', '--enable-bulk-memory-opt', '--enable-nontrapping-float-to-int'];

/** boot.js, with the functions imported instead of fetched. */
const BOOT = (translation) => `
import { links } from './links.js';
import { activated, connect } from './page.js';
import * as exports from ${JSON.stringify(translation)};
export default async (context) => {
  links(context);
  if (context.off) return;
  await activated();
  connect(exports, context);
};`;

/** Bundles and minifies as xtask/src/beacon.rs does. */
const pack = async (directory, kind, contents, names, define = {}) => {
  const from = join(directory, 'from.js');
  const to = join(directory, 'to.js');
  const { outputFiles, mangleCache } = await build({
    stdin: { contents, resolveDir: join(WWW, 'loader') },
    bundle: true, write: false, charset: 'utf8', target: 'es2021', logLevel: 'error', define,
    format: kind === 'module' ? 'esm' : 'iife',
    mangleProps: new RegExp(`^(${Object.keys(names).join('|')})$`), mangleCache: names,
  });
  writeFileSync(from, outputFiles[0].contents);
  execFileSync('node', [join(WWW, 'minify.mjs'), kind, from, to], { cwd: WWW });
  return { file: readFileSync(to), names: mangleCache };
};

/** The files to serve, with the page's head, as scripts.mjs wants them. */
export const translated = async (name, wasm, token) => {
  const directory = mkdtempSync(join(tmpdir(), 'foresight-translated-'));
  try {
    const module = join(directory, 'vitals.mjs');
    execFileSync(join(WWW, 'node_modules/binaryen/bin/wasm2js'), ['-Oz', ...FEATURES, wasm, '-o', module]);
    const names = JSON.parse(readFileSync(join(WWW, 'loader/names.json')));
    const glue = await pack(directory, 'module', BOOT(module), names);
    const loader = readFileSync(join(WWW, 'loader/loader.js'), 'utf8');
    const { file } = await pack(directory, 'script', loader, glue.names, { BUILD: '"translated/beacon.js"' });
    return {
      name,
      head: `<script async src="/translated.js" data-site="${token}"></script>`,
      files: { '/translated.js': file, '/translated/beacon.js': glue.file },
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
};
