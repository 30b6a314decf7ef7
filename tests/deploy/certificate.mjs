// A server with a certificate that ends in some days.
//
// In: days. Out: where it listens. Must never happen: one that outlives its test.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';

/** Starts one on the loopback interface. `renew` gives it a certificate with other days. */
export const startTls = async (days) => {
  const directory = mkdtempSync(join(tmpdir(), 'foresight-tls-'));
  const make = (left) => {
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(directory, name));
    execFileSync('openssl', [
      'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=bakery.example',
      '-days', String(left), '-keyout', key, '-out', cert,
    ], { stdio: 'pipe' });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  };
  const server = createServer(make(days), (socket) => socket.end());
  server.on('tlsClientError', () => {});
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${server.address().port}`,
    renew: (left) => server.setSecureContext(make(left)),
    stop: () => { server.close(); rmSync(directory, { recursive: true }); },
  };
};
