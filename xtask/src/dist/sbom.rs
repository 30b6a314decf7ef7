//! What the binary and the npm package are made of, as CycloneDX 1.5 in JSON.
//!
//! In: `cargo metadata` with the checksums of `Cargo.lock`, and npm's own list of `www/package-lock.json`.
//! Out: one file for Rust and one for npm, both checked against the format's rules. Must never happen: a
//! list with a time of the clock or a number drawn by chance, or one without what browsers get.

mod graph;

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use cyclonedx_bom::{
    models::{
        component::Classification,
        dependency::{Dependencies, Dependency},
        hash::{Hash, HashAlgorithm, HashValue, Hashes},
        license::{LicenseChoice, Licenses},
    },
    prelude::{
        Bom, Component, Components, DateTime, Metadata, Purl, SpdxExpression, SpecVersion, UrnUuid,
        Validate,
    },
};
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{release::Release, sums::hexadecimal};
use crate::{
    steps::{output, say},
    workspace::Workspace,
};
use graph::{Crate, Graph};

const VERSION: SpecVersion = SpecVersion::V1_5;

/// Writes both lists into `out`.
pub(super) fn write(workspace: &Workspace, release: &Release, out: &Path) -> Result<()> {
    let time = time(release)?;
    let graph = Graph::of_release(workspace)?;
    let rust = render(from_graph(&graph, &time)?)?;
    let npm = output(workspace.command("npm", "www").args([
        "sbom",
        "--sbom-format=cyclonedx",
        "--package-lock-only",
    ]))?;
    let npm = settle(
        serde_json::from_str(&npm).context("npm's list is not JSON")?,
        &time,
    )?;
    for (name, list) in [("rust", rust), ("npm", npm)] {
        let parts = check(&list).with_context(|| format!("the list of {name}"))?;
        say(&format!("{name}: {parts} parts"));
        let to = out.join(format!("foresight-{}-{name}.cdx.json", release.version));
        fs::write(&to, list).with_context(|| format!("cannot write {}", to.display()))?;
    }
    Ok(())
}

/// The release's time as CycloneDX has it.
fn time(release: &Release) -> Result<String> {
    let seconds = i64::try_from(release.epoch_s).context("a time beyond all clocks")?;
    Ok(Timestamp::from_second(seconds)?.to_string())
}

fn from_graph(graph: &Graph, time: &str) -> Result<Bom> {
    let dependencies = graph.crates.iter().map(|part| Dependency {
        dependency_ref: part.id.clone(),
        dependencies: part.dependencies.clone(),
    });
    let (mut own, mut others) = (None, Vec::new());
    for part in &graph.crates {
        if part.name == graph.root {
            own = Some(component(part, Classification::Application)?);
        } else {
            others.push(component(part, Classification::Library)?);
        }
    }
    let metadata = Metadata {
        timestamp: Some(DateTime::try_from(time.to_owned())?),
        component: Some(own.context("the collector is not in its own list")?),
        tools: None,
        authors: None,
        manufacture: None,
        supplier: None,
        licenses: None,
        properties: None,
        lifecycles: None,
    };
    Ok(Bom {
        version: 1,
        serial_number: None,
        metadata: Some(metadata),
        components: Some(Components(others)),
        dependencies: Some(Dependencies(dependencies.collect())),
        services: None,
        external_references: None,
        compositions: None,
        properties: None,
        vulnerabilities: None,
        signature: None,
        annotations: None,
        formulation: None,
        spec_version: VERSION,
    })
}

fn component(part: &Crate, kind: Classification) -> Result<Component> {
    let mut component = Component::new(kind, &part.name, &part.version, Some(part.id.clone()));
    component.purl = Some(Purl::new("cargo", &part.name, &part.version)?);
    component.hashes = part.checksum.as_ref().map(|sum| {
        Hashes(vec![Hash {
            alg: HashAlgorithm::SHA_256,
            content: HashValue(sum.clone()),
        }])
    });
    component.licenses = match &part.license {
        Some(text) => {
            let expression = SpdxExpression::parse_lax(text.clone())
                .with_context(|| format!("license of {}", part.name))?;
            Some(Licenses(vec![LicenseChoice::Expression(expression)]))
        }
        None => None,
    };
    Ok(component)
}

