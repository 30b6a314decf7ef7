// What runs elsewhere: the workflows, and the places that name the version.
//
// In: .github/workflows and the manifests. Out: a verdict. Must never happen: a gate elsewhere that is not the one at
// home, an action whose content may change with each run, or a release whose parts have different versions.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEPLOY, ROOT, names, read, yaml } from './files.mjs';

const DIRECTORY = `${ROOT}.github/workflows`;
const workflows = names(DIRECTORY, '.yml').map((name) => ({ name, text: read(`${DIRECTORY}/${name}.yml`), ...yaml(`${DIRECTORY}/${name}.yml`) }));
const jobs = workflows.flatMap(({ name, jobs: list }) => Object.entries(list).map(([job, content]) => ({ name: `${name}/${job}`, ...content })));
const steps = jobs.flatMap(({ name, steps: list = [] }) => list.map((step) => ({ job: name, ...step })));

test('the gate elsewhere is the gate at home, and a release is what dist makes', () => {
  assert.deepEqual(workflows.map(({ name }) => name), ['ci', 'release']);
  const ran = (job) => steps.filter((step) => step.job === job).map(({ run }) => run).filter(Boolean);
  assert.equal(ran('ci/gate').at(-1), '.ci/run');
  assert.ok(ran('release/package').includes('cargo xtask dist'));
  const release = workflows.find(({ name }) => name === 'release');
  assert.equal(release.jobs.gate.uses, './.github/workflows/ci.yml');
  for (const [job, needed] of [['package', 'gate'], ['image', 'package'], ['publish', 'package']]) {
    assert.ok([release.jobs[job].needs].flat().includes(needed), `${job} does not wait for ${needed}`);
  }
});

test('actions are of one major version, nothing is secret, and rights are asked for by job', () => {
  for (const { job, uses } of steps.filter((step) => step.uses)) assert.match(uses, /^(actions|docker)\/[\w-]+@v\d+$/, job);
  for (const { name, text, permissions } of workflows) {
    assert.doesNotMatch(text, /secrets\./, name);
    assert.deepEqual(permissions, { contents: 'read' }, name);
  }
  for (const { name, uses, 'timeout-minutes': minutes } of jobs) assert.ok(uses || minutes <= 120, `${name} may run for ever`);
});

test('the compiler of the gate is the one that the workspace and the image ask for', () => {
  const [, wanted] = read(`${ROOT}Cargo.toml`).match(/^rust-version = "(.+)"/m);
  const images = [...read(`${DEPLOY}/collector/Dockerfile`).matchAll(/rust:[\w.-]+/g), ...workflows.flatMap(({ text }) => [...text.matchAll(/rust:[\w.-]+/g)])];
  assert.equal(images.length, 3);
  for (const [image] of images) assert.equal(image, `rust:${wanted}-bookworm`);
});

test('every place that names the version names the same', () => {
  const [, version] = read(`${ROOT}Cargo.toml`).match(/^version = "(.+)"/m);
  for (const place of ['www', 'www/beacon', 'www/dashboard']) {
    assert.equal(JSON.parse(read(`${ROOT}${place}/package.json`)).version, version, place);
  }
  assert.equal(yaml(`${DEPLOY}/compose.yml`).services.collector.image, `foresight:\${FORESIGHT_VERSION:-${version}}`);
  assert.match(read(`${ROOT}CHANGELOG.md`), new RegExp(`^## ${version.replaceAll('.', '\\.')}\\b`, 'm'));
});
