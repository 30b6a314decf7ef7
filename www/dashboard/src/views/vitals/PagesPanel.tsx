// In: the slowest pages by the selected metric. Out: a table whose rows lead to the page. Never: a
// p75 without its sample size.

import { LEAST_COUNT, type Metric, type Page, type Pages } from '../../api/types.ts';
import { count, NOTHING } from '../../format/number.ts';
import { vital } from '../../format/vital.ts';
import type { Select } from '../../state/address.ts';
import type { Shown } from '../../state/resource.ts';
import { withFilter, type Selection } from '../../state/selection.ts';
import { text } from '../../text/en.ts';
import { Panel } from '../Panel.tsx';
import { RatingWord } from '../Rating.tsx';
import { Table, type Column } from '../Table.tsx';
import { ViewLink } from '../ViewLink.tsx';

interface Props {
  shown: Shown<Pages>;
  metric: Metric;
  selection: Selection;
  select: Select;
}

function PageLink({ page, selection, select }: { page: Page; selection: Selection; select: Select }) {
  return (
    <>
      <ViewLink class="path" to={withFilter({ ...selection, site: page.site }, 'page', page.page)} select={select}>
        {page.page}
      </ViewLink>
      {selection.site === null && <span class="under">{page.site}</span>}
    </>
  );
}

export function PagesPanel({ shown, metric, selection, select }: Props) {
  const columns = (pages: Pages): Column<Page>[] => [
    { name: text.page, cell: (page) => <PageLink page={page} selection={selection} select={select} /> },
    { name: text.p75, number: true, cell: (page) => (page.count === 0 ? NOTHING : page.p75 === null || page.count < LEAST_COUNT ? text.tooFew : vital(page.p75, pages.unit)) },
    { name: text.rating, cell: (page) => <RatingWord rating={page.count < LEAST_COUNT ? null : page.rating} /> },
    { name: text.measured, number: true, cell: (page) => count(page.count) },
    { name: text.views, number: true, cell: (page) => count(page.views) },
  ];
  return (
    <Panel
      id="pages"
      title={text.pages(metric)}
      note={text.pagesNote}
      shown={shown}
      isEmpty={(pages) => pages.pages.length === 0 && pages.small_groups === undefined}
      empty={text.noPages}
    >
      {(pages) => (
        <Table
          caption={text.pages(metric)}
          columns={columns(pages)}
          rows={pages.pages}
          keyOf={(page) => `${page.site}${page.page}`}
          dataOf={(page) => ({
            'data-testid': 'page-row',
            'data-site': page.site,
            'data-page': page.page,
            'data-p75': page.p75 ?? '',
            'data-rating': page.rating ?? '',
            'data-count': page.count,
            'data-views': page.views,
          })}
          smallGroups={pages.small_groups}
        />
      )}
    </Panel>
  );
}
