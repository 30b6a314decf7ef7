// In: what a panel's data is and how to draw it. Out: a section with a heading that is loading,
// failed, empty or drawn. Never: one panel's failure taking another one down.

import { Component, type ComponentChildren } from 'preact';
import { isWithheld, type Failure } from '../api/failure.ts';
import { clock } from '../format/time.ts';
import type { Shown } from '../state/resource.ts';
import { text } from '../text/en.ts';

interface Props<T> {
  /** The panel's test id, and the base of its heading's id. */
  id: string;
  title: string;
  note?: string | undefined;
  shown: Shown<T>;
  actions?: ComponentChildren;
  isEmpty?: (data: T) => boolean;
  empty?: ComponentChildren;
  /** How many boxes stand for the content while it is loading; 1 if absent. */
  boxes?: number;
  children: (data: T) => ComponentChildren;
}

/** Catches what throws while it is drawn, so that the other panels stay. */
class Boundary extends Component<{ of: unknown; instead: ComponentChildren; children: ComponentChildren }, { broken: boolean }> {
  override state = { broken: false };

  override componentDidCatch(cause: unknown): void {
    console.error(cause);
    this.setState({ broken: true });
  }

  override componentDidUpdate(before: { of: unknown }): void {
    if (this.state.broken && before.of !== this.props.of) {
      this.setState({ broken: false });
    }
  }

  render(): ComponentChildren {
    return this.state.broken ? this.props.instead : this.props.children;
  }
}

/** Why something could not be loaded, with the reason the collector gave. */
export function FailureText({ failure }: { failure: Failure }) {
  return (
    <>
      {failure.message} <code class="code">{failure.code}</code>
      {failure.retryAfterS !== null && ` ${text.retryAfter(failure.retryAfterS)}`}
    </>
  );
}

function Body<T>({ shown, isEmpty, empty, boxes = 1, children }: Props<T>) {
  if (shown.state === 'loading') {
    return (
      <div class={boxes > 1 ? 'cards' : undefined}>
        {Array.from({ length: boxes }, (_, index) => (
          <div key={index} class="skeleton">
            {text.loading}
          </div>
        ))}
      </div>
    );
  }
  if (shown.state === 'failed' && isWithheld(shown.failure)) {
    return (
      <p class="notice" data-testid="withheld" data-code={shown.failure.code}>
        {text.withheld(shown.failure.message)}
      </p>
    );
  }
  if (shown.state === 'failed') {
    return (
      <div class="notice notice-failed" data-testid="failure" data-code={shown.failure.code}>
        <strong>{text.failedTitle}</strong>
        <p>
          <FailureText failure={shown.failure} />
        </p>
      </div>
    );
  }
  return (
    <>
      {shown.failure !== null && (
        <p class="notice notice-stale" data-testid="stale" data-code={shown.failure.code}>
          <strong>{text.staleTitle(clock(shown.at))}.</strong> <FailureText failure={shown.failure} />
        </p>
      )}
      {isEmpty?.(shown.data) ? <div class="nothing">{empty}</div> : children(shown.data)}
    </>
  );
}

/** How a panel stands, as tests read it. */
function stateOf<T>({ shown, isEmpty }: Props<T>): string {
  if (shown.state !== 'ready') {
    return shown.state === 'failed' && isWithheld(shown.failure) ? 'withheld' : shown.state;
  }
  return isEmpty?.(shown.data) ? 'empty' : 'ready';
}

function Whole<T>(props: Props<T>) {
  const heading = `heading-${props.id}`;
  return (
    <section
      class="panel"
      aria-labelledby={heading}
      aria-busy={props.shown.state === 'loading'}
      data-testid={`panel-${props.id}`}
      data-state={stateOf(props)}
    >
      <header class="panel-head">
        <div>
          <h2 id={heading}>{props.title}</h2>
          {props.note !== undefined && <p class="note">{props.note}</p>}
        </div>
        {props.actions}
      </header>
      <Body {...props} />
    </section>
  );
}

/** What stands for a panel that could not be drawn. */
function Broken({ id, title }: { id: string; title: string }) {
  return (
    <section class="panel" data-testid={`panel-${id}`} data-state="failed">
      <h2>{title}</h2>
      <p class="notice notice-failed">{text.brokenView}</p>
    </section>
  );
}

export function Panel<T>(props: Props<T>) {
  return (
    <Boundary of={props.shown} instead={<Broken id={props.id} title={props.title} />}>
      <Whole {...props} />
    </Boundary>
  );
}
