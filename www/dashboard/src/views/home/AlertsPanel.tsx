// In: what Alertmanager says. Out: the alerts that are active, the most severe first, with what to do; or that none is, that
// it does not answer, or that none is connected. Never: silence taken for all being well.

import type { Alert, Alerts } from '../../api/fleet.ts';
import { count } from '../../format/number.ts';
import { dateTime } from '../../format/time.ts';
import type { Select } from '../../state/address.ts';
import type { Shown } from '../../state/resource.ts';
import { DEFAULT } from '../../state/selection.ts';
import { homeText as text } from '../../text/home.ts';
import { Panel } from '../Panel.tsx';
import { ViewLink } from '../ViewLink.tsx';

function Item({ of, select }: { of: Alert; select: Select }) {
  return (
    <li class="change-item" data-testid="alert" data-name={of.name} data-severity={of.severity ?? ''}>
      <p class="change-head">
        <span class={of.severity === 'critical' ? 'ink-poor' : 'ink-needs-improvement'}>
          <span aria-hidden="true">▲</span> {text.severity(of.severity)}
        </span>{' '}
        {of.summary ?? of.name}{' '}
        {of.site !== null && (
          <ViewLink to={{ ...DEFAULT, view: 'site', site: of.site }} select={select}>
            {of.site}
          </ViewLink>
        )}
      </p>
      {of.description !== null && <p>{of.description}</p>}
      <p class="fine">
        <code class="code">{of.name}</code> {text.alertSince(dateTime(of.since))}{' '}
        {of.runbook_url !== null && (
          <a href={of.runbook_url} rel="noreferrer">
            {text.runbook}
            <span class="unseen">: {of.name}</span>
          </a>
        )}
      </p>
    </li>
  );
}

function Content({ of, select }: { of: Alerts; select: Select }) {
  if (of.state !== 'known') {
    const isOff = of.state === 'off';
    return (
      <p class={isOff ? 'note' : 'ink-poor'} data-testid="alerts-state" data-value={of.state}>
        {isOff ? text.alertsOff : text.alertsUnreachable}
      </p>
    );
  }
  if (of.alerts.length === 0) {
    return (
      <p class="health-good" data-testid="alerts-state" data-value="none">
        {text.alertsNone}
      </p>
    );
  }
  return (
    <>
      <ul class="changes">
        {of.alerts.map((one) => (
          <Item key={one.id} of={one} select={select} />
        ))}
      </ul>
      {of.more > 0 && <p class="note">{text.alertsMore(count(of.more))}</p>}
    </>
  );
}

export function AlertsPanel({ shown, select }: { shown: Shown<Alerts>; select: Select }) {
  return (
    <Panel id="alerts" title={text.alerts} shown={shown}>
      {(alerts) => <Content of={alerts} select={select} />}
    </Panel>
  );
}
