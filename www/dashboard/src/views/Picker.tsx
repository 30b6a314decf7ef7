// In: choices and the one that is chosen. Out: a list to choose from. Never: a choice without a name.

interface Props<T extends string> {
  label: string;
  testId: string;
  choices: readonly T[];
  chosen: T;
  nameOf: (choice: T) => string;
  onChoice: (choice: T) => void;
}

export function Picker<T extends string>({ label, testId, choices, chosen, nameOf, onChoice }: Props<T>) {
  return (
    <label class="field">
      <span>{label}</span>
      <select
        data-testid={testId}
        value={chosen}
        onChange={(event) => onChoice(choices.find((choice) => choice === event.currentTarget.value) ?? chosen)}
      >
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {nameOf(choice)}
          </option>
        ))}
      </select>
    </label>
  );
}
