// A site's own project, with the package installed from its tarball as npm would.
//
// In: the built package. Out: a temporary directory in which bundlers find it, and what they make of
// a script. Nothing is resolved by an alias, because sites have none.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import webpack from 'webpack';

const www = new URL('../../www/', import.meta.url);
const require = createRequire(new URL('package.json', www));
export const execute = promisify(execFile);

/** A program that npm installed, beside the tests or in `www`. */
export const program = (name, from = import.meta.url) =>
  fileURLToPath(new URL(`node_modules/.bin/${name}`, from));
export const compiler = program('tsc', www);

const page = (script) =>
  `<!doctype html><title>Npm</title><h1>Bread</h1><button id="order">Order</button><script type="module" src="${script}"></script>`;

export class Project {
  static async create() {
    const project = new Project();
    project.dir = await mkdtemp(join(tmpdir(), 'beacon-npm-'));
    const { stdout } = await execute('npm', ['pack', '--json', '--pack-destination', project.dir], {
      cwd: fileURLToPath(new URL('beacon/', www)),
    });
    const packed = JSON.parse(stdout);
    const { filename, files } = Array.isArray(packed) ? packed[0] : Object.values(packed)[0];
    project.tarball = join(project.dir, filename);
    project.files = files.map(({ path }) => path);
    await writeFile(join(project.dir, 'package.json'), '{ "private": true, "type": "module" }');
    await execute('npm', ['install', '--offline', '--no-audit', '--no-fund', project.tarball], { cwd: project.dir });
    // For comparison.
    await symlink(fileURLToPath(new URL('node_modules/web-vitals', import.meta.url)),
      join(project.dir, 'node_modules/web-vitals'));
    return project;
  }

  async remove() {
    await rm(this.dir, { recursive: true });
  }

  path(...names) {
    return join(this.dir, ...names);
  }

  /** Bundles `name.js` by esbuild into one directory of that name. */
  async esbuild(name, options = {}) {
    const outdir = this.path(`${name}-esbuild`);
    await require('esbuild').build({
      absWorkingDir: this.dir, entryPoints: [`${name}.js`], bundle: true, format: 'esm', splitting: true,
      outdir, logLevel: 'silent', ...options,
    });
    await writeFile(join(outdir, 'index.html'), page(`${name}.js`));
    return outdir;
  }

  /** Builds `name.js` by Vite; its files are to be served under `base`. */
  async vite(name, base) {
    const outDir = this.path(`${name}-vite`);
    const { build } = await import(new URL('node_modules/vite/dist/node/index.js', www));
    await writeFile(this.path('index.html'), page(`/${name}.js`));
    await build({ root: this.dir, base, configFile: false, logLevel: 'silent', build: { outDir } });
    return outDir;
  }

  /** Bundles `name.js` by webpack. */
  async webpack(name) {
    const path = this.path(`${name}-webpack`);
    const bundler = webpack({
      mode: 'production', context: this.dir, entry: `./${name}.js`,
      output: { path, filename: `${name}.js`, publicPath: 'auto' },
      performance: { hints: false },
    });
    const stats = await promisify(bundler.run.bind(bundler))();
    await promisify(bundler.close.bind(bundler))();
    const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
    if (errors.length + warnings.length) throw new Error(JSON.stringify([...errors, ...warnings]));
    await writeFile(join(path, 'index.html'), page(`${name}.js`));
    return path;
  }
}

/** Serves the files of a directory as a site's pages. */
export const serve = async (site, from, prefix) => {
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const type = entry.name.endsWith('.js') ? 'text/javascript' : 'text/html';
    site.page(prefix + path.slice(from.length), await readFile(path), { 'content-type': type });
  }
};
