// In: what partners have. Out: a table by partner and currency, with the sums of each currency. Never: what was
// refused shown as what is owed.

import type { Balance, Partners } from '../../api/money.ts';
import { amount } from '../../format/money.ts';
import type { Shown } from '../../state/resource.ts';
import { moneyText as text } from '../../text/money.ts';
import { Panel } from '../Panel.tsx';
import { Table, type Column } from '../Table.tsx';

type Amount = 'accrued_minor' | 'pending_minor' | 'held_minor' | 'payable_minor' | 'paid_minor' | 'reversed_minor' | 'excess_minor';

const AMOUNTS: [string, Amount][] = [
  [text.payable, 'payable_minor'],
  [text.pending, 'pending_minor'],
  [text.held, 'held_minor'],
  [text.paid, 'paid_minor'],
  [text.reversed, 'reversed_minor'],
  [text.accrued, 'accrued_minor'],
  [text.excess, 'excess_minor'],
];

const COLUMNS: Column<Balance>[] = [
  { name: text.partner, cell: ({ partner }) => <code>{partner}</code> },
  ...AMOUNTS.map(([name, of]): Column<Balance> => ({ name, number: true, cell: (balance) => amount(balance[of], balance) })),
];

/** The sums of all partners, whom there may be more of than are listed. */
function Totals({ totals }: { totals: Balance[] }) {
  return (
    <tfoot>
      {totals.map((balance) => (
        <tr key={balance.currency} data-testid="partner-total" data-currency={balance.currency} data-payable={balance.payable_minor}>
          <th scope="row">{text.allPartners(balance.currency)}</th>
          {AMOUNTS.map(([name, of]) => (
            <td key={name} class="number">
              {amount(balance[of], balance)}
            </td>
          ))}
        </tr>
      ))}
    </tfoot>
  );
}

export function PartnersPanel({ shown }: { shown: Shown<Partners> }) {
  return (
    <Panel
      id="partners"
      title={text.partners}
      note={text.partnersNote}
      shown={shown}
      isEmpty={({ partners }) => partners.length === 0}
      empty={text.noPartners}
    >
      {({ partners, totals }) => (
        <Table
          caption={text.partners}
          columns={COLUMNS}
          rows={partners}
          keyOf={({ partner, currency }) => `${partner} ${currency}`}
          dataOf={(balance) => ({
            'data-testid': 'partner-row',
            'data-partner': balance.partner ?? '',
            'data-currency': balance.currency,
            'data-payable': balance.payable_minor,
            'data-paid': balance.paid_minor,
          })}
          foot={<Totals totals={totals} />}
        />
      )}
    </Panel>
  );
}
