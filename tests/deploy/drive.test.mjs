// The operator's seven alerts, driven for real: a condition arises, Prometheus sees it, Alertmanager sends it by SMTP,
// to Slack's address and to a webhook, to the right people and with the right text; then the condition is over, and that
// is told too.
//
// In: a running stack in which an hour is a minute (stack.mjs); the limits are the operator's. Out: a verdict for each
// alert. Must never happen: an alert that is posted by this test instead of arising, or a message that is not read.
//
// Two time spans are not scaled: the collector's window of the vitals is a minute (its least), and a viral coefficient
// needs a week to pass, for which the collector's clock is moved.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { SETTINGS } from './alertmanager.mjs';
import { startTls } from './certificate.mjs';
import { requests, visit } from './feed.mjs';
import { alerts } from './files.mjs';
import { startStack, until } from './stack.mjs';

const LIMIT_MS = 240_000;
const DAY_S = 86_400;

/** Reads every message that is sent to it. */
const startSink = async () => {
  const mails = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData: (stream, { envelope }, done) => {
      simpleParser(stream).then((mail) => {
        mails.push({ to: envelope.rcptTo.map(({ address }) => address), subject: mail.subject, text: mail.text ?? '' });
        done();
      }, done);
    },
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { mails, port: server.server.address().port, stop: () => new Promise((resolve) => server.close(resolve)) };
};

