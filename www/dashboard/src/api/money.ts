// The answers about money, as docs/api.md describes them; docs/money.md defines each figure. In: nothing. Out:
// types. Never: a field that docs/api.md does not name. Amounts are whole numbers of the currency's smallest unit.

import type { Span } from './growth.ts';

/** What an amount is in. */
export interface Currency {
  currency: string;
  /** How many decimals the currency has; null if ISO 4217 does not know it. */
  exponent: number | null;
}

/** Payments of some time. */
export interface Takings {
  revenue_minor: number;
  refunds_minor: number;
  net_minor: number;
  revenue_entries: number;
  refund_entries: number;
}

export interface RevenueGroup extends Takings {
  value: string;
}

export interface RevenueDay extends Takings {
  start: string;
}

export interface CurrencyRevenue extends Currency {
  today: Takings;
  month_to_date: Takings;
  last_month: Takings;
  total: Takings;
  groups: RevenueGroup[];
  days: RevenueDay[];
}

export interface Revenue extends Span {
  by: string | null;
  currencies: CurrencyRevenue[];
}

/** What is known of forecasts of the past. */
export interface PastError {
  origins: number;
  mae_minor: number;
  mase: number | null;
  total_error_minor: number;
  coverage_percent: number;
}

export interface ForecastDay {
  start: string;
  expected_minor: number;
  low_minor: number;
  high_minor: number;
}

export interface CurrencyForecast extends Currency {
  history_days: number;
  /** Why there is no forecast; null if there is one. */
  withheld: string | null;
  model: string | null;
  expected_minor: number | null;
  days: ForecastDay[];
  past: PastError | null;
  baseline: PastError | null;
}

export interface Forecast extends Span {
  level_percent: number;
  currencies: CurrencyForecast[];
}

/** What a partner has, by state; of all partners if it has none. */
export interface Balance extends Currency {
  partner: string | null;
  accrued_minor: number;
  pending_minor: number;
  held_minor: number;
  payable_minor: number;
  paid_minor: number;
  reversed_minor: number;
  entries: number;
  excess_entries: number;
  excess_minor: number;
}

export interface Partners {
  partners: Balance[];
  totals: Balance[];
}
