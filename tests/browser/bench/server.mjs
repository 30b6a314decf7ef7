// Serves the page with each script, and takes what they post.
//
// In: scripts. Out: pages at /page/<number of the script>; for each load the requests and bytes that
// the script caused. Everything that compresses is sent as brotli, as a real server would. It listens
// on loopback only and answers at once, so that a load differs from another by its script alone.

import { createServer } from 'node:http';
import { brotliCompressSync } from 'node:zlib';
import { PNG } from 'pngjs';

const TYPES = { js: 'text/javascript', wasm: 'application/wasm' };
/** How late the page's largest image is, in ms: late enough for scripts to be in its way. */
const IMAGE_MS = 250;

/** An image with enough detail to count as a largest paint. */
const image = () => {
  const png = new PNG({ width: 600, height: 400 });
  for (let i = 0; i < png.data.length; i++) png.data[i] = i % 4 == 3 ? 255 : (i * 2654435761) >>> 24;
  return PNG.sync.write(png);
};

/** A page with some work of its own: styles, a list, an image, a button, a late banner. */
const page = (head) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bakery</title>
${head}<style>body{font:18px serif;margin:2em}li{padding:4px}</style></head><body>
<h1>Bread of the long afternoon</h1><button id="order" style="position:fixed;top:10px;right:10px">Order</button>
<div id="banner"></div><img src="/image.png" width="600" height="400" alt=""><ul id="menu"></ul><script>
const list = Array.from({ length: 300 }, (_, i) => '<li>Loaf ' + i + '</li>').join('');
menu.innerHTML = list;
const spin = (ms) => { const end = performance.now() + ms; while (performance.now() < end); };
order.onclick = () => { spin(60); order.textContent += '.'; };
setTimeout(() => { banner.style.height = '60px'; }, 400);
</script></body></html>`;

export class Server {
  static async start(scripts) {
    const server = new Server(scripts);
    await new Promise((resolve) => server.http.listen(0, '127.0.0.1', resolve));
    server.origin = `http://localhost:${server.http.address().port}`;
    return server;
  }

  constructor(scripts) {
    this.pages = scripts.map(({ head }) => page(head));
    this.image = image();
    this.files = new Map(scripts.flatMap(({ files }) => Object.entries(files))
      .map(([path, content]) => [path, brotliCompressSync(content)]));
    this.http = createServer((request, response) => this.serve(request, response));
    this.reset();
  }

  /** Another load begins. */
  reset() {
    this.requests = 0;
    this.bytes = 0;
    this.posted = 0;
  }

  serve(request, response) {
    const { pathname } = new URL(request.url, this.origin);
    // LUX tells by the address of an image, the others post.
    if (request.method == 'POST' || pathname.startsWith('/collect/')) return this.take(request, response);
    const [, number] = pathname.match(/^\/page\/(\d+)$/) ?? [];
    if (number) return response.writeHead(200, { 'content-type': 'text/html' }).end(this.pages[number]);
    if (pathname == '/image.png') {
      return setTimeout(() => response.writeHead(200, { 'content-type': 'image/png' }).end(this.image), IMAGE_MS);
    }
    const file = this.files.get(pathname);
    if (!file) return response.writeHead(404).end();
    this.requests++;
    this.bytes += file.length;
    response.writeHead(200, {
      'content-type': TYPES[pathname.split('.').pop()], 'content-encoding': 'br',
      'access-control-allow-origin': '*', 'cache-control': 'no-store',
    }).end(file);
  }

  take(request, response) {
    this.requests++;
    this.posted++;
    this.bytes += request.url.length;
    request.on('data', (part) => { this.bytes += part.length; });
    request.on('end', () => response.writeHead(202).end());
  }

  async stop() {
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
  }
}
