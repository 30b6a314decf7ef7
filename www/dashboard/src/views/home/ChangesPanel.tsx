// In: lasting changes of the fleet's vitals. Out: each in a sentence, with its figures, and the way to what it is about.
// Never: a change that leads nowhere.

import type { Changes, Cohort, FleetChange } from '../../api/fleet.ts';
import { signed } from '../../format/change.ts';
import { country } from '../../format/names.ts';
import { count } from '../../format/number.ts';
import { dateTime } from '../../format/time.ts';
import { vital } from '../../format/vital.ts';
import type { Select } from '../../state/address.ts';
import type { Shown } from '../../state/resource.ts';
import { DEFAULT, type Selection } from '../../state/selection.ts';
import { text as all } from '../../text/en.ts';
import { homeText as text } from '../../text/home.ts';
import { Panel } from '../Panel.tsx';
import { RatingWord } from '../Rating.tsx';
import { ViewLink } from '../ViewLink.tsx';

interface Props {
  shown: Shown<Changes>;
  select: Select;
}

const PARTS: (keyof Cohort)[] = ['site', 'page', 'template', 'build', 'device', 'country', 'browser', 'script'];

/** What a change is about, in words. */
export function cohortWords(cohort: Cohort): string {
  const words = PARTS.flatMap((part) => {
    const value = cohort[part];
    return value === null ? [] : [text.cohort[part](part === 'country' ? country(value) : value)];
  });
  return words.length === 0 ? text.wholeFleet : words.join(', ');
}

/** Where a change can be looked into: the site's vitals, or the sites of its template and build. */
export function placeOf({ cohort, metric }: Pick<FleetChange, 'cohort' | 'metric'>): Selection {
  const filters = Object.fromEntries(
    (['page', 'device', 'country', 'browser'] as const).flatMap((filter) => {
      const value = cohort[filter];
      return value === null || (filter === 'page' && cohort.site === null) ? [] : [[filter, value]];
    }),
  );
  const shared = { ...DEFAULT, period: { kind: 'range', range: '7d' } as const, metric, filters, compare: true };
  const ofFleet = cohort.site === null && (cohort.template !== null || cohort.build !== null);
  return ofFleet
    ? { ...shared, view: 'fleet', template: cohort.template, build: cohort.build, sort: metric }
    : { ...shared, view: 'site', site: cohort.site };
}

function Change({ of, select }: { of: FleetChange; select: Select }) {
  const worse = of.direction === 'worse';
  return (
    <li class="change-item" data-testid="change" data-id={of.id} data-metric={of.metric} data-direction={of.direction} data-views={of.views}>
      <p class="change-head">
        <span class={worse ? 'ink-poor' : 'ink-good'}>
          <span aria-hidden="true">{worse ? '▲' : '▼'}</span> {text.got(of.metric, of.direction)}
        </span>{' '}
        <ViewLink to={placeOf(of)} select={select} testId="change-link">
          {cohortWords(of.cohort)}
        </ViewLink>
      </p>
      <p class="change-figures">
        {all.p75} {vital(of.from_p75, of.unit)} → <b>{vital(of.to_p75, of.unit)}</b> ({signed(of.difference, of.unit)};{' '}
        {text.interval(signed(of.difference_low, of.unit), signed(of.difference_high, of.unit))}) <RatingWord rating={of.rating_after} />
      </p>
      <p class="fine">
        {of.until === null ? text.since(dateTime(of.since)) : text.between(dateTime(of.since), dateTime(of.until))} {text.affected(count(of.views), count(of.sites), of.sites)}
      </p>
    </li>
  );
}

export function ChangesPanel({ shown, select }: Props) {
  return (
    <Panel id="changes" title={text.changes} note={text.changesNote} shown={shown} isEmpty={({ changes }) => changes.length === 0} empty={text.noChanges}>
      {({ changes }) => (
        <ul class="changes">
          {changes.map((one) => (
            <Change key={one.id} of={one} select={select} />
          ))}
        </ul>
      )}
    </Panel>
  );
}
