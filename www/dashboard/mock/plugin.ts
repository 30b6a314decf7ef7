// In: requests to `/api/v1/` of `npm run dev` and `npm run preview`. Out: the mock's answers, under
// the content security policy that the collector sets. Never: part of the built dashboard.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Plugin } from 'vite';
import { answer } from './answers.ts';
import { growthAnswer } from './growth.ts';
import { moneyAnswer } from './money.ts';

/** How long `slow.…` takes, in ms. */
const SLOW_MS = 4000;
/** What `broken.…` cannot answer. */
const BROKEN = ['series', 'shares', 'growth/leads'];
/** Who answers what begins like this. */
const ROOMS = { 'growth/': growthAnswer, 'money/': moneyAnswer };

function send(response: ServerResponse, status: number, body: object): void {
  response.statusCode = status;
  response.setHeader('content-type', status === 200 ? 'application/json' : 'application/problem+json');
  response.setHeader('cache-control', 'no-store');
  response.end(JSON.stringify(body));
}

const problem = (status: number, code: string, title: string, detail: string): object => ({ type: 'about:blank', title, status, code, detail });

function serve(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  const url = new URL(request.url ?? '/', 'http://mock');
  if (!url.pathname.startsWith('/api/v1/')) {
    next();
    return;
  }
  const name = url.pathname.slice('/api/v1/'.length);
  const site = url.searchParams.get('site') ?? '';
  if (site.startsWith('broken.') && BROKEN.includes(name)) {
    send(response, 503, problem(503, 'store_unavailable', 'Service unavailable', 'the store does not answer: connection refused'));
    return;
  }
  const room = Object.entries(ROOMS).find(([start]) => name.startsWith(start));
  const body = room === undefined ? answer(name, url.searchParams, Date.now()) : room[1](name.slice(room[0].length), url.searchParams, Date.now());
  const reply = (): void =>
    body === null
      ? send(response, 404, problem(404, 'not_found', 'Not found', `there is no ${url.pathname}`))
      : send(response, 200, body);
  setTimeout(reply, site.startsWith('slow.') ? SLOW_MS : 60);
}

/** Answers the API in place of a collector. */
export function mock(): Plugin {
  return {
    name: 'mock-api',
    apply: (_, env) => env.command === 'serve',
    configureServer: (server) => void server.middlewares.use(serve),
    configurePreviewServer: (server) => {
      server.middlewares.use((_request: IncomingMessage, response: ServerResponse, next: () => void) => {
        response.setHeader('content-security-policy', "default-src 'self'");
        next();
      });
      server.middlewares.use(serve);
    },
  };
}
