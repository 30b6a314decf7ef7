// The dashboard as it is built, with the mock of the API and the collector's content security policy. In: nothing.
// Out: its address, and a way to stop it. Must never happen: a test of files that were built from something else.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const www = new URL('../../www/', import.meta.url);
const root = fileURLToPath(new URL('dashboard/', www));

/** Builds into a directory of its own, so that `www/dist` stays what the collector holds, and serves it. */
export async function startDashboard() {
  const { build, preview } = await import(new URL('node_modules/vite/dist/node/index.js', www).href);
  const directory = mkdtempSync(join(tmpdir(), 'foresight-dashboard-'));
  const options = { root, logLevel: 'error', build: { outDir: directory, emptyOutDir: true } };
  await build(options);
  const server = await preview({ ...options, preview: { host: '127.0.0.1', port: 0, strictPort: false } });
  const { port } = server.httpServer.address();
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      server.httpServer.closeAllConnections();
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
