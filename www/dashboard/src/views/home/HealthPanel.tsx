// In: whether the collector is ready, and how much of the page views measured what. Out: the health of measuring itself.
// Never: figures trusted while nothing comes in and nobody says so.

import type { Ready, Summary } from '../../api/fleet.ts';
import { METRICS, type Activity } from '../../api/types.ts';
import { Bar } from '../../charts/Whisker.tsx';
import { count, percent } from '../../format/number.ts';
import type { Home } from '../../state/home.ts';
import type { Shown } from '../../state/resource.ts';
import { text as all } from '../../text/en.ts';
import { homeText as text } from '../../text/home.ts';
import { FailureText, Panel } from '../Panel.tsx';
import { Table } from '../Table.tsx';

function ReadyLine({ shown }: { shown: Shown<Ready> }) {
  if (shown.state === 'loading') {
    return <p class="note">{text.loading}</p>;
  }
  if (shown.state === 'failed') {
    return (
      <p class="notice notice-failed" data-testid="ready" data-value="unknown">
        {text.readyUnknown} <FailureText failure={shown.failure} />
      </p>
    );
  }
  const { ready, parts } = shown.data;
  const wrong = Object.entries(parts ?? {}).filter(([, state]) => state !== 'ok');
  return (
    <p class={ready ? 'health-good' : 'notice notice-failed'} data-testid="ready" data-value={String(ready)}>
      {ready ? text.ready : text.notReady(wrong.map(([part, state]) => `${part}: ${state}`).join(', '))}
    </p>
  );
}

function Coverage({ summary }: { summary: Summary }) {
  return (
    <Table
      caption={text.coverage}
      columns={[
        { name: all.metric, cell: (metric) => metric },
        { name: text.coverageShare, number: true, cell: (metric) => percent(summary.metrics[metric].count, summary.views) },
        { name: text.coverageBar, cell: (metric) => <Bar share={summary.views === 0 ? 0 : summary.metrics[metric].count / summary.views} /> },
        { name: all.measured, number: true, cell: (metric) => count(summary.metrics[metric].count) },
      ]}
      rows={[...METRICS]}
      keyOf={(metric) => metric}
      dataOf={(metric) => ({ 'data-testid': 'coverage-row', 'data-metric': metric, 'data-count': summary.metrics[metric].count, 'data-views': summary.views })}
    />
  );
}

function Robots({ shown }: { shown: Shown<Activity> }) {
  if (shown.state !== 'ready') {
    return null;
  }
  const robots = shown.data.bots.reduce((sum, bot) => sum + bot.count, 0);
  return <p data-testid="robots" data-value={robots}>{text.robots(count(robots), percent(robots, robots + shown.data.views))}</p>;
}

export function HealthPanel({ home }: { home: Home }) {
  return (
    <Panel id="health" title={text.health} note={text.healthNote} shown={home.summary}>
      {(summary) => (
        <div class="health">
          <div class="health-lines">
            <ReadyLine shown={home.ready} />
            <p data-testid="measured-sites" data-value={summary.sites_measured}>
              {text.measuredOf(count(summary.sites_measured), count(summary.sites), percent(summary.sites_measured, summary.sites))}
            </p>
            <p>{text.viewsOf(count(summary.views_measured), percent(summary.views_measured, summary.views))}</p>
            <Robots shown={home.activity} />
          </div>
          <div>
            <h3>{text.coverage}</h3>
            <Coverage summary={summary} />
          </div>
        </div>
      )}
    </Panel>
  );
}