/** Reads every call of it. */
const startHook = async () => {
  const calls = [];
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    calls.push({ path: request.url, token: request.headers.authorization, ...JSON.parse(Buffer.concat(parts)) });
    response.end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { calls, url: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
};

let sink;
let hook;
let tls;
let stack;
let site;

before(async () => {
  [sink, hook, tls] = await Promise.all([startSink(), startHook(), startTls(90)]);
  stack = await startStack({
    settings: {
      ALERT_CHANNELS: 'email,slack,webhook,heartbeat', SMTP_PORT: String(sink.port),
      WEBHOOK_URL: `${hook.url}/hook`, HEARTBEAT_URL: `${hook.url}/heartbeat`,
    },
    hidden: { slack_url: `${hook.url}/slack` },
    targets: { probe_certificate: `- targets: ["${tls.address}"]\n  labels: {__exporter: "blackbox-exporter:9115"}\n` },
    collector: { FORESIGHT_GROWTH_REFRESH_SECONDS: '1', FORESIGHT_METRICS_WINDOW_MINUTES: '1', FORESIGHT_SPOOL_MAX_HOURS: '10000' },
  });
  site = { host: 'bakery.example', ...stack.command('site', 'add', 'bakery.example', '--template', 'aurora') };
  await until('the first scrape', async () => (await stack.query('foresight_build_info')).length > 0);
});
after(async () => {
  tls?.stop();
  const code = await stack?.stop();
  await sink?.stop();
  hook?.stop();
  assert.equal(code, 0);
});

/** Messages that tell of an alert in a state. */
const mailsOf = (alert, state) => sink.mails.filter(({ subject }) =>
  subject.includes(`(${alert})`) && subject.startsWith('[RESOLVED]') === (state === 'resolved'));
const slackOf = (alert, state) => hook.calls.filter(({ path, attachments }) => path === '/slack'
  && attachments[0].title.includes(`(${alert})`) && attachments[0].title.startsWith('[RESOLVED]') === (state === 'resolved'));
const callsOf = (alert, state) => hook.calls.filter(({ path, status, groupLabels }) =>
  path === '/hook' && status === state && groupLabels.alertname === alert);

/** Waits for both messages, and checks who got them and what they say. */
const arrives = async (alert, state, to, what) => {
  const { labels, annotations } = alerts().find((rule) => rule.alert === alert);
  await until(`${alert}, ${state}`, () =>
    [mailsOf, callsOf, slackOf].every((found) => found(alert, state).length > 0), LIMIT_MS);
  const mail = mailsOf(alert, state).at(-1);
  assert.deepEqual(mail.to, [to]);
  const severity = state === 'resolved' ? 'RESOLVED' : labels.severity.toUpperCase();
  assert.ok(mail.subject.startsWith(`[${severity}] `), mail.subject);
  assert.match(mail.text, what);
  assert.match(mail.text, new RegExp(`Where: +component ${labels.component}`));
  assert.match(mail.text, /Since: +20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
  if (state === 'resolved') assert.match(mail.text, /Until: +20\d\d-/);
  const dashboard = annotations.dashboard_url.replace('{{ $externalLabels.grafana }}', 'https://ops.example/grafana');
  assert.ok(mail.text.includes(`Dashboard: ${dashboard}`), mail.text);
  const [, runbook] = mail.text.match(/Runbook: +(\S+)/);
  const page = await fetch(runbook);
  assert.equal(page.status, 200, runbook);
  assert.ok((await page.text()).startsWith(`# ${alert}`));
  const slack = slackOf(alert, state).at(-1);
  assert.equal(slack.channel, { [OPERATORS]: '#operators', [BUSINESS]: '#growth', [SECURITY]: '#security' }[to]);
  assert.match(slack.attachments[0].text, what);
  const call = callsOf(alert, state).at(-1);
  assert.equal(call.token, 'Bearer let-me-in');
  assert.equal(call.alerts[0].labels.severity, labels.severity);
  // Labels that are only for links stay behind.
  for (const name of ['grafana', 'runbooks']) assert.ok(!(name in call.alerts[0].labels), name);
};

const quiet = (alert) => {
  for (const state of ['firing', 'resolved']) {
    assert.equal(mailsOf(alert, state).length + callsOf(alert, state).length, 0, `${alert} was told already`);
  }
};

/** Until it has fired and resolved. `arise` and `end` bring it about. */
const drive = async (alert, to, { arise, what, end, over = what }) => {
  quiet(alert);
  await arise();
  await arrives(alert, 'firing', to, what);
  await end();
  await arrives(alert, 'resolved', to, over);
};

const { EMAIL_OPERATORS: OPERATORS, EMAIL_BUSINESS: BUSINESS, EMAIL_SECURITY: SECURITY } = SETTINGS;

/** The same fact many times. */
const many = (count, fact) => Array.from({ length: count }, () => [0, fact]);

/** Nothing need be done: an hour of the rule passes by itself. */
const wait = async () => {};

/** Does something twice a second, first the bad way, until `work` ends; what it is given turns to the good way. */
const meanwhile = async (something, work) => {
  let bad = true;
  let over = false;
  let failed;
  const doing = (async () => {
    while (!over) {
      await something(bad);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  })().catch((error) => { failed = error; });
  try {
    await work(async () => { bad = false; });
  } finally {
    over = true;
    await doing;
  }
  if (failed) throw failed;
};

// These do not touch one another, and are waited for together.
describe('at the same time', { concurrency: true }, () => {
  test('generations fail: 13 of them within an hour', () => drive('SiteGenerationFailures', OPERATORS, {
    arise: () => stack.tell(many(13, { site_generation_failed: { stage: 'images', reason: 'time-out', duration_ms: 9 } })),
    what: /What: +1[1-9] generations failed in the last hour; 10 are tolerated\./,
    end: wait,
  }));

  test('authentications fail: 120 within an hour', () => drive('FailedAuthentications', SECURITY, {
    arise: () => stack.tell(many(120, { auth_failed: { realm: 'login', reason: 'wrong_password' } })),
    what: /What: +1[0-9]{2} authentications failed in the last hour; 100 are tolerated\./,
    end: wait,
  }));

  test('LCP is over 2.5 s, then pages are fast again', () => meanwhile(
    // The window ends with the minute: so visitors must come all the time.
    (bad) => visit(stack, site, { lcp: bad ? 3900 : 900 }),
    (end) => drive('SlowLargestContentfulPaint', OPERATORS, {
      arise: wait,
      what: /What: +The 75th percentile of LCP on phone is \d\.\d\d s; good is 2\.5 s at most\./,
      end,
    }),
  ));

  test('5% of requests take longer than 2 s, then none', () => meanwhile(
    (bad) => stack.tell([[0, requests([50, 0, 0, 0, 0, 0, 0, 0, 0, 0, bad ? 50 : 0, 0])]]),
    (end) => drive('SlowRequests', OPERATORS, {
      arise: wait,
      what: /What: +5% of the platform's requests take longer than \d\.\d\d s; the limit is 2 s\./,
      end,
    }),
  ));

  test('a certificate with 20 days left fires through ssl_cert_not_after, and ends when it is renewed', async () => {
    await drive('CertificateExpiresSoon', SECURITY, {
      arise: async () => {
        tls.renew(20);
        await until('ssl_cert_not_after', async () => {
          const [found] = await stack.query('(ssl_cert_not_after - time()) / 86400');
          return found && Math.abs(Number(found.value[1]) - 20) < 0.1;
        });
      },
      what: /What: +The certificate of 127\.0\.0\.1:\d+ ends in (20\.0|19\.9) days/,
      end: async () => tls.renew(90),
      over: /The certificate of 127\.0\.0\.1:\d+ ends in/,
    });
    quiet('CertificateExpiresInDays');
  });
});

test('one lead for many visits is too few, a second one for few is enough', async () => {
  // One for more than fifty visits. Each page told of a lead, so only what servers confirm is low.
  for (let n = 0; n < 60; n += 1) await visit(stack, site);
  const confirmed = (number) => [[-1000, { lead: { site: site.host, lead: `l_${number}`, score: 70, source: 'form' } }]];
  await drive('LowLeadCapture', BUSINESS, {
    arise: () => stack.tell(confirmed(0)),
    what: /What: +[01]\.\d of a hundred visits of the last 7 days became a lead \(confirmed\); 2 are expected\./,
    end: () => stack.tell(Array.from({ length: 20 }, (_, n) => confirmed(n + 1)[0])),
  });
});

test('the newest week brought nobody, the next one does', async () => {
  // From here on the collector's clock is moved: so this is the last one.
  const generated = (owner, share) => ({ site_generated: {
    site: `${owner}.example`, owner, template: 'aurora', duration_ms: 9, ...(share && { referred_by: share }),
  } });
  const today = Math.floor(Date.now() / 1000 / DAY_S);
  // 1970-01-01 was a Thursday: days since the last Monday.
  const monday = today - ((today + 3) % 7);
  const at = (day, seconds = 0) => (monday + day) * DAY_S + seconds;
  let moved = 0;
  const goTo = (second) => { moved = second - Math.floor(Date.now() / 1000); stack.shift(moved); };
  const tell = (facts) => stack.tell(facts.map((fact) => [moved * 1000, fact]));
  await drive('CriticalViralCoefficient', BUSINESS, {
    arise: async () => {
      goTo(at(7, 600));
      await tell(['a', 'b', 'c'].map((owner) => generated(owner)));
      goTo(at(22));
    },
    what: /What: +The viral coefficient of the newest whole week is 0\.00 new owners per owner; 0\.2 is the least\./,
    end: async () => {
      goTo(at(22, 600));
      await tell([generated('d')]);
      const shared = { host: 'd.example', ...stack.command('site', 'add', 'd.example') };
      goTo(at(22, 1200));
      await stack.view(shared, [{ share: { channel: 'copy', id: 'shareOfD01' } }]);
      goTo(at(22, 2400));
      await tell([generated('e', 'shareOfD01')]);
      goTo(at(36));
    },
    over: /The viral coefficient of the newest whole week is/,
  });
});

test('the dead man is alive, and nobody was told of anything that did not happen', () => {
  assert.ok(hook.calls.filter(({ path }) => path === '/heartbeat').length > 3);
  for (const { path, groupLabels } of hook.calls.filter(({ path: called }) => called !== '/slack')) {
    assert.equal(path === '/heartbeat', groupLabels.alertname === 'DeadMansSwitch');
  }
  const told = new Set(sink.mails.map(({ subject }) => subject.match(/\((\w+)\)$/)[1]));
  assert.equal([...told].filter((name) => name === 'DeadMansSwitch').length, 0);
});
