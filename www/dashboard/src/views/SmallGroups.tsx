// In: groups that an answer left out. Out: a line that says so, with their number. Never: a table that seems whole and is not.

import type { SmallGroups as Left } from '../api/types.ts';
import { count } from '../format/number.ts';
import { text } from '../text/en.ts';

export function SmallGroups({ of }: { of: Left | undefined }) {
  return of === undefined ? null : (
    <p class="note under-table" data-testid="small-groups" data-groups={of.groups} data-views={of.views}>
      {text.smallGroups(count(of.groups), of.groups, count(of.views))}
    </p>
  );
}
