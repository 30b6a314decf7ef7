//! Amounts as people write them.
//!
//! In: a whole number of a currency's smallest unit. Out: a decimal number, exact. What must never
//! happen: an amount passes through a float, or has a point where ISO 4217 does not say so.

use iso_currency::Currency;

/// How many decimals a currency has by ISO 4217: 2 for euros, 0 for yen. `None` for what is no
/// currency there, or has no such number.
pub(super) fn exponent(currency: &str) -> Option<u16> {
    Currency::from_code(currency)?.exponent()
}

/// An amount in the currency's own unit. `None` if its decimals are not known.
pub(super) fn decimal(amount_minor: i64, currency: &str) -> Option<String> {
    let places = usize::from(exponent(currency)?);
    let sign = if amount_minor < 0 { "-" } else { "" };
    let digits = format!(
        "{:0>width$}",
        amount_minor.unsigned_abs(),
        width = places + 1
    );
    let (whole, part) = digits.split_at(digits.len() - places);
    let point = if places == 0 { "" } else { "." };
    Some(format!("{sign}{whole}{point}{part}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        for (amount, currency, expected) in [
            (2900, "EUR", Some("29.00")),
            (5, "EUR", Some("0.05")),
            (-5, "EUR", Some("-0.05")),
            (0, "EUR", Some("0.00")),
            (-123, "JPY", Some("-123")),
            (1234, "KWD", Some("1.234")),
            (12_345, "CLF", Some("1.2345")),
            (i64::MIN, "EUR", Some("-92233720368547758.08")),
            (100, "XAU", None),
            (100, "AAA", None),
        ] {
            let found = decimal(amount, currency);
            assert_eq!(found.as_deref(), expected, "{amount} {currency}");
        }
    }

    proptest! {
        #[test]
        fn no_digit_is_lost(amount: i64) {
            for currency in ["EUR", "JPY", "KWD", "CLF"] {
                let text = decimal(amount, currency).unwrap_or_default();
                prop_assert_eq!(text.replace('.', "").parse::<i64>(), Ok(amount));
            }
        }
    }
}
