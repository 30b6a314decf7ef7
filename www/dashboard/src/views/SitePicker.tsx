// In: the sites and the selected one. Out: a combobox that finds a site by a part of its host. Never:
// a selection made by passing through the list with the keyboard.
//
// It follows https://www.w3.org/WAI/ARIA/apg/patterns/combobox/: the focus stays in the field, the
// active option is named by `aria-activedescendant`.

import { useRef, useState } from 'preact/hooks';
import type { Site, Sites } from '../api/types.ts';
import { count } from '../format/number.ts';
import { choicesOf, type Choices } from '../state/choices.ts';
import type { Shown } from '../state/resource.ts';
import { text } from '../text/en.ts';

interface Props {
  sites: Shown<Sites>;
  /** Called when somebody is about to choose. */
  onWant: () => void;
  site: string | null;
  onSite: (site: string | null) => void;
}

const LIST = 'site-list';
const optionId = (index: number): string => `${LIST}-${index}`;

/** What the field does on a key: another active option, a choice, or closing. */
interface Keys {
  length: number;
  active: number;
  setActive: (index: number) => void;
  open: boolean;
  setOpen: (open: boolean) => void;
  choose: (index: number) => void;
  cancel: () => void;
}

function onKey(event: KeyboardEvent, keys: Keys): void {
  const move = (step: number): void => {
    event.preventDefault();
    if (keys.open) {
      keys.setActive((keys.active + step + keys.length) % keys.length);
    } else {
      keys.setOpen(true);
    }
  };
  switch (event.key) {
    case 'ArrowDown':
      return move(1);
    case 'ArrowUp':
      return move(-1);
    case 'Enter':
      event.preventDefault();
      return keys.open ? keys.choose(keys.active) : keys.setOpen(true);
    case 'Escape':
      return keys.cancel();
    default:
      return undefined;
  }
}

interface ListProps {
  options: (Site | null)[];
  choices: Choices;
  active: number;
  selected: string | null;
  choose: (index: number) => void;
  /** What is said where there is nothing to choose. */
  none: string;
}

function List({ options, choices, active, selected, choose, none }: ListProps) {
  return (
    <div class="options-box">
      <ul id={LIST} role="listbox" aria-label={text.site} class="options">
        {options.map((option, index) => (
          <li
            key={option?.site ?? ''}
            id={optionId(index)}
            role="option"
            aria-selected={(option?.site ?? null) === selected}
            class={index === active ? 'option option-active' : 'option'}
            data-testid="site-option"
            data-site={option?.site ?? ''}
            // Before the field loses the focus and closes the list.
            onPointerDown={(event) => {
              event.preventDefault();
              choose(index);
            }}
          >
            <span>{option?.site ?? text.allSites}</span>
            {option !== null && <span class="option-views">{text.viewsShort(count(option.views), option.views)}</span>}
          </li>
        ))}
      </ul>
      {choices.sites.length === 0 && <p class="option-note">{none}</p>}
      {choices.more > 0 && <p class="option-note">{text.moreSites(count(choices.more))}</p>}
    </div>
  );
}

/** Why there is nothing to choose. */
function noneOf(sites: Shown<Sites>): string {
  if (sites.state === 'failed') {
    return `${text.failedTitle}: ${sites.failure.message}`;
  }
  return sites.state === 'loading' ? text.loading : text.noSiteFound;
}

export function SitePicker({ sites, onWant, site, onSite }: Props) {
  const field = useRef<HTMLInputElement>(null);
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState<string | null>(null);
  const [active, setActive] = useState(0);
  const choices = choicesOf(sites.state === 'ready' ? sites.data.sites : [], typed ?? '');
  const options: (Site | null)[] = typed ? choices.sites : [null, ...choices.sites];
  const close = (): void => {
    setOpen(false);
    setTyped(null);
    setActive(0);
  };
  const choose = (index: number): void => {
    const option = options[index];
    if (option !== undefined) {
      onSite(option?.site ?? null);
      close();
      field.current?.select();
    }
  };
  const keys: Keys = { length: options.length, active, setActive, open, setOpen, choose, cancel: close };
  return (
    <div class="field site-picker">
      <label for="site">{text.site}</label>
      <input
        ref={field}
        id="site"
        type="text"
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        placeholder={text.siteHint}
        aria-expanded={open}
        aria-controls={LIST}
        aria-autocomplete="list"
        {...(open && options.length > 0 ? { 'aria-activedescendant': optionId(active) } : {})}
        data-testid="site-picker"
        data-value={site ?? ''}
        value={typed ?? site ?? text.allSites}
        onFocus={() => {
          onWant();
          field.current?.select();
        }}
        onClick={() => setOpen(true)}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setActive(0);
          setOpen(true);
        }}
        onKeyDown={(event) => onKey(event, keys)}
        onBlur={close}
      />
      {open && <List options={options} choices={choices} active={active} selected={site} choose={choose} none={noneOf(sites)} />}
    </div>
  );
}
