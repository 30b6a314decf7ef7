// In: words. Out: a number that depends on them only. Never: another mock for the same question.

/** A number in [0, 1) that depends on the words only. */
export function chance(...words: (string | number)[]): number {
  let hash = 2166136261;
  for (const char of words.join('|')) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16777619);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 12)) >>> 0) / 2 ** 32;
}
