// In: what was taken in one currency, and what is expected. Out: their chart. Never: a chart in the colours of
// the other theme. The same numbers stand in the table beside it.

import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { CurrencyForecast, CurrencyRevenue } from '../api/money.ts';
import type { Scheme } from '../state/theme.ts';
import { moneyText as text } from '../text/money.ts';
import { MONEY_HEIGHT, moneyData, moneyOptions } from './moneyOptions.ts';

interface Props {
  revenue: CurrencyRevenue;
  forecast: CurrencyForecast | null;
  scheme: Scheme;
}

export function MoneyChart({ revenue, forecast, scheme }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const { currency, exponent } = revenue;
  useEffect(() => {
    const host = box.current;
    if (host === null) {
      return undefined;
    }
    const drawn = new uPlot(moneyOptions({ currency, exponent }, host.clientWidth, text), [[], [], [], [], []], host);
    plot.current = drawn;
    const watch = new ResizeObserver(() => drawn.setSize({ width: host.clientWidth, height: MONEY_HEIGHT }));
    watch.observe(host);
    return () => {
      watch.disconnect();
      drawn.destroy();
      plot.current = null;
    };
  }, [currency, exponent, scheme]);
  useEffect(() => plot.current?.setData(moneyData(revenue, forecast) as uPlot.AlignedData), [revenue, forecast, scheme]);
  return <div ref={box} class="trend" role="img" aria-label={text.chartLabel(currency)} />;
}
