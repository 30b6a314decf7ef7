// In: revenue by template and by channel, and the forecast. Out: for each currency what came in, a chart with what
// is expected, and tables. Never: two currencies added up, or a forecast without its past error.

import type { Currency, CurrencyForecast, CurrencyRevenue, Forecast, Revenue, RevenueGroup, Takings } from '../../api/money.ts';
import { MoneyChart } from '../../charts/Money.tsx';
import { count, decimal, NOTHING } from '../../format/number.ts';
import { amount } from '../../format/money.ts';
import { dayName } from '../../format/time.ts';
import type { Shown } from '../../state/resource.ts';
import type { Scheme } from '../../state/theme.ts';
import { moneyText as text } from '../../text/money.ts';
import { FailureText, Panel } from '../Panel.tsx';
import { Table, type Column } from '../Table.tsx';

function Sum({ of, takings, says, testId }: { of: Currency; takings: Takings; says: string; testId: string }) {
  return (
    <div data-testid={testId} data-currency={of.currency} data-net={takings.net_minor}>
      <p class="figure-number">{amount(takings.net_minor, of)}</p>
      <p class="note">{says}</p>
      <p class="note">
        {text.payments(count(takings.revenue_entries), takings.revenue_entries)}, {text.refunds(count(takings.refund_entries), takings.refund_entries)}
      </p>
    </div>
  );
}

/** What is said of a forecast: its sum and how far forecasts were off, or why there is none. */
function ForecastNote({ of }: { of: CurrencyForecast }) {
  if (of.withheld !== null || of.expected_minor === null) {
    const reason = text.withheld[of.withheld ?? ''];
    return <p class="note">{reason?.(count(of.history_days)) ?? text.withheldOther(of.withheld ?? NOTHING)}</p>;
  }
  return (
    <p class="note" data-testid="forecast-sum" data-currency={of.currency} data-expected={of.expected_minor}>
      <b>{amount(of.expected_minor, of)}</b> {text.forecastSum}. {text.model(of.model ?? NOTHING, count(of.history_days))}
      {of.past !== null && of.baseline !== null && (
        <>
          {' '}
          {text.past(amount(of.past.mae_minor, of), amount(of.baseline.mae_minor, of), count(of.past.origins))}{' '}
          {text.coverage(decimal(of.past.coverage_percent, 0))}
        </>
      )}
    </p>
  );
}

interface Day {
  start: string;
  taken: number | null;
  expected: number | null;
  low: number | null;
  high: number | null;
}

/** Every day of the past and of the forecast, newest first. */
export function daysOf(revenue: CurrencyRevenue, forecast: CurrencyForecast | null): Day[] {
  const days = new Map<string, Day>();
  const day = (start: string): Day => days.get(start) ?? { start, taken: null, expected: null, low: null, high: null };
  for (const { start, net_minor } of revenue.days) {
    days.set(start, { ...day(start), taken: net_minor });
  }
  for (const { start, expected_minor, low_minor, high_minor } of forecast?.days ?? []) {
    days.set(start, { ...day(start), expected: expected_minor, low: low_minor, high: high_minor });
  }
  return [...days.values()].sort((a, b) => b.start.localeCompare(a.start));
}

function DayTable({ revenue, forecast, level }: { revenue: CurrencyRevenue; forecast: CurrencyForecast | null; level: number }) {
  const shown = (minor: number | null): string => (minor === null ? NOTHING : amount(minor, revenue));
  const columns: Column<Day>[] = [
    { name: text.day, cell: ({ start }) => <time dateTime={start}>{dayName(start)}</time> },
    { name: text.taken, number: true, cell: ({ taken }) => shown(taken) },
    { name: text.expected, number: true, cell: ({ expected }) => shown(expected) },
    {
      name: text.interval(decimal(level, 0)),
      number: true,
      cell: ({ low, high }) => (low === null || high === null ? NOTHING : `${shown(low)} – ${shown(high)}`),
    },
  ];
  return (
    <details class="alternative">
      <summary>
        {text.asTable}
        <span class="unseen">: {text.revenue}, {revenue.currency}</span>
      </summary>
      <Table
        caption={`${text.revenue}, ${revenue.currency}`}
        columns={columns}
        rows={daysOf(revenue, forecast)}
        keyOf={({ start }) => start}
        dataOf={({ start, taken, expected }) => ({
          'data-testid': 'money-day',
          'data-start': start,
          'data-taken': taken ?? '',
          'data-expected': expected ?? '',
        })}
      />
    </details>
  );
}

