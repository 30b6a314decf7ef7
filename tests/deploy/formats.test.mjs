// The other files of deploy/: each is read by the product that uses it, where it runs here.
//
// In: deploy/. Out: a verdict. Must never happen: a container that runs as root, may write, or has no limit, without
// being named here with the reason.

import assert from 'node:assert/strict';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { NAMES, dashboard, panels, queries } from './dashboards.mjs';
import { DEPLOY, PROMETHEUS, ROOT, ended, names, output, read, yaml } from './files.mjs';

const directory = mkdtempSync(join(tmpdir(), 'foresight-formats-'));
after(() => rmSync(directory, { recursive: true }));

const EXAMPLE = `${DEPLOY}/monitoring.env.example`;
const SETTINGS = Object.fromEntries(read(EXAMPLE).split('\n').filter((line) => line && !line.startsWith('#'))
  .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));

/** The program that reads compose files here: Docker's plugin, or the one of its own. */
const compose = async (args) => {
  const plugin = await ended('docker', ['compose', 'version']).catch(() => ({ code: 1 }));
  const [program, first] = plugin.code === 0 ? ['docker', ['compose']] : ['docker-compose', []];
  const place = join(directory, 'deploy');
  cpSync(DEPLOY, place, { recursive: true });
  cpSync(EXAMPLE, join(place, 'monitoring.env'));
  return output(program, [...first, '-f', join(place, 'compose.yml'), '--env-file', join(place, 'monitoring.env'), ...args]);
};

/** What may be otherwise, and why. */
const ROOT_USERS = { cadvisor: 'reads what only root may read', prepare: 'gives volumes away, and ends' };
const ONCE = ['prepare'];

test('compose reads the file, and every container is confined, bounded and looked after', async (t) => {
  const text = await compose(['config']);
  const services = Object.entries(parse(text).services);
  assert.ok(services.length >= 15, text);
  t.diagnostic(`${services.length} services`);
  const own = yaml(`${DEPLOY}/compose.yml`);
  for (const [name, service] of Object.entries(own.services)) {
    assert.equal(service.read_only, true, `${name} may write`);
    assert.deepEqual(service.cap_drop, ['ALL'], name);
    assert.ok(service.security_opt.includes('no-new-privileges:true'), name);
    if (!(name in ROOT_USERS)) assert.match(service.user, /^[1-9]\d*:[1-9]\d*$/, `${name} is root`);
    assert.ok(ONCE.includes(name) || service.healthcheck.test.length > 1, `${name}: nobody looks after its health`);
    const { cpus, memory } = service.deploy.resources.limits;
    assert.ok(Number(cpus) > 0 && /^\d+[MG]$/.test(memory), `${name} has no limit`);
    assert.match(service.image, /:(v?\d+\.\d+[\w.-]*|\$\{FORESIGHT_VERSION:-[\d.]+\})$/, `${name}: ${service.image}`);
    assert.ok(!service.privileged, name);
    for (const port of service.ports ?? []) {
      const open = name === 'caddy' && ['80:80', '443:443'].includes(port);
      assert.ok(open || port.startsWith('127.0.0.1:'), `${name} is reachable from outside: ${port}`);
    }
    for (const volume of service.volumes ?? []) {
      const [from] = volume.split(':');
      if (from.startsWith('.')) {
        assert.ok(volume.endsWith(':ro'), `${name} may write to ${from}`);
        assert.ok(existsSync(join(DEPLOY, from)), `${name}: there is no ${from}`);
      } else if (!from.startsWith('/')) {
        assert.ok(from in own.volumes, `${name}: ${from}`);
      }
    }
    // A volume that the image does not have for this user is root's, and must be given away first.
    const given = own.services.prepare.volumes.map((volume) => volume.split(':')[0]);
    if ((service.volumes ?? []).some((volume) => given.includes(volume.split(':')[0]) && !volume.endsWith(':ro')) && !ONCE.includes(name)) {
      assert.equal(service.depends_on?.prepare?.condition, 'service_completed_successfully', name);
      for (const [from] of service.volumes.map((volume) => volume.split(':')).filter(([from]) => given.includes(from))) {
        const [, owner] = own.services.prepare.command.at(-1).match(new RegExp(`chown (\\d+:\\d+)[^&]* /v/${from}(?: |$)`));
        assert.equal(owner, service.user, `${name}: ${from}`);
      }
    }
    for (const secret of service.secrets ?? []) assert.ok(secret in own.secrets, `${name}: ${secret}`);
  }
});

