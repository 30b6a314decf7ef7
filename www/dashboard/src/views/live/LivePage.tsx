// In: the stream of what passes by. Out: the last minute's figures, and the latest page views. Never: a list that moves
// while it is paused, or is read out as it moves.

import { useState } from 'preact/hooks';
import { METRICS, type Metric } from '../../api/types.ts';
import { Spark } from '../../charts/Spark.tsx';
import { country } from '../../format/names.ts';
import { count, NOTHING } from '../../format/number.ts';
import { clock, zoneName } from '../../format/time.ts';
import { rate, vital } from '../../format/vital.ts';
import type { Select } from '../../state/address.ts';
import { useLive, type Live, type Seen } from '../../state/live.ts';
import { may } from '../../state/session.ts';
import { drill, withFilter, type Selection } from '../../state/selection.ts';
import { THRESHOLDS } from '../../state/worth.ts';
import { text as all } from '../../text/en.ts';
import { liveText as text } from '../../text/live.ts';
import { unitOf } from '../Figure.tsx';
import { Frame, type PageProps } from '../Frame.tsx';
import { Shape, RatingWord } from '../Rating.tsx';
import { Table, type Column } from '../Table.tsx';
import { ViewLink } from '../ViewLink.tsx';
import '../../styles/live.css';

function Minute({ live }: { live: Live }) {
  const { minute, recent } = live;
  return (
    <section class="panel" aria-labelledby="minute" data-testid="panel-minute" data-state={minute === null ? 'loading' : 'ready'}>
      <header class="panel-head">
        <div>
          <h2 id="minute">{text.minute}</h2>
          <p class="note">{minute === null ? text.waiting : text.minuteNote(clock(Date.parse(minute.at)), zoneName())}</p>
        </div>
      </header>
      {minute !== null && (
        <div class="figures">
          <div data-testid="minute-views" data-value={minute.views}>
            <p class="figure-number">{count(minute.views)}</p>
            <p class="fine">{all.pageViews}</p>
            <Spark values={recent} label={text.recent(count(Math.max(0, ...recent)))} />
          </div>
          {METRICS.map((metric) => {
            const figure = minute.metrics[metric];
            const p75 = figure?.p75 ?? null;
            return (
              <div key={metric} data-testid={`minute-${metric}`} data-p75={p75 ?? ''}>
                <p class={p75 === null ? 'figure-none' : 'figure-number'}>{p75 === null ? all.tooFew : vital(p75, unitOf(metric))}</p>
                <p>{all.p75Of(metric)}</p>
                <p class="fine">
                  {all.n(count(figure?.count ?? 0))} {p75 !== null && <RatingWord rating={figure?.rating ?? null} />}
                </p>
              </div>
            );
          })}
        </div>
      )}
    </section>
  );
}

function Value({ metric, value }: { metric: Metric; value: number | undefined }) {
  if (value === undefined) {
    return <>{NOTHING}</>;
  }
  const rating = rate(value, THRESHOLDS[metric]);
  return (
    <span class={`figure-value ink-${rating}`}>
      <Shape rating={rating} />
      <span class="unseen">{all.ratings[rating]}, </span>
      {vital(value, unitOf(metric))}
    </span>
  );
}

function columns(selection: Selection, select: Select): Column<Seen>[] {
  return [
    { name: text.at, cell: ({ at }) => <time dateTime={at}>{clock(Date.parse(at))}</time> },
    {
      name: all.page,
      cell: ({ site, page }) => (
        <>
          <ViewLink class="path" to={withFilter(drill(selection, site), 'page', page)} select={select}>
            {page}
          </ViewLink>
          <span class="under">{site}</span>
        </>
      ),
    },
    { name: all.filterNames.device, cell: ({ device }) => device ?? NOTHING },
    { name: all.filterNames.country, cell: (view) => (view.country === null ? NOTHING : country(view.country)) },
    { name: all.filterNames.browser, cell: ({ browser }) => browser ?? NOTHING },
    ...METRICS.map((metric): Column<Seen> => ({ name: metric, number: true, cell: ({ metrics }) => <Value metric={metric} value={metrics[metric]} /> })),
  ];
}

export function LivePage(page: PageProps) {
  const { selection, select, turns, session } = page;
  const [isPaused, setPaused] = useState(false);
  const live = useLive(isPaused, turns.manual);
  const oldest = live.minute === null ? null : Date.parse(live.minute.at);
  const progress = { loading: live.state === 'connecting' && live.minute === null, failed: live.state === 'lost' ? 1 : 0, oldest };
  return (
    <Frame {...page} label={text.live} progress={progress} answer={text.states[live.state]}>
      <div class="question">
        <div class="summary">
          <h1>{text.live}</h1>
          <p class="note" data-testid="live-state" data-value={live.state}>
            {text.states[live.state]}
          </p>
        </div>
        <button type="button" class="button" aria-pressed={isPaused} data-testid="pause" onClick={() => setPaused(!isPaused)}>
          {text.pause}
        </button>
      </div>
      <Minute live={live} />
      <section class="panel" aria-labelledby="passing-by" data-testid="panel-stream" data-state={live.views.length === 0 ? 'empty' : 'ready'}>
        <header class="panel-head">
          <div>
            <h2 id="passing-by">{text.stream}</h2>
            <p class="note">
              {text.streamNote(count(live.skipped))}
              {!may(session, 'admin') && ` ${text.single}`}
            </p>
          </div>
        </header>
        {live.views.length === 0 ? (
          <p class="nothing">{text.noViews}</p>
        ) : (
          <Table
            caption={text.stream}
            columns={columns(selection, select)}
            rows={live.views}
            keyOf={({ id }) => String(id)}
            dataOf={({ at, site, page: path, device, country: from, browser, metrics }) => ({
              'data-testid': 'live-row',
              'data-at': at,
              'data-site': site,
              'data-page': path,
              'data-device': device ?? '',
              'data-country': from ?? '',
              'data-browser': browser ?? '',
              ...Object.fromEntries(METRICS.map((metric) => [`data-${metric.toLowerCase()}`, metrics[metric] ?? ''])),
            })}
          />
        )}
      </section>
    </Frame>
  );
}
