// Medians and their intervals. In: numbers. Out: numbers. An interval is that of ranks, 95%: it asks
// nothing of how the numbers are distributed.

const sorted = (numbers) => [...numbers].sort((a, b) => a - b);

export const median = (numbers) => {
  const all = sorted(numbers);
  const middle = (all.length - 1) / 2;
  return (all[Math.floor(middle)] + all[Math.ceil(middle)]) / 2;
};

/** The interval of the median: n/2 +- 1.96 sqrt(n/4) in ranks. */
export const interval = (numbers) => {
  const all = sorted(numbers);
  const half = 0.98 * Math.sqrt(all.length);
  const low = Math.max(Math.floor(all.length / 2 - half), 0);
  const high = Math.min(Math.ceil(all.length / 2 + half), all.length) - 1;
  return [all[low], all[Math.max(high, low)]];
};

/** `median (low to high)`. */
export const spread = (numbers, digits = 0) => {
  const [low, high] = interval(numbers);
  return `${median(numbers).toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
};
