// In: what Vite is about to write. Out: how many bytes each view's first load is, as the collector sends it: the page,
// its code and its styles, compressed with brotli; and what the page asks for ahead. Never: a build that is larger than
// `budget.json` allows.

import { brotliCompressSync } from 'node:zlib';
import type { Plugin, Rollup } from 'vite';
import budget from './budget.json' with { type: 'json' };

type Bundle = Rollup.OutputBundle;

const size = (content: string | Uint8Array): number => brotliCompressSync(content).length;

/** Everything that is loaded for a piece of code: itself, what it imports, and their styles. */
function filesOf(name: string, bundle: Bundle, seen = new Set<string>()): Set<string> {
  const chunk = bundle[name];
  if (chunk === undefined || chunk.type !== 'chunk' || seen.has(name)) {
    return seen;
  }
  seen.add(name);
  for (const style of chunk.viteMetadata?.importedCss ?? []) {
    seen.add(style);
  }
  chunk.imports.forEach((next) => filesOf(next, bundle, seen));
  return seen;
}

/** The view that people open the dashboard with. */
const FIRST = 'OverviewPage.tsx';

/** The first view's files, which the page asks for before its code does: in turn, each would wait for the one before. */
function ahead(bundle: Bundle): Set<string> {
  const view = Object.values(bundle).find((file) => file.type === 'chunk' && file.facadeModuleId?.endsWith(FIRST));
  return view === undefined ? new Set() : filesOf(view.fileName, bundle);
}

/** Has the page ask for the first view's files at once. */
export function firstView(): Plugin {
  return {
    name: 'first-view',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (html, { bundle }) => {
        const files = [...ahead(bundle ?? {})].filter((name) => name.endsWith('.js') && !html.includes(name));
        if (files.length === 0) {
          throw new Error(`there is no ${FIRST}`);
        }
        return files.map((name) => ({ tag: 'link', attrs: { rel: 'modulepreload', href: `/${name}`, crossorigin: true }, injectTo: 'head' as const }));
      },
    },
  };
}

/** Bytes of each view's first load, largest first. */
export function loads(bundle: Bundle): [string, number][] {
  const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
  const entry = chunks.find((chunk) => chunk.isEntry);
  if (entry === undefined) {
    throw new Error('nothing is loaded first');
  }
  const page = Object.values(bundle).filter((file) => file.fileName.endsWith('.html'));
  return entry.dynamicImports
    .map((view): [string, number] => {
      const names = new Set([...filesOf(entry.fileName, bundle), ...ahead(bundle), ...filesOf(view, bundle)]);
      const files = [...page, ...[...names].map((name) => bundle[name])];
      const bytes = files.reduce((sum, file) => sum + (file === undefined ? 0 : size(file.type === 'chunk' ? file.code : file.source)), 0);
      return [view.replace(/^assets\/|-[\w-]{8}\.js$/g, ''), bytes];
    })
    .sort(([, a], [, b]) => b - a);
}

/** Fails the build if a view's first load is too large. */
export function firstLoad(): Plugin {
  return {
    name: 'first-load',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const most = budget.first_load_brotli_bytes;
        const sizes = loads(bundle);
        this.info(`first load, brotli: ${sizes.map(([view, bytes]) => `${view} ${(bytes / 1024).toFixed(1)} KB`).join(', ')}; at most ${most / 1024} KB`);
        const large = sizes.filter(([, bytes]) => bytes > most);
        if (large.length > 0) {
          this.error(`larger than budget.json allows: ${large.map(([view, bytes]) => `${view} ${bytes} of ${most} bytes`).join(', ')}`);
        }
      },
    },
  };
}
