// In: the values of the dimensions and the filters set. Out: one list for each dimension. Never: a
// filter that is set and cannot be seen or taken away.

import { isWithheld } from '../api/failure.ts';
import { FILTERS, type Dimensions, type DimensionValue, type Filter } from '../api/types.ts';
import { dimensionValue } from '../format/names.ts';
import { count } from '../format/number.ts';
import type { Select } from '../state/address.ts';
import type { Shown } from '../state/resource.ts';
import { isFiltered, withFilter, type Selection } from '../state/selection.ts';
import { text } from '../text/en.ts';

interface Props {
  dimensions: Shown<Dimensions>;
  selection: Selection;
  select: Select;
  /** Filters that are not offered. */
  without?: readonly Filter[];
}

/** The values to offer. The one that is set is among them, even if nobody has it now. */
function offered(values: DimensionValue[], set: string | undefined): DimensionValue[] {
  return set === undefined || values.some(({ value }) => value === set) ? values : [{ value: set, views: 0 }, ...values];
}

function FilterList({ filter, values, selection, select }: { filter: Filter; values: DimensionValue[] } & Omit<Props, 'dimensions' | 'without'>) {
  const set = selection.filters[filter];
  return (
    <label class="field">
      <span>{text.filterNames[filter]}</span>
      <select
        class={set === undefined ? undefined : 'is-set'}
        data-testid={`filter-${filter}`}
        value={set ?? ''}
        onChange={(event) => select(withFilter(selection, filter, event.currentTarget.value || null))}
      >
        <option value="">{text.filterAll[filter]}</option>
        {offered(values, set).map(({ value, views }) => (
          <option key={value} value={value}>
            {dimensionValue(filter, value)} – {text.viewsShort(count(views), views)}
          </option>
        ))}
      </select>
    </label>
  );
}

export function Filters({ dimensions, selection, select, without = [] }: Props) {
  return (
    <div class="filters" role="group" aria-label={text.filters}>
      {FILTERS.filter((filter) => !without.includes(filter)).map((filter) => (
        <FilterList
          key={filter}
          filter={filter}
          values={dimensions.state === 'ready' ? dimensions.data[filter] : []}
          selection={selection}
          select={select}
        />
      ))}
      {isFiltered(selection) && (
        <button type="button" class="button button-quiet" data-testid="clear-filters" onClick={() => select({ ...selection, filters: {} })}>
          {text.clearFilters}
        </button>
      )}
      {dimensions.state === 'ready' && (dimensions.data.small_groups ?? 0) > 0 && (
        <p class="note" data-testid="small-values" data-value={dimensions.data.small_groups}>
          {text.smallValues(count(dimensions.data.small_groups ?? 0), dimensions.data.small_groups ?? 0)}
        </p>
      )}
      {dimensions.state === 'failed' && !isWithheld(dimensions.failure) && (
        <p class="note ink-poor">
          {text.filtersFailed}: {dimensions.failure.message}
        </p>
      )}
    </div>
  );
}
