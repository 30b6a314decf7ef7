// In: what was typed, and the template and build that are chosen. Out: the field, and what narrows the table down.
// Never: a question for each letter, or a template that is chosen and cannot be taken away.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Select } from '../../state/address.ts';
import type { Selection } from '../../state/selection.ts';
import { fleetText as text } from '../../text/fleet.ts';

/** How long nothing must be typed before it is asked for, in ms. */
const PAUSE_MS = 250;

function Chip({ name, onRemove, testId }: { name: string; onRemove: () => void; testId: string }) {
  return (
    <button type="button" class="chip" data-testid={testId} onClick={onRemove}>
      {name} <span aria-hidden="true">×</span>
      <span class="unseen">: {text.remove}</span>
    </button>
  );
}

export function Search({ selection, select }: { selection: Selection; select: Select }) {
  const [typed, setTyped] = useState(selection.search);
  const latest = useRef(selection);
  latest.current = selection;
  // Back and forward change what is searched for, too.
  useEffect(() => setTyped(selection.search), [selection.search]);
  useEffect(() => {
    if (typed === latest.current.search) {
      return undefined;
    }
    const timer = setTimeout(() => select({ ...latest.current, search: typed }, 'replace'), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, select]);
  const { template, build } = selection;
  return (
    <div class="search">
      {template !== null && <Chip name={text.templateIs(template)} testId="chip-template" onRemove={() => select({ ...selection, template: null })} />}
      {build !== null && <Chip name={text.buildIs(build)} testId="chip-build" onRemove={() => select({ ...selection, build: null })} />}
      <label class="field">
        <span>{text.search}</span>
        <input
          type="search"
          data-testid="fleet-search"
          placeholder={text.searchHint}
          spellcheck={false}
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </label>
    </div>
  );
}
