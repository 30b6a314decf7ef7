// In: why there is nothing to show. Out: what to do about it: add a site, put the snippet on the
// pages, or widen the question. Never: an empty page without a next step.

import type { Select } from '../../state/address.ts';
import { isFiltered, withView, type Selection } from '../../state/selection.ts';
import { text } from '../../text/en.ts';
import { CopyLine } from '../CopyLine.tsx';
import { ViewLink } from '../ViewLink.tsx';

interface Props {
  /** Whether any site has been added. */
  hasSites: boolean;
  selection: Selection;
  select: Select;
}

export function NoData({ hasSites, selection, select }: Props) {
  if (!hasSites) {
    return (
      <section class="panel no-data" data-testid="no-data" data-reason="no-sites">
        <h2>{text.noSitesTitle}</h2>
        <p>
          {text.noSitesBody}{' '}
          <ViewLink to={{ ...withView(selection, 'settings'), tab: 'sites' }} select={select}>
            {text.noSitesLink}
          </ViewLink>
        </p>
        <CopyLine line={text.noSitesCommand} testId="command" />
      </section>
    );
  }
  if (isFiltered(selection)) {
    return (
      <section class="panel no-data" data-testid="no-data" data-reason="filtered">
        <h2>{text.noMatchTitle}</h2>
        <p>{text.noMatchBody}</p>
        <button type="button" class="button" onClick={() => select({ ...selection, filters: {} })}>
          {text.clearFilters}
        </button>
      </section>
    );
  }
  return (
    <section class="panel no-data" data-testid="no-data" data-reason="no-views">
      <h2>{text.noDataTitle}</h2>
      <p>{text.noDataBody}</p>
      <CopyLine line={text.snippet(location.origin)} testId="snippet" />
      <p class="note">{text.noDataHint}</p>
    </section>
  );
}
