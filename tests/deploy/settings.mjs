// The table of settings in docs/configure.md, made of foresight.example.toml: `node settings.mjs` writes it.
//
// In: the example, in which comments stand above the keys they explain. Out: a row for each key. Must never happen: a
// key without an explanation.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ROOT, read } from './files.mjs';

export const EXAMPLE = `${ROOT}foresight.example.toml`;
export const PAGE = `${ROOT}docs/configure.md`;
const BEGIN = '<!-- Made of foresight.example.toml by tests/deploy/settings.mjs. -->\n';
const END = '<!-- End of the table. -->\n';

/** Every key with its default and the comment above it; of keys that share one, the others name the first. */
export const settings = (text) => text.split(/\n\n+/).flatMap((block) => {
  const lines = block.split('\n');
  const meaning = lines.filter((line) => line.startsWith('#')).map((line) => line.replace(/^# ?/, '')).join(' ');
  const keys = lines.filter((line) => /^\w+ = /.test(line)).map((line) => line.match(/^(\w+) = (.+)$/).slice(1));
  if (keys.length && !meaning) throw new Error(`nothing explains ${keys}`);
  return keys.map(([key, value], index) => ({ key, value, meaning: index ? `see \`${keys[0][0]}\`` : meaning }));
});

export const table = (text) => ['| key | default | meaning |', '|---|---|---|',
  ...settings(text).map(({ key, value, meaning }) => `| \`${key}\` | \`${value}\` | ${meaning.replaceAll('|', '\\|')} |`)]
  .map((line) => `${line}\n`).join('');

/** The page with the table that it should have. */
export const page = (written, text) => {
  const [begin, end] = [written.indexOf(BEGIN), written.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error('docs/configure.md has no place for the table');
  return `${written.slice(0, begin + BEGIN.length)}\n${table(text)}\n${written.slice(end)}`;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PAGE, page(read(PAGE), read(EXAMPLE)));
