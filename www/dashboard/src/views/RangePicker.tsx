// In: the period. Out: buttons for the ranges that end now, and two fields for a fixed period. Never:
// a period whose start is not before its end.

import { useState } from 'preact/hooks';
import type { Range } from '../api/types.ts';
import { fieldValue, zoneName } from '../format/time.ts';
import { instant, type Period } from '../state/selection.ts';
import { text } from '../text/en.ts';

interface Props {
  /** The ranges to choose from. */
  ranges: readonly Range[];
  period: Period;
  onPeriod: (period: Period) => void;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** What the fields show first: the chosen period, or the last whole day. */
function suggested(period: Period): { from: string; to: string } {
  if (period.kind === 'between') {
    return { from: fieldValue(period.from), to: fieldValue(period.to) };
  }
  const to = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  return { from: fieldValue(new Date(to - DAY_MS).toISOString()), to: fieldValue(new Date(to).toISOString()) };
}

/** Reads both fields, in the viewer's zone; null if they are not a period. */
function read(from: string, to: string): Period | null {
  const utc = (field: string): string | null => {
    const time = new Date(field);
    return Number.isNaN(time.getTime()) ? null : instant(time.toISOString());
  };
  const [start, end] = [utc(from), utc(to)];
  return start !== null && end !== null && start < end ? { kind: 'between', from: start, to: end } : null;
}

function Between({ period, onPeriod }: Omit<Props, 'ranges'>) {
  const [fields, setFields] = useState(() => suggested(period));
  const [wrong, setWrong] = useState(false);
  const submit = (event: Event): void => {
    event.preventDefault();
    const chosen = read(fields.from, fields.to);
    setWrong(chosen === null);
    if (chosen !== null) {
      onPeriod(chosen);
    }
  };
  const field = (name: 'from' | 'to') => (
    <label class="field">
      <span>{text[name]}</span>
      <input
        type="datetime-local"
        step={3600}
        required
        data-testid={`range-${name}`}
        value={fields[name]}
        aria-invalid={wrong}
        aria-describedby="between-note"
        onInput={(event) => setFields({ ...fields, [name]: event.currentTarget.value })}
      />
    </label>
  );
  return (
    <form class="between" onSubmit={submit} noValidate>
      {field('from')}
      {field('to')}
      <button type="submit" class="button" data-testid="range-apply">
        {text.apply}
      </button>
      <p id="between-note" class={wrong ? 'note ink-poor' : 'note'} role={wrong ? 'alert' : undefined}>
        {wrong ? text.wrongOrder : text.wholeHours(zoneName())}
      </p>
    </form>
  );
}

export function RangePicker({ ranges, period, onPeriod }: Props) {
  const fixed = period.kind === 'between';
  const [asked, setAsked] = useState(false);
  const open = asked || fixed;
  return (
    <div class="field range-picker">
      <span id="range-label">{text.period}</span>
      <div class="segments" role="group" aria-labelledby="range-label" data-testid="range-picker">
        {ranges.map((range) => (
          <button
            key={range}
            type="button"
            title={text.rangeNames[range]}
            aria-pressed={period.kind === 'range' && period.range === range && !open}
            data-testid={`range-${range}`}
            onClick={() => {
              setAsked(false);
              onPeriod({ kind: 'range', range });
            }}
          >
            {text.ranges[range]}
          </button>
        ))}
        <button
          type="button"
          title={text.customName}
          aria-pressed={open}
          aria-expanded={open}
          data-testid="range-custom"
          onClick={() => setAsked(true)}
        >
          {text.custom}
        </button>
      </div>
      {open && <Between key={fixed ? period.from + period.to : ''} period={period} onPeriod={onPeriod} />}
    </div>
  );
}