test('the versions of images are those of the programs that the tests run', async () => {
  const { services } = yaml(`${DEPLOY}/compose.yml`);
  for (const [service, program, args] of [
    ['prometheus', 'prometheus', ['--version']],
    ['alertmanager', 'amtool', ['--version']],
    ['node-exporter', 'prometheus-node-exporter', ['--version']],
    ['postgres-exporter', 'prometheus-postgres-exporter', ['--version']],
    ['redis-exporter', 'prometheus-redis-exporter', ['--version']],
    ['blackbox-exporter', 'prometheus-blackbox-exporter', ['--version']],
    ['redis', 'redis-server', ['--version']],
    ['caddy', 'caddy', ['version']],
  ]) {
    const [, version] = services[service].image.match(/:v?(\d+\.\d+\.\d+)/);
    const { said } = await ended(program, args);
    assert.ok(said.includes(version), `${service}: ${version}, but here is ${said}`);
  }
});

test('the example has every setting that is used, and no other', () => {
  const used = new Set(['ALERT_CHANNELS']);
  const places = [`${DEPLOY}/compose.yml`, `${DEPLOY}/alertmanager/alertmanager.yml`];
  const given = yaml(`${DEPLOY}/compose.yml`).services;
  for (const file of places) for (const [, name] of read(file).matchAll(/\$\{([A-Z_]+)\}/g)) used.add(name);
  // Set by the compose file itself.
  for (const name of ['SECRETS', 'TEMPLATES']) {
    assert.ok(name in given.alertmanager.environment);
    used.delete(name);
  }
  used.delete('NAME');
  assert.deepEqual(Object.keys(SETTINGS).sort(), [...used].sort());
  for (const [, name] of read(`${DEPLOY}/caddy/Caddyfile`).matchAll(/\{\$([A-Z_]+)\}/g)) {
    if (name !== 'NAME') assert.ok(name in given.caddy.environment, `Caddy is not given ${name}`);
  }
  for (const [, name] of read(`${PROMETHEUS}/prometheus.yml`).matchAll(/\$\{([A-Z_]+)\}/g)) {
    assert.ok(name in given.prometheus.environment, `Prometheus is not given ${name}`);
  }
  for (const secret of Object.values(yaml(`${DEPLOY}/compose.yml`).secrets)) {
    assert.ok(read(EXAMPLE).includes(secret.file.slice(2)), `the example does not tell of ${secret.file}`);
  }
});

