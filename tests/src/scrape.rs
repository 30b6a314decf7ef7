//! The text format of Prometheus, read far enough to compare numbers
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

use anyhow::{Context, Result, bail};

/// The samples of one scrape.
#[derive(Debug)]
pub struct Scrape(Vec<Sample>);

#[derive(Debug)]
struct Sample {
    name: String,
    labels: Vec<(String, String)>,
    value: f64,
}

impl Scrape {
    /// Reads a scrape's text.
    ///
    /// # Errors
    /// The first line that is neither a comment nor a sample.
    pub fn parse(text: &str) -> Result<Self> {
        let lines = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let samples =
            lines.map(|line| sample(line).with_context(|| format!("not a sample: {line}")));
        samples.collect::<Result<_>>().map(Self)
    }

    /// The sum of the samples with that name that have all these labels; 0 if there are none.
    #[must_use]
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.matching(name, labels).map(|sample| sample.value).sum()
    }

    /// The value of the only sample with that name and these labels.
    ///
    /// # Errors
    /// If there is none, or more than one.
    pub fn one(&self, name: &str, labels: &[(&str, &str)]) -> Result<f64> {
        let mut samples = self.matching(name, labels);
        match (samples.next(), samples.next()) {
            (Some(sample), None) => Ok(sample.value),
            (None, _) => bail!("there is no {name} with {labels:?}"),
            (Some(_), Some(_)) => bail!("there are several {name} with {labels:?}"),
        }
    }

    /// Whether any sample has that name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.matching(name, &[]).next().is_some()
    }

    /// Whether any sample with that name has that label.
    #[must_use]
    pub fn has_label(&self, name: &str, key: &str, value: &str) -> bool {
        self.matching(name, &[(key, value)]).next().is_some()
    }

    fn matching(&self, name: &str, labels: &[(&str, &str)]) -> impl Iterator<Item = &Sample> {
        self.0.iter().filter(move |sample| {
            sample.name == name
                && labels
                    .iter()
                    .all(|(key, value)| sample.labels.iter().any(|(k, v)| k == key && v == value))
        })
    }
}

/// `name{key="value",…} 1.5`, with an optional timestamp at the end.
fn sample(line: &str) -> Result<Sample> {
    let (name, rest) = line.split_at(line.find(['{', ' ']).context("no value")?);
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (Vec::new(), rest),
    };
    let value = rest.split_whitespace().next().context("no value")?;
    Ok(Sample {
        name: name.to_owned(),
        labels,
        value: value.parse()?,
    })
}

/// The labels up to the closing brace, and what follows it.
fn labels(mut rest: &str) -> Result<(Vec<(String, String)>, &str)> {
    let mut labels = Vec::new();
    loop {
        rest = rest.trim_start_matches([',', ' ']);
        if let Some(after) = rest.strip_prefix('}') {
            return Ok((labels, after));
        }
        let (key, quoted) = rest.split_once("=\"").context("a label without a value")?;
        let (value, after) = quoted_text(quoted).context("a label without an end")?;
        labels.push((key.to_owned(), value));
        rest = after;
    }
}

/// The text up to the closing quote, with its escapes resolved, and what follows it.
fn quoted_text(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '"' => return Some((value, &text[place + 1..])),
            '\\' => match characters.next()?.1 {
                'n' => value.push('\n'),
                escaped => value.push(escaped),
            },
            plain => value.push(plain),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# HELP a_total Things.\n# TYPE a_total counter\n\
        a_total{code=\"x\",site=\"a \\\"b\\\" {c}\"} 2\na_total{code=\"y\"} 3.5 1700000000000\n\nb 0\nc +Inf\n";

    #[test]
    fn samples_are_found_by_name_and_labels() {
        let scrape = Scrape::parse(TEXT).unwrap();
        assert_eq!(scrape.sum("a_total", &[]), 5.5);
        assert_eq!(scrape.one("a_total", &[("code", "y")]).unwrap(), 3.5);
        assert_eq!(
            scrape.one("a_total", &[("site", "a \"b\" {c}")]).unwrap(),
            2.0
        );
        assert_eq!(scrape.one("b", &[]).unwrap(), 0.0);
        assert!(scrape.one("c", &[]).unwrap().is_infinite());
        assert!(scrape.has("b") && !scrape.has("d"));
    }

    #[test]
    fn none_and_several_are_errors_where_one_is_expected() {
        let scrape = Scrape::parse(TEXT).unwrap();
        assert!(scrape.one("a_total", &[]).is_err());
        assert!(scrape.one("d", &[]).is_err());
        assert_eq!(scrape.sum("d", &[]), 0.0);
    }

    #[test]
    fn what_is_no_sample_is_an_error() {
        for text in ["a", "a{b=\"c\" 1", "a{b} 1", "a one"] {
            assert!(Scrape::parse(text).is_err(), "{text}");
        }
    }
}
