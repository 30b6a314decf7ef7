// In: shares and visits. Out: a table by channel with its sum, and one of shared links. Never: visits
// per share where nothing was shared.

import type { Channel, Link, Shares } from '../../api/types.ts';
import { count, NOTHING, rate } from '../../format/number.ts';
import { dateTime } from '../../format/time.ts';
import type { Shown } from '../../state/resource.ts';
import { text } from '../../text/en.ts';
import { Panel } from '../Panel.tsx';
import { Table, type Column } from '../Table.tsx';

const CHANNELS: Column<Channel>[] = [
  { name: text.channel, cell: (row) => row.channel },
  { name: text.sharesColumn, number: true, cell: (row) => count(row.shares) },
  { name: text.visits, number: true, cell: (row) => count(row.visits) },
  { name: text.visitsPerShare, number: true, cell: (row) => rate(row.visits, row.shares) },
];

function Sum({ shares }: { shares: Shares }) {
  return (
    <tfoot>
      <tr data-testid="channel-total" data-shares={shares.shares} data-visits={shares.visits}>
        <th scope="row">{text.total}</th>
        <td class="number">{count(shares.shares)}</td>
        <td class="number">{count(shares.visits)}</td>
        <td class="number">{rate(shares.visits, shares.shares)}</td>
      </tr>
    </tfoot>
  );
}

/** Shares and visits by channel. */
export function SharesPanel({ shown }: { shown: Shown<Shares> }) {
  return (
    <Panel
      id="shares"
      title={text.shares}
      note={text.sharesNote}
      shown={shown}
      isEmpty={(shares) => shares.channels.length === 0}
      empty={text.noShares}
    >
      {(shares) => (
        <Table
          caption={text.shares}
          columns={CHANNELS}
          rows={shares.channels}
          keyOf={(row) => row.channel}
          dataOf={(row) => ({
            'data-testid': 'channel-row',
            'data-channel': row.channel,
            'data-shares': row.shares,
            'data-visits': row.visits,
          })}
          foot={<Sum shares={shares} />}
        />
      )}
    </Panel>
  );
}

const linkColumns = (allSites: boolean): Column<Link>[] => [
  {
    name: text.link,
    cell: (link) => (
      <>
        <code>{link.id}</code>
        {allSites && <span class="under">{link.site}</span>}
      </>
    ),
  },
  { name: text.channel, cell: (link) => link.channel },
  { name: text.page, cell: (link) => <span class="path">{link.page ?? NOTHING}</span> },
  { name: text.parent, cell: (link) => (link.parent === null ? NOTHING : <code>{link.parent}</code>) },
  { name: text.visits, number: true, cell: (link) => count(link.visits) },
  { name: text.shared, cell: (link) => (link.at === null ? NOTHING : <time dateTime={link.at}>{dateTime(link.at)}</time>) },
];

/** The links that were shared or visited. */
export function LinksPanel({ shown, allSites }: { shown: Shown<Shares>; allSites: boolean }) {
  return (
    <Panel
      id="links"
      title={text.links}
      note={text.linksNote}
      shown={shown}
      isEmpty={(shares) => shares.links.length === 0 && shares.small_groups === undefined}
      empty={text.noLinks}
    >
      {(shares) => (
        <Table
          caption={text.links}
          columns={linkColumns(allSites)}
          rows={shares.links}
          keyOf={(link) => `${link.site} ${link.id}`}
          dataOf={(link) => ({
            'data-testid': 'link-row',
            'data-site': link.site,
            'data-id': link.id,
            'data-channel': link.channel,
            'data-page': link.page ?? '',
            'data-parent': link.parent ?? '',
            'data-visits': link.visits,
          })}
          smallGroups={shares.small_groups}
        />
      )}
    </Panel>
  );
}