test('each target of Prometheus is a service of the compose file and its port', () => {
  const { services } = yaml(`${DEPLOY}/compose.yml`);
  for (const job of names(`${PROMETHEUS}/targets`, '.yml')) {
    for (const { targets, labels = {} } of yaml(`${PROMETHEUS}/targets/${job}.yml`)) {
      for (const target of [...targets, ...Object.values(labels)]) {
        const host = target.replace(/^https?:\/\//, '').split(':')[0];
        assert.ok(host in services || host === 'localhost', `${job}: ${target}`);
      }
    }
  }
  for (const { file_sd_configs: files } of yaml(`${PROMETHEUS}/prometheus.yml`).scrape_configs) {
    for (const file of files.flatMap(({ files: list }) => list)) assert.ok(existsSync(`${PROMETHEUS}/${file}`), file);
  }
});

test('Caddy and the blackbox exporter accept their configuration', async () => {
  const env = { ...yaml(`${DEPLOY}/compose.yml`).services.caddy.environment, ...SETTINGS, XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory };
  for (const address of ['rum.example', 'http://127.0.0.1:8080']) {
    await output('caddy', ['validate', '--adapter', 'caddyfile', '--config', `${DEPLOY}/caddy/Caddyfile`], { env: { ...env, PUBLIC_ADDRESS: address } });
  }
  const { said } = await ended('caddy', ['fmt', '--diff', `${DEPLOY}/caddy/Caddyfile`]);
  assert.ok(!said.split('\n').some((line) => /^[+-]/.test(line)), said);
  await output('prometheus-blackbox-exporter', ['--config.check', `--config.file=${DEPLOY}/blackbox/blackbox.yml`]);
});

/** A `trivy` that knows two vulnerabilities in redis, none in others, and cannot reach Jaeger's image. */
const TRIVY = `#!/bin/sh
for image; do :; done
case "$image" in
  redis*) printf 'HIGH\\nCRITICAL\\nHIGH\\n' ;;
  jaeger*) echo 'no route' >&2; exit 1 ;;
esac
`;

test('the scan tells what it found, by image, and does not call clean what it could not scan', async () => {
  const bin = join(directory, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'trivy'), TRIVY);
  chmodSync(join(bin, 'trivy'), 0o755);
  const file = join(directory, 'trivy.prom');
  const env = { PATH: `${bin}:${process.env.PATH}`, OUTPUT: file, COMPOSE: `${DEPLOY}/compose.yml`, ONCE: '1' };
  const values = async () => {
    await output('sh', [`${DEPLOY}/trivy/scan.sh`], { env });
    await output('sh', ['-c', 'promtool check metrics < "$OUTPUT"'], { env });
    return Object.fromEntries(read(file).split('\n').filter((line) => line && !line.startsWith('#')).map((line) => line.split(' ')));
  };
  const { services } = yaml(`${DEPLOY}/compose.yml`);
  const found = await values();
  const of = (image, severity) => found[`foresight_image_vulnerabilities{image="${image}",severity="${severity}"}`];
  assert.deepEqual([of(services.redis.image, 'CRITICAL'), of(services.redis.image, 'HIGH')], ['1', '2']);
  assert.equal(of(services.prometheus.image, 'CRITICAL'), '0');
  assert.equal(of(services.jaeger.image, 'CRITICAL'), undefined);
  const scanned = (image) => Number(found[`foresight_image_scan_timestamp_seconds{image="${image}"}`]);
  assert.equal(scanned(services.jaeger.image), 0);
  assert.ok(Math.abs(scanned(services.redis.image) - Date.now() / 1000) < 60);
  // Known once, gone later: what was known stays.
  writeFileSync(join(bin, 'trivy'), '#!/bin/sh\nexit 1\n');
  assert.deepEqual(await values(), found);
  assert.deepEqual(readdirSync(directory).filter((name) => name.startsWith('trivy.prom.')), []);
});

test('the image of the collector copies what is built, and runs neither as root nor with a shell', () => {
  const lines = read(`${DEPLOY}/collector/Dockerfile`).split('\n');
  const stages = lines.filter((line) => line.startsWith('FROM '));
  assert.deepEqual(stages.map((line) => line.split(' AS ')[1]), ['build', 'binary', undefined]);
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
  assert.match(last[0], /distroless.*:nonroot$/);
  assert.ok(lines.includes('COPY --from=build /src/target/release/foresight /foresight'));
  assert.ok(last.includes('COPY --from=binary /foresight /foresight'));
  assert.ok(last.includes('USER 65532:65532'));
});

