// `cargo xtask stack` leaves nothing behind, whatever ends it.
//
// In: a running stack. Out: a verdict. Must never happen: a process or a directory that is still there.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { startStack } from './stack.mjs';

/** The processes that were started with this directory in their arguments or as their place. */
const processesOf = (directory) => readdirSync('/proc').filter((id) => /^\d+$/.test(id)).flatMap((id) => {
  try {
    const text = readFileSync(`/proc/${id}/cmdline`, 'utf8') + readFileSync(`/proc/${id}/environ`, 'utf8');
    return text.includes(directory) ? [{ id: Number(id), program: text.split('\0')[0] }] : [];
  } catch {
    // It has just ended.
    return [];
  }
});

test('Ctrl-C stops every part in order', async () => {
  const stack = await startStack();
  const names = processesOf(stack.directory).map(({ program }) => program.split('/').at(-1));
  for (const program of ['foresight', 'prometheus', 'prometheus-alertmanager', 'prometheus-node-exporter', 'caddy']) {
    assert.ok(names.includes(program), `${program} is not among ${names}`);
  }
  const listeners = Object.values(stack.addresses);
  assert.equal(await stack.stop(), 0);
  assert.deepEqual(processesOf(stack.directory), []);
  assert.ok(!existsSync(stack.directory));
  for (const address of listeners.filter((url) => url.startsWith('http'))) await assert.rejects(fetch(address), address);
});

test('a part that ends by itself ends the stack, with its name', async () => {
  const stack = await startStack();
  const [alertmanager] = processesOf(stack.directory).filter(({ program }) => program.endsWith('alertmanager'));
  process.kill(alertmanager.id, 'SIGKILL');
  const { code, said } = await stack.ended();
  assert.equal(code, 1);
  assert.match(said, /error: alertmanager ended with signal: 9/);
  assert.deepEqual(processesOf(stack.directory), []);
  assert.ok(!existsSync(stack.directory));
});
