// In: growth and money of the last days, and of as many before. Out: K, leads, generations and revenue, each with its
// span. Never: one that failed to load taking the others down, or currencies added up.

import { BUSINESS_DAYS } from '../../api/addresses.ts';
import { isWithheld } from '../../api/failure.ts';
import type { Window } from '../../api/growth.ts';
import type { Revenue } from '../../api/money.ts';
import { amount } from '../../format/money.ts';
import { count, decimal, NOTHING, percent } from '../../format/number.ts';
import type { ComponentChildren } from 'preact';
import type { Select } from '../../state/address.ts';
import type { Home } from '../../state/home.ts';
import type { Shown } from '../../state/resource.ts';
import { withView, type Selection } from '../../state/selection.ts';
import { text as all } from '../../text/en.ts';
import { homeText as text } from '../../text/home.ts';
import { FailureText, Panel } from '../Panel.tsx';
import { ViewLink } from '../ViewLink.tsx';

function Figure({ id, name, value, data, children }: { id: string; name: string; value: string; data: number | null; children: ComponentChildren }) {
  return (
    <div data-testid={`business-${id}`} data-value={data ?? ''}>
      <p class="figure-number">{value}</p>
      <p>{name}</p>
      <p class="fine">{children}</p>
    </div>
  );
}

interface PartProps<T> {
  id: string;
  name: string;
  shown: Shown<T>;
  children: (data: T) => ComponentChildren;
}

/** A part's answer, or that it is on its way, or why it is not shown. */
function Part<T>({ id, name, shown, children }: PartProps<T>) {
  if (shown.state === 'loading') {
    return <p class="note">{text.loading}</p>;
  }
  if (shown.state === 'ready') {
    return <>{children(shown.data)}</>;
  }
  return isWithheld(shown.failure) ? (
    <Figure id={id} name={name} value={NOTHING} data={null}>
      <span data-testid="withheld" data-code={shown.failure.code}>
        {all.withheld(shown.failure.message)}
      </span>
    </Figure>
  ) : (
    <p class="note ink-poor">
      <FailureText failure={shown.failure} />
    </p>
  );
}

/** How a count changed from that of the days before. */
function before(now: number, shown: Shown<unknown>, of: () => number): string {
  if (shown.state !== 'ready') {
    return text.beforeUnknown;
  }
  const then = of();
  const sign = now > then ? '+' : now < then ? '−' : '±';
  return text.countBefore(count(then), then === 0 ? NOTHING : `${sign}${percent(Math.abs(now - then), then)}`);
}

/** The window of seven days of all cohorts. */
const weekOf = (windows: Window[]): Window | undefined => windows.find(({ days }) => days === 7);

function K({ of }: { of: Window | undefined }) {
  if (of === undefined || of.k === null) {
    return (
      <Figure id="k" name={text.k} value={NOTHING} data={null}>
        {text.noK}
      </Figure>
    );
  }
  return (
    <Figure id="k" name={text.k} value={decimal(of.k, 2)} data={of.k}>
      {of.k_low === null || of.k_high === null ? text.noInterval : text.intervalOf(decimal(of.k_low, 2), decimal(of.k_high, 2))} {text.ofOwners(count(of.observed), of.observed)}
    </Figure>
  );
}

function RevenueFigures({ now, then }: { now: Revenue; then: Shown<Revenue> }) {
  if (now.currencies.length === 0) {
    return (
      <Figure id="revenue" name={text.revenue} value={NOTHING} data={null}>
        {text.noRevenue}
      </Figure>
    );
  }
  return (
    <>
      {now.currencies.map((of) => {
        const same = then.state === 'ready' ? then.data.currencies.find(({ currency }) => currency === of.currency) : undefined;
        return (
          <Figure key={of.currency} id="revenue" name={text.revenue} value={amount(of.total.net_minor, of)} data={of.total.net_minor}>
            {same === undefined ? text.beforeUnknown : text.amountBefore(amount(same.total.net_minor, of))}
          </Figure>
        );
      })}
    </>
  );
}

const sumOf = (list: { value: string }[], of: string): number => list.reduce((sum, line) => sum + Number((line as unknown as Record<string, unknown>)[of] ?? 0), 0);

export function BusinessPanel({ home, selection, select }: { home: Home; selection: Selection; select: Select }) {
  const { cohorts, funnel, funnelBefore, leads, leadsBefore, revenue, revenueBefore } = home;
  const link = (
    <ViewLink to={withView(selection, 'growth')} select={select}>
      {text.toGrowth}
    </ViewLink>
  );
  return (
    <Panel id="business" title={text.business} note={text.businessNote(BUSINESS_DAYS)} shown={{ state: 'ready', data: home, at: 0, failure: null }} actions={link}>
      {() => (
        <div class="figures figures-grid">
          <Part id="k" name={text.k} shown={cohorts}>{({ together }) => <K of={weekOf(together)} />}</Part>
          <Part id="leads" name={text.leads} shown={leads}>
            {(now) => {
              const [confirmed, observed] = [sumOf(now.leads, 'confirmed'), sumOf(now.leads, 'observed')];
              return (
                <Figure id="leads" name={text.leads} value={count(confirmed)} data={confirmed}>
                  {text.observed(count(observed))} {before(confirmed, leadsBefore, () => (leadsBefore.state === 'ready' ? sumOf(leadsBefore.data.leads, 'confirmed') : 0))}
                </Figure>
              );
            }}
          </Part>
          <Part id="generations" name={text.generations} shown={funnel}>
            {(now) => {
              const generated = sumOf(now.funnel, 'generated');
              return (
                <Figure id="generations" name={text.generations} value={count(generated)} data={generated}>
                  {before(generated, funnelBefore, () => (funnelBefore.state === 'ready' ? sumOf(funnelBefore.data.funnel, 'generated') : 0))}
                </Figure>
              );
            }}
          </Part>
          <Part id="revenue" name={text.revenue} shown={revenue}>{(now) => <RevenueFigures now={now} then={revenueBefore} />}</Part>
        </div>
      )}
    </Panel>
  );
}