test('the check for Datadog asks for each figure that it names, and for no other', () => {
  const [{ openmetrics_endpoint: endpoint, metrics }] = yaml(`${DEPLOY}/datadog/openmetrics.yaml`).instances;
  const [, job, pattern] = new URL(endpoint).searchParams.get('match[]').match(/^\{job="(\w+)",__name__=~"([^"]+)"\}$/);
  assert.ok(yaml(`${PROMETHEUS}/prometheus.yml`).scrape_configs.some((one) => one.job_name === job), job);
  const asked = new RegExp(`^(?:${pattern})$`);
  for (const name of metrics) assert.match(name, asked);
  const alternatives = pattern.split('|').map((one) => new RegExp(`^${one}$`));
  for (const one of alternatives) assert.ok(metrics.some((name) => one.test(name)), one.source);
});

test('Loki forgets after 30 days', () => {
  const loki = yaml(`${DEPLOY}/loki/loki.yml`);
  assert.equal(loki.limits_config.retention_period, '720h');
  assert.equal(loki.compactor.retention_enabled, true);
});

test('what the collector sends arrives at a service that takes it, and Grafana finds it by what is sent', () => {
  const { services } = yaml(`${DEPLOY}/compose.yml`);
  const { environment } = services.collector;
  for (const [key, name] of [['OTLP_TRACES_URL', 'TRACES_URL'], ['OTLP_LOGS_URL', 'LOGS_URL'], ['OTLP_SAMPLE', 'TRACES_SAMPLE']]) {
    assert.equal(environment[`FORESIGHT_${key}`], `\${${name}}`);
  }
  // Off by default; the example tells where to.
  assert.equal(SETTINGS.TRACES_URL, '');
  assert.equal(SETTINGS.LOGS_URL, '');
  assert.ok(Number(SETTINGS.TRACES_SAMPLE) <= 0.1);
  const [traces, logs] = [/(http:\S+) sends traces/, /(http:\S+) lines of the log/].map((text) => new URL(read(EXAMPLE).match(text)[1]));
  assert.equal(traces.href, 'http://jaeger:4318/');
  assert.equal(services.jaeger.environment.COLLECTOR_OTLP_ENABLED, 'true');
  assert.equal(logs.href, 'http://loki:3100/otlp');
  const loki = yaml(`${DEPLOY}/loki/loki.yml`);
  assert.equal(loki.server.http_listen_port, Number(logs.port));
  assert.equal(loki.limits_config.allow_structured_metadata, true);
  // The name that the collector sends, in its code, and Grafana's question for it.
  const [, service] = read(`${ROOT}collector/src/telemetry/export.rs`).match(/with_service_name\("(\w+)"\)/);
  const sources = Object.fromEntries(yaml(`${DEPLOY}/grafana/provisioning/datasources/foresight.yml`).datasources.map((one) => [one.uid, one.jsonData]));
  // Grafana reads `$${` as `${`.
  const { datasourceUid, query, customQuery } = sources.jaeger.tracesToLogsV2;
  assert.deepEqual([datasourceUid, customQuery], ['loki', true]);
  assert.equal(query, `{service_name="${service}"} | trace_id = "$\${__span.traceId}"`);
  assert.deepEqual(sources.loki.derivedFields, [{ name: 'trace_id', matcherType: 'label', matcherRegex: 'trace_id', datasourceUid: 'jaeger', url: '$${__value.raw}' }]);
  for (const { expr } of queries('loki')) assert.ok(expr.startsWith(`{service_name="${service}"}`), expr);
  for (const name of NAMES) for (const { url } of [...dashboard(name).links, ...panels(name).flatMap((panel) => panel.links ?? [])]) {
    const { a } = JSON.parse(new URLSearchParams((url ?? '').split('?')[1]).get('panes') ?? '{"a":{}}');
    for (const asked of a.queries ?? []) {
      if (a.datasource === 'jaeger') assert.equal(asked.service, service);
      if (a.datasource === 'loki') assert.ok(asked.expr.startsWith(`{service_name="${service}"}`), asked.expr);
    }
  }
  // The library of metrics has no exemplars, so nothing must wait for them.
  assert.equal(sources.prometheus.exemplarTraceIdDestinations, undefined);
});
