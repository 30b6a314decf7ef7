// In: something to remove. Out: a button that asks once more first. Never: something removed by one click.

import { useState } from 'preact/hooks';
import type { Action } from '../../state/action.ts';
import { accessText as text } from '../../text/access.ts';

export function Remove({ what, action, onRemove }: { what: string; action: Action; onRemove: () => Promise<void> }) {
  const [asked, setAsked] = useState(false);
  if (!asked) {
    return (
      <button type="button" class="button" data-testid="remove" onClick={() => setAsked(true)}>
        {text.remove}
        <span class="unseen">: {what}</span>
      </button>
    );
  }
  return (
    <span class="really" role="group" aria-label={text.reallyRemove(what)}>
      <span>{text.reallyRemove(what)}</span>
      <button type="button" class="button button-danger" data-testid="really-remove" disabled={action.busy} onClick={() => void action.run(onRemove)}>
        {text.remove}
      </button>
      <button type="button" class="button" ref={(button) => button?.focus()} onClick={() => setAsked(false)}>
        {text.keep}
      </button>
    </span>
  );
}
