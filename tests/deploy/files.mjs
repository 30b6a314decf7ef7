// Where things are, and running programs that must succeed.
//
// In: nothing. Out: the configuration as it is deployed, read. Must never happen: a program that fails and is
// taken for a success, or whose message is lost.

import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** The repository. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const DEPLOY = `${ROOT}deploy`;
export const PROMETHEUS = `${DEPLOY}/prometheus`;

/** What alerts put into their links; in the tests of rules as well. */
export const LINKS = { GRAFANA_URL: 'https://ops.example/grafana', RUNBOOKS_URL: 'https://ops.example/runbooks' };

export const read = (path) => readFileSync(path, 'utf8');
export const yaml = (path) => parse(read(path), { merge: true });

/** The names of files with an ending in a directory, without it. */
export const names = (directory, ending) => readdirSync(directory)
  .filter((name) => name.endsWith(ending))
  .map((name) => name.slice(0, -ending.length))
  .sort();

/** All rules, alerting and recording, each with the name of its file. */
export const rules = () => names(`${PROMETHEUS}/rules`, '.yml').flatMap((file) =>
  yaml(`${PROMETHEUS}/rules/${file}.yml`).groups.flatMap((group) => group.rules.map((rule) => ({ ...rule, file }))));

export const alerts = () => rules().filter((rule) => rule.alert);

/** How a program ended, and what it said. Bounded in time. */
export const ended = (program, args, options = {}) => new Promise((resolve, reject) => {
  const { env, ...others } = options;
  const given = { timeout: 300_000, maxBuffer: 64 << 20, env: { ...process.env, ...env }, ...others };
  execFile(program, args, given, (error, stdout, stderr) => {
    if (error && (error.code === 'ENOENT' || error.killed)) reject(error);
    else resolve({ code: error ? error.code : 0, said: `${stdout}${stderr}`, stdout });
  });
});

/** What a program printed; an error with what it said if it fails. */
export const output = async (program, args, options) => {
  const { code, said, stdout } = await ended(program, args, options);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${said}`);
  return stdout;
};
