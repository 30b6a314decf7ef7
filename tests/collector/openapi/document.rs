//! The OpenAPI document, as a test reads it: strictly.
//!
//! In: the document. Out: questions that it allows, and whether an answer is what it says. Its schemas allow more
//! fields than they name; here they do not, so that a field which it lacks is found.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

pub(super) struct Document(Value);

/// A query string's names and values.
type Question = Vec<(String, String)>;

impl Document {
    pub(super) fn new(mut document: Value) -> Result<Self> {
        let mut parts = BTreeSet::new();
        parts_of_wholes(&document, &mut parts);
        let schemas = document["components"]["schemas"]
            .as_object_mut()
            .context("no schemas")?;
        for (name, schema) in schemas {
            let is_object = schema.get("properties").is_some() || schema.get("allOf").is_some();
            if is_object && !parts.contains(name) {
                schema["unevaluatedProperties"] = json!(false);
            }
        }
        Ok(Self(document))
    }

    /// The paths of reports, which are read with parameters alone.
    pub(super) fn reports(&self) -> Vec<String> {
        let paths = self.0["paths"].as_object().into_iter().flatten();
        let is_report = |(path, operations): &(&String, &Value)| {
            let tag = operations["get"]["tags"][0].as_str();
            let tags = ["reports", "fleet", "growth", "money", "collector"];
            tag.is_some_and(|tag| tags.contains(&tag)) && *path != "/api/v1/live"
        };
        paths
            .filter(is_report)
            .map(|(path, _)| path.clone())
            .collect()
    }

    /// The question with what is required, and for each parameter each of its words besides.
    pub(super) fn questions(&self, path: &str, known: (&str, &str)) -> Result<Vec<Question>> {
        let parameters = self.0["paths"][path]["get"]["parameters"].as_array();
        let (mut required, mut others) = (Question::new(), Question::new());
        for parameter in parameters.into_iter().flatten() {
            let name = parameter["name"].as_str().context("no name")?.to_owned();
            let mut words = self.words(&parameter["schema"]);
            if words.is_empty() {
                words.extend(example(&name, known).map(str::to_owned));
            }
            if parameter["required"] == true {
                let first = words
                    .first()
                    .with_context(|| format!("no value for {name}"))?;
                required.push((name.clone(), first.clone()));
            }
            others.extend(words.into_iter().map(|word| (name.clone(), word)));
        }
        let with = |other: &(String, String)| {
            let mut question = required.clone();
            question.retain(|(name, _)| *name != other.0);
            question.push(other.clone());
            question
        };
        let mut questions: Vec<_> = others.iter().map(with).collect();
        questions.push(required);
        Ok(questions)
    }

    /// The parameters of a report that have words, and these.
    pub(super) fn worded(&self, path: &str) -> Vec<(&str, Vec<String>)> {
        let parameters = self.0["paths"][path]["get"]["parameters"].as_array();
        let worded = parameters.into_iter().flatten().filter_map(|parameter| {
            let words = self.words(&parameter["schema"]);
            Some((parameter["name"].as_str()?, words)).filter(|(_, words)| !words.is_empty())
        });
        worded.collect()
    }

    /// The words that a schema allows, if it names them.
    fn words(&self, schema: &Value) -> Vec<String> {
        let words = self.resolved(schema)["enum"].as_array();
        let text = |word: &Value| word.as_str().map(str::to_owned);
        words.into_iter().flatten().filter_map(text).collect()
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let place = schema["$ref"]
            .as_str()
            .and_then(|one| one.strip_prefix('#'));
        place
            .and_then(|place| self.0.pointer(place))
            .unwrap_or(schema)
    }

    /// Whether an answer's status, content type and body are documented.
    pub(super) fn check(
        &self,
        (method, path): (&str, &str),
        status: u16,
        kind: &str,
        body: &str,
    ) -> Result<()> {
        let responses = &self.0["paths"][path][method]["responses"];
        let response = &responses[status.to_string()];
        ensure!(response.is_object(), "the status is not documented");
        let Some(content) = response.get("content") else {
            ensure!(body.is_empty(), "a body that is not documented");
            return Ok(());
        };
        let schema = content[kind].get("schema");
        let mut schema = schema
            .context("the content type is not documented")?
            .clone();
        let value = if kind.ends_with("json") {
            serde_json::from_str(body)?
        } else {
            Value::from(body)
        };
        schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
        schema["components"] = self.0["components"].clone();
        let validator = jsonschema::validator_for(&schema)?;
        let faults: Vec<_> = validator
            .iter_errors(&value)
            .map(|fault| format!("{}: {fault:.300}", fault.instance_path()))
            .collect();
        if !faults.is_empty() {
            bail!("{}", faults.join("\n"));
        }
        Ok(())
    }
}

/// A value for a parameter whose schema has no words. Cursors are left out.
fn example<'a>(name: &str, (partner, month): (&'a str, &'a str)) -> Option<&'a str> {
    match name {
        "partner" => Some(partner),
        "month" => Some(month),
        "limit" => Some("3"),
        "site" | "search" | "template" | "build" | "page" | "country" | "browser" | "currency" => {
            Some("none")
        }
        _ => None,
    }
}

/// The schemas that others are made of: these may not be closed.
fn parts_of_wholes(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(parts) => parts.iter().for_each(|part| parts_of_wholes(part, found)),
        Value::Object(object) => {
            let parts = object.get("allOf").and_then(Value::as_array);
            for part in parts.into_iter().flatten() {
                let name = part["$ref"].as_str().and_then(|one| one.rsplit('/').next());
                found.extend(name.map(str::to_owned));
            }
            object
                .values()
                .for_each(|part| parts_of_wholes(part, found));
        }
        _ => {}
    }
}
