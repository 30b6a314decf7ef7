// In: what a form asks for, and how sending it stands. Out: its fields, its button and why it was refused. Never: a
// refusal that a screen reader is not told of.

import type { ComponentChildren } from 'preact';
import type { Action } from '../state/action.ts';
import { text } from '../text/en.ts';
import { FailureText } from './Panel.tsx';

interface FormProps {
  action: Action;
  testId: string;
  label: string;
  submit: string;
  onSubmit: () => Promise<void>;
  children: ComponentChildren;
}

export function Form({ action, testId, label, submit, onSubmit, children }: FormProps) {
  return (
    <form
      class="form"
      aria-label={label}
      data-testid={testId}
      onSubmit={(event) => {
        event.preventDefault();
        void action.run(onSubmit);
      }}
    >
      {children}
      <button type="submit" class="button button-main" disabled={action.busy} data-testid={`${testId}-submit`}>
        {action.busy ? text.loading : submit}
      </button>
      <FormFailure action={action} />
    </form>
  );
}

/** Why it was refused. */
export function FormFailure({ action }: { action: Action }) {
  return (
    <div role="alert" class="form-says">
      {action.failure !== null && (
        <p class="notice notice-failed" data-testid="failure" data-code={action.failure.code}>
          <FailureText failure={action.failure} />
        </p>
      )}
    </div>
  );
}

interface FieldProps {
  label: string;
  value: string;
  onValue: (value: string) => void;
  testId: string;
  type?: 'text' | 'password' | 'date';
  autocomplete?: 'off' | 'username' | 'current-password' | 'new-password';
  hint?: string;
  required?: boolean;
  minLength?: number;
}

export function Field({ label, value, onValue, testId, type = 'text', autocomplete = 'off', hint, required = true, minLength }: FieldProps) {
  const note = `${testId}-hint`;
  const input = {
    value,
    required,
    autocomplete,
    spellcheck: false,
    'data-testid': testId,
    ...(minLength === undefined ? {} : { minLength }),
    ...(hint === undefined ? {} : { 'aria-describedby': note }),
    onInput: (event: { currentTarget: HTMLInputElement }) => onValue(event.currentTarget.value),
  };
  return (
    <label class="field">
      <span>{label}</span>
      {type === 'text' && <input type="text" {...input} />}
      {type === 'password' && <input type="password" {...input} />}
      {type === 'date' && <input type="date" {...input} />}
      {hint !== undefined && (
        <span id={note} class="note">
          {hint}
        </span>
      )}
    </label>
  );
}
