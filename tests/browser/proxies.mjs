// Reverse proxies in front of a collector, with the configuration that docs/hosting.md recommends.
//
// In: the collector's address, and that of a site for everything else. Out: nginx or Caddy, as Debian
// has them, on a free port of loopback. The snippets are read from the page, so that it cannot say
// something that does not work. Must never happen: a proxy that outlives its test.

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './collector.mjs';

/** The address in the snippets, which the tests replace. */
const DOCUMENTED = '127.0.0.1:3333';

/** The snippet in docs/hosting.md in that language, for that collector. */
const snippet = (language, collector) => {
  const page = readFileSync(new URL('../../docs/hosting.md', import.meta.url), 'utf8');
  const [, text] = page.match(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'm')) ?? [];
  if (!text?.includes(DOCUMENTED)) throw new Error(`docs/hosting.md has no ${language} for ${DOCUMENTED}`);
  return text.replace(DOCUMENTED, new URL(collector).host);
};

const nginx = ({ directory, port, collector, site }) => {
  for (const kind of ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) mkdirSync(join(directory, kind));
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${join(directory, kind)};`).join('\n');
  const file = join(directory, 'nginx.conf');
  writeFileSync(file, `daemon off; worker_processes 1; pid ${join(directory, 'pid')}; error_log stderr warn;
events {}
http {
  access_log off; gzip on; gzip_types *;
  ${places}
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass ${site}; proxy_set_header Host $http_host; }
    ${snippet('nginx', collector)}
  }
}`);
  return ['nginx', ['-p', directory, '-c', file, '-e', 'stderr']];
};

const caddy = ({ directory, port, collector, site }) => {
  const file = join(directory, 'Caddyfile');
  writeFileSync(file, `{
  admin off
  auto_https off
  storage file_system ${directory}
}
http://localhost:${port} {
  bind 127.0.0.1
  encode gzip
  ${snippet('caddyfile', collector)}
  handle {
    reverse_proxy ${site}
  }
}`);
  return ['caddy', ['run', '--config', file, '--adapter', 'caddyfile']];
};

const PROXIES = { nginx, caddy };
export const NAMES = Object.keys(PROXIES);

/** A port that was free a moment ago: neither proxy says which one it took. */
const freePort = () => new Promise((resolve, reject) => {
  const server = createServer().on('error', reject).listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

/** Starts one. `collector` and `site` are origins. */
export async function startProxy(name, { collector, site }) {
  const directory = mkdtempSync(join(tmpdir(), `foresight-${name}-`));
  const port = await freePort();
  const [program, args] = PROXIES[name]({ directory, port, collector, site });
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOME: directory } });
  const log = [];
  child.stderr.on('data', (part) => log.push(part));
  let over;
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(over = error));
    child.once('exit', (code, signal) => resolve(over = `it ended with ${signal ?? code}`));
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(directory, { recursive: true });
  };
  const origin = `http://localhost:${port}`;
  try {
    await until(`${name} to answer`, () => {
      if (over) throw new Error(`${name}: ${over}; its log:\n${Buffer.concat(log)}`);
      return fetch(origin).then(() => true, () => false);
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { origin, stop };
}
