// A site and a collector in one small server for the beacon's tests.
//
// In: pages that a test defines, the built beacon in www/dist. Out: what the beacon posted. It
// answers as told and decides nothing; it listens on loopback only, on a free port.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PNG } from 'pngjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const TYPES = { html: 'text/html', js: 'text/javascript', wasm: 'application/wasm', png: 'image/png' };

export const TOKEN = 'f1.eyJoIjoibG9jYWxob3N0In0.c2lnbmF0dXJl';

/** An image with enough detail to count as a largest paint. */
const noise = () => {
  const image = new PNG({ width: 400, height: 300 });
  for (let i = 0; i < image.data.length; i++) image.data[i] = i % 4 == 3 ? 255 : (i * 2654435761) >>> 24;
  return PNG.sync.write(image);
};

/** WebKit's clock counts whole ms: a page that answers within one has no time to first byte. */
const ANSWER_MS = 3;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A page with the beacon's tag; `head` and `body` are HTML. */
export const html = (body, { head = '', tag = '' } = {}) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Bakery</title>
<meta name="viewport" content="width=device-width">${head}
<script async src="/beacon.js" data-site="${TOKEN}" ${tag}></script></head><body>${body}</body></html>`;

export class Site {
  static async start() {
    const site = new Site();
    site.server = createServer((request, response) => {
      site.serve(request, response).catch((error) => response.writeHead(500).end(String(error)));
    });
    await new Promise((resolve) => site.server.listen(0, '127.0.0.1', resolve));
    site.origin = `http://localhost:${site.server.address().port}`;
    return site;
  }

  pages = new Map();
  image = noise();
  reset() {
    /** What was posted to the collector: parsed batches with the request's headers. */
    this.batches = [];
    /** What the page's own reference posted. */
    this.references = [];
    /** Answers for the next batches: `[status, headers]`; 202 when empty. */
    this.answers = [];
    this.requests = [];
  }

  constructor() {
    this.reset();
  }

  /** Defines a page; `headers` are added to its answer. */
  page(path, content, headers = {}) {
    this.pages.set(path, { content, headers });
    return this.origin + path;
  }

  async serve(request, response) {
    const url = new URL(request.url, this.origin);
    this.requests.push(url.pathname);
    if (request.method == 'POST') return this.collect(request, url, response);
    if (url.searchParams.has('wait')) await sleep(Number(url.searchParams.get('wait')));
    const page = this.pages.get(url.pathname);
    if (page) {
      await sleep(ANSWER_MS);
      return response.writeHead(200, { 'content-type': 'text/html', ...page.headers }).end(page.content);
    }
    if (url.pathname == '/image.png') {
      return response.writeHead(200, { 'content-type': 'image/png' }).end(this.image);
    }
    if (url.pathname == '/favicon.ico') return response.writeHead(204).end();
    const file = await readFile(this.file(url.pathname)).catch(() => null);
    if (!file) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': TYPES[url.pathname.split('.').pop()] }).end(file);
  }

  file(path) {
    if (path.startsWith('/web-vitals.')) return here(`node_modules/web-vitals/dist${path}`);
    if (path.startsWith('/fixtures/') || path.startsWith('/differential/')) return here(`.${path}`);
    if (path.startsWith('/npm/')) return here(`../../www/beacon/dist${path.slice(4)}`);
    return here(`../../www/dist${path}`);
  }

  async collect(request, url, response) {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const value = JSON.parse(body);
    if (url.pathname == '/reference') {
      this.references.push(value);
      return response.writeHead(204).end();
    }
    this.batches.push({ ...value, path: url.pathname, headers: request.headers, bytes: body.length });
    const [status, headers] = this.answers.shift() ?? [202, {}];
    return response.writeHead(status, headers).end();
  }

  /** Waits until `ready(batches)` is true; fails with what is there. */
  async until(ready, what, ms = 8000) {
    const end = Date.now() + ms;
    while (!ready(this.batches)) {
      if (Date.now() > end) {
        throw new Error(`${what}: not within ${ms} ms; batches: ${JSON.stringify(this.batches)}`);
      }
      await sleep(20);
    }
  }

  /** All events of one kind that were posted, in order. */
  events(kind) {
    return this.batches.flatMap((batch) => batch.events).filter((event) => kind in event)
      .map((event) => event[kind]);
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
