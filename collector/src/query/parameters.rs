//! Query strings: read by serde into typed structs, each fault with its parameter and rule.
//!
//! In: a query string. Out: structs, taken one after the other: each takes the parameters it has
//! fields for. What must never happen: a parameter that nobody knows, or that is given twice, is
//! passed over.

use std::fmt;

use axum::{
    extract::Query,
    http::{StatusCode, Uri},
};
use serde::{
    Deserialize,
    de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, Visitor},
    forward_to_deserialize_any,
};

use crate::problem::Problem;

/// The parameters of a query string that nobody has taken yet.
pub(super) struct Parameters(Vec<(String, String)>);

/// A parameter that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) field: String,
    pub(super) rule: String,
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "parameter_invalid",
            "a parameter breaks a rule",
        )
        .breaks(fault.field, fault.rule)
    }
}

impl Fault {
    /// A fault of a parameter.
    pub(super) fn of(field: impl Into<String>, rule: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            rule: rule.into(),
        }
    }
}

impl Parameters {
    /// Reads a query string.
    pub(super) fn of(uri: &Uri) -> Result<Self, Fault> {
        let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(uri) else {
            return Err(Fault::of("?", "name=value, joined by &"));
        };
        for (at, (name, _)) in pairs.iter().enumerate() {
            if pairs[..at].iter().any(|(before, _)| before == name) {
                return Err(Fault::of(name, "given once"));
            }
        }
        Ok(Self(pairs))
    }

    /// Takes the parameters that `T` has fields for.
    pub(super) fn take<T: DeserializeOwned>(&mut self) -> Result<T, Fault> {
        T::deserialize(self)
    }

    /// Ends it: there must be no parameter left.
    pub(super) fn end(self) -> Result<(), Fault> {
        match self.0.into_iter().next() {
            None => Ok(()),
            Some((name, _)) => Err(Fault::of(name, "a parameter of this address")),
        }
    }
}

impl<'de> de::Deserializer<'de> for &mut Parameters {
    type Error = Fault;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let known = |(name, _): &mut (String, String)| fields.contains(&name.as_str());
        let taken: Vec<_> = self.0.extract_if(.., known).collect();
        visitor.visit_map(Taken {
            rest: taken.into_iter(),
            value: None,
        })
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Fault> {
        Err(de::Error::custom("read into a struct"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// The parameters of one struct.
struct Taken {
    rest: std::vec::IntoIter<(String, String)>,
    value: Option<(String, String)>,
}

impl<'de> de::MapAccess<'de> for Taken {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        self.value = self.rest.next();
        match &self.value {
            None => Ok(None),
            Some((name, _)) => seed
                .deserialize(name.as_str().into_deserializer())
                .map(Some),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let (field, value) = self.value.take().unwrap_or_default();
        seed.deserialize(One(value))
            .map_err(|fault| Fault { field, ..fault })
    }
}

/// The value of one parameter.
struct One(String);

impl<'de> de::Deserializer<'de> for One {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_string(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::of("", message.to_string())
    }

    fn missing_field(field: &'static str) -> Self {
        Self::of(field, "required")
    }

    fn unknown_variant(_variant: &str, expected: &'static [&'static str]) -> Self {
        Self::of("", format!("one of {}", expected.join(", ")))
    }
}

impl std::error::Error for Fault {}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} must be {}", self.field, self.rule)
    }
}

/// For addresses that have no parameters of their own.
#[derive(Debug, Deserialize)]
pub(super) struct NoMore {}

#[cfg(test)]
mod tests {
    use foresight_shared::Metric;

    use super::*;
    use crate::query::value::Limit;

    #[derive(Debug, PartialEq, Deserialize)]
    struct First {
        metric: Metric,
        name: Option<String>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Second {
        #[serde(default)]
        limit: Limit,
    }

    fn read(query: &str) -> Result<(First, Second), Fault> {
        let uri = format!("/?{query}").parse().unwrap();
        let mut parameters = Parameters::of(&uri)?;
        let both = (parameters.take()?, parameters.take()?);
        parameters.end()?;
        Ok(both)
    }

    #[test]
    fn each_struct_takes_its_own_parameters() {
        let first = |name: Option<&str>| First {
            metric: Metric::Cls,
            name: name.map(str::to_owned),
        };
        let both = (first(None), Second { limit: Limit(20) });
        assert_eq!(read("metric=CLS"), Ok(both));
        let both = (first(Some("a b/☕")), Second { limit: Limit(7) });
        assert_eq!(read("limit=7&name=a+b%2F%E2%98%95&metric=CLS"), Ok(both));
    }

    #[test]
    fn faults_name_the_parameter_and_its_rule() {
        for (query, field, rule) in [
            ("", "metric", "required"),
            (
                "metric=lcp",
                "metric",
                "one of LCP, INP, FID, CLS, FCP, TTFB",
            ),
            ("metric=LCP&metric=CLS", "metric", "given once"),
            (
                "metric=LCP&limit=0",
                "limit",
                "a whole number from 1 to 500",
            ),
            (
                "metric=LCP&limit=501",
                "limit",
                "a whole number from 1 to 500",
            ),
            ("metric=LCP&limit=", "limit", "a whole number from 1 to 500"),
            ("metric=LCP&sort=up", "sort", "a parameter of this address"),
        ] {
            assert_eq!(read(query), Err(Fault::of(field, rule)), "{query}");
        }
    }
}
