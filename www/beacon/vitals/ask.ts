// What the wasm is asked for: the numbers of `ask` in beacon/src/drop_in.rs. Parts are 0 to 4.
//
// TypeScript, because the bundler then puts the numbers where the names are, which saves 100 bytes.

export const enum Ask {
  VALUE = 5,
  DELTA = 6,
  INTERACTION = 7,
  LARGEST = 8,
  FRAME = 9,
  SUMS = 10,
  LONGEST = 14,
  PHASE = 15,
  EXPLAIN = 16,
  LONG_FRAME = 17,
  SCRIPT = 18,
  BEGIN = 19,
  PAINT = 20,
  NAVIGATION = 21,
  FIRST_INPUT = 22,
  SHIFT = 23,
  EVENT = 24,
  SETTLE = 25,
  TELL = 26,
  PRUNE = 27,
  HOLDS = 28,
  HAS_FRAME = 29,
  TOUCHES = 30,
}