/// The list with a number that depends on its content.
fn render(mut bom: Bom) -> Result<String> {
    let mut bytes = Vec::new();
    bom.clone().output_as_json(&mut bytes, VERSION)?;
    bom.serial_number = Some(UrnUuid(serial(&bytes)));
    bytes.clear();
    bom.output_as_json(&mut bytes, VERSION)?;
    Ok(String::from_utf8(bytes)? + "\n")
}

/// npm's list, with the release's time and a number that depends on its content.
fn settle(mut list: Value, time: &str) -> Result<String> {
    let metadata = list.get_mut("metadata").and_then(Value::as_object_mut);
    let metadata = metadata.context("npm's list has no metadata")?;
    metadata.insert("timestamp".into(), time.into());
    let fields = list.as_object_mut().context("npm's list is no object")?;
    fields.remove("serialNumber");
    let number = serial(&serde_json::to_vec(&fields)?);
    fields.insert("serialNumber".into(), number.into());
    Ok(serde_json::to_string_pretty(&list)? + "\n")
}

/// A UUID of a content: version 8, "own meaning" (RFC 9562), from its SHA-256.
fn serial(content: &[u8]) -> String {
    let digits = hexadecimal(&Sha256::digest(content));
    format!(
        "urn:uuid:{}-{}-8{}-a{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[12..15],
        &digits[15..18],
        &digits[18..30]
    )
}

/// Reads a list as others will, and returns how many parts it has.
fn check(list: &str) -> Result<usize> {
    let bom = Bom::parse_from_json_v1_5(list.as_bytes())?;
    let verdict = bom.validate_version(VERSION);
    ensure!(verdict.passed(), "breaks the format's rules: {verdict:?}");
    let parts = bom.components.map_or(0, |parts| parts.0.len());
    ensure!(parts > 0, "has no parts");
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TIME: &str = "2026-11-30T22:32:15Z";

    fn part(name: &str, license: &str, dependencies: &[&str]) -> Crate {
        Crate {
            id: format!("{name}@1.0.0"),
            name: name.into(),
            version: "1.0.0".into(),
            license: Some(license.into()),
            checksum: Some("ab".repeat(32)),
            dependencies: dependencies
                .iter()
                .map(|name| format!("{name}@1.0.0"))
                .collect(),
        }
    }

    #[test]
    fn crates_become_a_list_that_keeps_the_rules_and_is_the_same_each_time() {
        let graph = Graph {
            root: "foresight".into(),
            crates: vec![
                part("foresight", "MIT OR Apache-2.0", &["axum"]),
                part("axum", "MIT/Apache-2.0", &[]),
            ],
        };
        let list = render(from_graph(&graph, TIME).unwrap()).unwrap();
        assert_eq!(list, render(from_graph(&graph, TIME).unwrap()).unwrap());
        assert_eq!(check(&list).unwrap(), 1);
        let read: Value = serde_json::from_str(&list).unwrap();
        assert_eq!(read["metadata"]["component"]["name"], "foresight");
        assert_eq!(read["components"][0]["purl"], "pkg:cargo/axum@1.0.0");
        let license = &read["components"][0]["licenses"][0]["expression"];
        assert_eq!(license, "MIT OR Apache-2.0");
        assert_eq!(read["dependencies"][0]["dependsOn"], json!(["axum@1.0.0"]));
    }

    #[test]
    fn npms_list_loses_its_clock_and_its_chance() {
        let list = |serial: &str, timestamp: &str| {
            json!({
                "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "serialNumber": serial,
                "metadata": {"timestamp": timestamp},
                "components": [{"type": "library", "name": "preact", "version": "11.2.0", "bom-ref": "preact"}],
            })
        };
        let one = list(
            "urn:uuid:2bb6e926-8105-4944-b61d-bcc334c0c135",
            "2026-11-30T22:43:07.096Z",
        );
        let other = list(
            "urn:uuid:3bb6e926-8105-4944-b61d-bcc334c0c135",
            "2026-12-01T00:00:00.000Z",
        );
        let settled = settle(one, TIME).unwrap();
        assert_eq!(settled, settle(other, TIME).unwrap());
        assert_eq!(check(&settled).unwrap(), 1);
    }

    #[test]
    fn a_list_that_breaks_the_rules_is_refused() {
        let broken = json!({
            "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "serialNumber": "urn:uuid:1",
            "components": [{"type": "library", "name": "preact", "version": "11.2.0"}],
        });
        let error = check(&broken.to_string()).unwrap_err().to_string();
        assert!(error.contains("breaks the format's rules"), "{error}");
        assert!(check("{}").is_err());
    }
}
