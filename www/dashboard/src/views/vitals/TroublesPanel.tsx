// In: what pages observed. Out: what went wrong or took long in them: errors, slow calls, long frames, scripts, and why
// pages had to load anew. Never: a number of page views taken for one of events without saying so.

import { TROUBLES, type Activity } from '../../api/types.ts';
import { count } from '../../format/number.ts';
import type { Shown } from '../../state/resource.ts';
import { text } from '../../text/en.ts';
import { Panel } from '../Panel.tsx';
import { Kind } from './ActivityPanel.tsx';

export function TroublesPanel({ shown }: { shown: Shown<Activity> }) {
  const note = shown.state === 'ready' ? text.troublesNote(count(shown.data.views), shown.data.views) : undefined;
  return (
    <Panel id="troubles" title={text.troubles} note={note} shown={shown}>
      {(activity) => (
        <div class="kinds">
          {TROUBLES.map((kind) => (
            <Kind key={kind} kind={kind} activity={activity} />
          ))}
        </div>
      )}
    </Panel>
  );
}
