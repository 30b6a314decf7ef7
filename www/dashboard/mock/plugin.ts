// In: requests to `/api/` of `npm run dev` and `npm run preview`. Out: the mock's answers, under
// the content security policy that the collector sets. Never: part of the built dashboard.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Plugin } from 'vite';
import { accessAnswer, type Ask } from './access.ts';
import { answer } from './answers.ts';
import { asCsv } from './csv.ts';
import { fleetAnswer } from './fleet.ts';
import { growthAnswer } from './growth.ts';
import { stream } from './live.ts';
import { moneyAnswer } from './money.ts';

/** How long `slow.…` takes, in ms. */
const SLOW_MS = 4000;
/** What `broken.…` cannot answer. */
const BROKEN = ['series', 'shares', 'growth/leads'];

function send(response: ServerResponse, status: number, body: object | null, cookie?: string): void {
  response.statusCode = status;
  response.setHeader('content-type', status < 300 ? 'application/json' : 'application/problem+json');
  response.setHeader('cache-control', 'no-store');
  if (status === 429 || status === 503) {
    response.setHeader('retry-after', '60');
  }
  if (cookie !== undefined) {
    response.setHeader('set-cookie', cookie);
  }
  response.end(body === null ? undefined : JSON.stringify(body));
}

const problem = (status: number, code: string, title: string, detail: string): object => ({ type: 'about:blank', title, status, code, detail });

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = [];
  for await (const part of request) {
    parts.push(part as Buffer);
  }
  const text = Buffer.concat(parts).toString();
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

function cookiesOf(request: IncomingMessage): Record<string, string> {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('=') as [string, string?]);
  return Object.fromEntries(pairs.map(([name, value = '']) => [name, value]));
}

/** What was measured, or null if there is no such address. */
function report(name: string, query: URLSearchParams): object | null {
  const now = Date.now();
  if (name.startsWith('growth/')) {
    return growthAnswer(name.slice('growth/'.length), query, now);
  }
  if (name.startsWith('money/')) {
    return moneyAnswer(name.slice('money/'.length), query, now);
  }
  return fleetAnswer(name, query, now) ?? answer(name, query, now);
}

async function reply(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const name = url.pathname.slice('/api/v1/'.length);
  const query = url.searchParams;
  const ask: Ask = {
    method: request.method ?? 'GET',
    name,
    query,
    body: await bodyOf(request),
    cookies: cookiesOf(request),
    csrf: request.headers['x-foresight-csrf'] as string | undefined,
  };
  const said = accessAnswer(ask);
  if (said !== null) {
    send(response, said.status, said.body, said.cookie);
    return;
  }
  if (name === 'live') {
    stream(response);
    return;
  }
  const site = query.get('site') ?? '';
  if (site.startsWith('broken.') && BROKEN.includes(name)) {
    send(response, 503, problem(503, 'store_unavailable', 'Service unavailable', 'the store does not answer: connection refused'));
    return;
  }
  const body = report(name, query);
  if (body !== null && query.get('format') === 'csv') {
    response.setHeader('content-type', 'text/csv; charset=utf-8');
    response.end(asCsv(body));
    return;
  }
  setTimeout(
    () => (body === null ? send(response, 404, problem(404, 'not_found', 'Not found', `there is no ${url.pathname}`)) : send(response, 200, body)),
    site.startsWith('slow.') ? SLOW_MS : 60,
  );
}

function serve(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  const url = new URL(request.url ?? '/', 'http://mock');
  if (url.pathname === '/api/ready') {
    send(response, 200, { ready: true });
  } else if (url.pathname.startsWith('/api/v1/')) {
    reply(request, response, url).catch((cause: unknown) => send(response, 500, problem(500, 'mock', 'The mock failed', String(cause))));
  } else {
    next();
  }
}

/** Answers the API in place of a collector. */
export function mock(): Plugin {
  return {
    name: 'mock-api',
    apply: (_, env) => env.command === 'serve',
    configureServer: (server) => void server.middlewares.use(serve),
    configurePreviewServer: (server) => {
      server.middlewares.use((_request: IncomingMessage, response: ServerResponse, next: () => void) => {
        response.setHeader('content-security-policy', "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
        next();
      });
      server.middlewares.use(serve);
    },
  };
}
