// In: what to show. Out: a link to it that changes the page without loading it anew. Never: a link that cannot be
// opened in a tab of its own, or shared.

import type { ComponentChildren } from 'preact';
import { isPlainClick, type Select } from '../state/address.ts';
import { search, type Selection } from '../state/selection.ts';

interface Props {
  to: Selection;
  select: Select;
  class?: string | undefined;
  testId?: string;
  /** Whether it leads to where one is. */
  isCurrent?: boolean;
  title?: string;
  children: ComponentChildren;
}

export function ViewLink({ to, select, class: className, testId, isCurrent, title, children }: Props) {
  return (
    <a
      class={className}
      href={`/${search(to)}`}
      title={title}
      data-testid={testId}
      {...(isCurrent ? { 'aria-current': 'page' as const } : {})}
      onClick={(event) => {
        if (isPlainClick(event)) {
          event.preventDefault();
          select(to);
        }
      }}
    >
      {children}
    </a>
  );
}
