// In: leads and visits. Out: how many visits led to a lead, as pages saw it and as servers know it, and how good
// the confirmed ones are. Never: observed and confirmed leads added up.

import type { Leads, LeadsLine } from '../../api/growth.ts';
import { Bar } from '../../charts/Whisker.tsx';
import { count, decimal, NOTHING } from '../../format/number.ts';
import type { Shown } from '../../state/resource.ts';
import { growthText as text } from '../../text/growth.ts';
import { Panel } from '../Panel.tsx';
import { Table, type Column } from '../Table.tsx';

interface Class {
  name: string;
  count: number;
  share: number;
}

/** The classes of scores: 0 to 9, … 90 to 100. */
export function classesOf(classes: number[]): Class[] {
  const largest = Math.max(1, ...classes);
  return classes.map((n, index) => ({
    name: text.scoreClass(index * 10, index === classes.length - 1 ? 100 : index * 10 + 9),
    count: n,
    share: n / largest,
  }));
}

const CLASSES: Column<Class>[] = [
  { name: text.score, cell: ({ name }) => name },
  { name: text.count, number: true, cell: (row) => count(row.count) },
  { name: text.ofLargest, cell: ({ share }) => <Bar share={share} /> },
];

type Source = Leads['sources'][number];
const SOURCES: Column<Source>[] = [
  { name: text.source, cell: ({ source }) => source },
  { name: text.confirmedColumn, number: true, cell: ({ confirmed }) => count(confirmed) },
  { name: text.average, number: true, cell: ({ average }) => (average === null ? NOTHING : decimal(average, 1)) },
];

interface RateProps {
  kind: 'observed' | 'confirmed';
  name: string;
  line: LeadsLine;
}

function Rate({ kind, name, line }: RateProps) {
  const percent = line[`${kind}_percent`];
  return (
    <div data-testid={`leads-${kind}`} data-value={line[kind]} data-percent={percent ?? ''}>
      <p class={percent === null ? 'figure-none' : 'figure-number'}>{percent === null ? NOTHING : `${decimal(percent, 2)}%`}</p>
      <p class="note">
        {name}: {text.perVisit(count(line[kind]), count(line.visits))}
      </p>
    </div>
  );
}

function Content({ line, sources }: { line: LeadsLine; sources: Source[] }) {
  const { average, classes } = line.quality;
  return (
    <>
      <div class="figures">
        <Rate kind="observed" name={text.observedLeads} line={line} />
        <Rate kind="confirmed" name={text.confirmedLeads} line={line} />
      </div>
      {average === null ? (
        <p class="nothing">{text.noQuality}</p>
      ) : (
        <div class="kinds">
          <div class="kind">
            <h3>{text.quality}</h3>
            <p class="note">{text.qualityAverage(decimal(average, 1))}</p>
            <Table
              caption={text.quality}
              columns={CLASSES}
              rows={classesOf(classes)}
              keyOf={({ name }) => name}
              dataOf={({ name, count: n }) => ({ 'data-testid': 'score-row', 'data-name': name, 'data-count': n })}
            />
          </div>
          <div class="kind">
            <h3>{text.sources}</h3>
            <Table
              caption={text.sources}
              columns={SOURCES}
              rows={sources}
              keyOf={({ source }) => source}
              dataOf={({ source, confirmed }) => ({ 'data-testid': 'source-row', 'data-source': source, 'data-count': confirmed })}
            />
          </div>
        </div>
      )}
    </>
  );
}

export function LeadsPanel({ shown }: { shown: Shown<Leads> }) {
  return (
    <Panel
      id="leads"
      title={text.leads}
      note={text.leadsNote}
      shown={shown}
      isEmpty={({ leads }) => leads.length === 0}
      empty={text.noLeads}
    >
      {({ leads, sources }) => leads.slice(0, 1).map((line) => <Content key={line.value} line={line} sources={sources} />)}
    </Panel>
  );
}
