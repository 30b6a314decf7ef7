// In: a line. Out: the line, and a button that copies it and says how that went. Never: a line that can only be copied
// by the button.

import { useState } from 'preact/hooks';
import { text } from '../text/en.ts';

export function CopyLine({ line, testId }: { line: string; testId: string }) {
  const [said, setSaid] = useState(text.copy);
  const copy = (): void => {
    // The clipboard exists on secure origins only; the line can be selected by hand elsewhere.
    const written = navigator.clipboard === undefined ? Promise.reject(new Error('no clipboard')) : navigator.clipboard.writeText(line);
    written.then(
      () => setSaid(text.copied),
      () => setSaid(text.copyFailed),
    );
  };
  return (
    <div class="copy-line">
      <code data-testid={testId}>{line}</code>
      <button type="button" class="button" onClick={copy} aria-live="polite">
        {said}
      </button>
    </div>
  );
}
