// In: page views by hour or day. Out: their line, as small as a word. Never: a line that is the only place where
// the total can be read.

import { sparkLine } from './scale.ts';

const WIDTH = 96;
const HEIGHT = 24;

export function Spark({ values, label }: { values: number[]; label: string }) {
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} role="img" aria-label={label}>
      {values.length > 1 && <path d={sparkLine(values, WIDTH, HEIGHT)} />}
    </svg>
  );
}