function Groups({ of, title, name, kind }: { of: CurrencyRevenue; title: string; name: string; kind: string }) {
  const columns: Column<RevenueGroup>[] = [
    { name, cell: ({ value }) => value },
    { name: text.in, number: true, cell: (group) => amount(group.revenue_minor, of) },
    { name: text.out, number: true, cell: (group) => amount(group.refunds_minor, of) },
    { name: text.net, number: true, cell: (group) => amount(group.net_minor, of) },
  ];
  return (
    <div class="kind">
      <h3>
        {title}, {of.currency}
      </h3>
      <Table
        caption={`${title}, ${of.currency}`}
        columns={columns}
        rows={of.groups}
        keyOf={({ value }) => value}
        dataOf={({ value, net_minor }) => ({ 'data-testid': 'money-group', 'data-kind': kind, 'data-value': value, 'data-net': net_minor })}
      />
    </div>
  );
}

interface Props {
  templates: Shown<Revenue>;
  channels: Shown<Revenue>;
  forecast: Shown<Forecast>;
  scheme: Scheme;
}

function InCurrency({ of, channels, forecast, scheme }: { of: CurrencyRevenue } & Omit<Props, 'templates'>) {
  const expected = forecast.state === 'ready' ? forecast.data.currencies.find(({ currency }) => currency === of.currency) : undefined;
  const byChannel = channels.state === 'ready' ? channels.data.currencies.find(({ currency }) => currency === of.currency) : undefined;
  return (
    <section aria-label={of.currency} class="currency">
      <div class="figures">
        <Sum of={of} takings={of.today} says={text.today} testId="money-today" />
        <Sum of={of} takings={of.month_to_date} says={text.monthToDate} testId="money-month" />
        <Sum of={of} takings={of.last_month} says={text.lastMonth} testId="money-last-month" />
        <Sum of={of} takings={of.total} says={text.inPeriod} testId="money-total" />
      </div>
      <MoneyChart revenue={of} forecast={expected ?? null} scheme={scheme} />
      {forecast.state === 'ready' && expected?.withheld === null && (
        <p class="note">{text.legend(decimal(forecast.data.level_percent, 0))}</p>
      )}
      {forecast.state === 'failed' && (
        <p class="notice notice-failed">
          <FailureText failure={forecast.failure} />
        </p>
      )}
      {expected !== undefined && <ForecastNote of={expected} />}
      <DayTable revenue={of} forecast={expected ?? null} level={forecast.state === 'ready' ? forecast.data.level_percent : 95} />
      <div class="kinds">
        <Groups of={of} title={text.byTemplate} name={text.template} kind="template" />
        {byChannel !== undefined && <Groups of={byChannel} title={text.byChannel} name={text.channel} kind="channel" />}
      </div>
      {channels.state === 'failed' && (
        <p class="notice notice-failed">
          <FailureText failure={channels.failure} />
        </p>
      )}
    </section>
  );
}

export function RevenuePanel({ templates, ...others }: Props) {
  return (
    <Panel
      id="revenue"
      title={text.revenue}
      note={text.revenueNote}
      shown={templates}
      isEmpty={({ currencies }) => currencies.length === 0}
      empty={text.noRevenue}
    >
      {({ currencies }) => (
        <div class="currencies">
          {currencies.map((of) => (
            <InCurrency key={of.currency} of={of} {...others} />
          ))}
        </div>
      )}
    </Panel>
  );
}
