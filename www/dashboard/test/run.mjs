// In: every `test/*.test.ts`. Out: the exit code of `node --test` over them, bundled by esbuild.
// Never: a pass because no test was found, or because an old bundle was still there.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

const here = import.meta.dirname;
const sources = readdirSync(here).filter((name) => name.endsWith('.test.ts'));
if (sources.length === 0) {
  throw new Error('no test files in test/');
}
const out = mkdtempSync(join(tmpdir(), 'foresight-dashboard-test-'));
try {
  await build({
    entryPoints: sources.map((name) => join(here, name)),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    outdir: out,
    outExtension: { '.js': '.mjs' },
    logLevel: 'warning',
  });
  const files = sources.map((name) => join(out, name.replace(/\.ts$/, '.mjs')));
  const run = spawnSync(process.execPath, ['--enable-source-maps', '--test', ...files], {
    stdio: 'inherit',
    // A zone with a half-hour offset and daylight saving: a test that assumes UTC fails.
    env: { ...process.env, TZ: 'Australia/Adelaide' },
  });
  process.exitCode = run.status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
