//! The crates that end in the binary, the beacon included.
//!
//! In: `cargo metadata` and `Cargo.lock`. Out: each crate once, with what it needs, in order. Must never
//! happen: crates of tests only in the list, or a crate of the beacon that is missing.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::{steps::output, workspace::Workspace};

/// The collector, and what it embeds.
const ROOTS: [&str; 2] = ["foresight", "foresight-beacon"];

/// The crates of a release.
pub(super) struct Graph {
    /// The name of the crate that is the product.
    pub(super) root: String,
    /// All, by name and version.
    pub(super) crates: Vec<Crate>,
}

/// A crate of a version.
pub(super) struct Crate {
    /// Unlike that of any other: `name@version`.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) version: String,
    /// As its authors wrote it.
    pub(super) license: Option<String>,
    /// SHA-256 of what the registry gave, in digits; none for our own.
    pub(super) checksum: Option<String>,
    /// Ids of what it needs to be built or to run.
    pub(super) dependencies: Vec<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Needed>,
}

#[derive(Deserialize)]
struct Needed {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    /// None: normal; or `build`, `dev`.
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    checksum: Option<String>,
}

impl Graph {
    /// Asks cargo, for this machine and for wasm.
    pub(super) fn of_release(workspace: &Workspace) -> Result<Self> {
        let host = output(workspace.command("rustc", ".").arg("-vV"))?;
        let host = host
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .context("rustc does not tell its host")?;
        let metadata = output(
            workspace
                .cargo()
                .args(["metadata", "--locked", "--format-version", "1"])
                .args(["--filter-platform", host])
                .args(["--filter-platform", "wasm32-unknown-unknown"]),
        )?;
        let lock = workspace.path("Cargo.lock");
        let lock =
            fs::read_to_string(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
        Self::read(&metadata, &lock)
    }

    fn read(metadata: &str, lock: &str) -> Result<Self> {
        let metadata: Metadata =
            serde_json::from_str(metadata).context("cargo metadata has an unknown form")?;
        let lock: Lock = toml::from_str(lock).context("Cargo.lock has an unknown form")?;
        let sums: BTreeMap<(String, String), Option<String>> = lock
            .package
            .into_iter()
            .map(|locked| ((locked.name, locked.version), locked.checksum))
            .collect();
        let packages: BTreeMap<&str, &Package> = metadata
            .packages
            .iter()
            .map(|one| (one.id.as_str(), one))
            .collect();
        let nodes: BTreeMap<&str, &Node> = metadata
            .resolve
            .nodes
            .iter()
            .map(|one| (one.id.as_str(), one))
            .collect();
        let mut crates = Vec::new();
        for id in reached(&packages, &nodes)? {
            let package = packages[id];
            let needed: BTreeSet<String> = needs(nodes[id])
                .filter_map(|id| packages.get(id).copied())
                .map(reference)
                .collect();
            let key = (package.name.clone(), package.version.clone());
            crates.push(Crate {
                id: reference(package),
                name: package.name.clone(),
                version: package.version.clone(),
                license: package.license.clone(),
                checksum: sums.get(&key).cloned().flatten(),
                dependencies: needed.into_iter().collect(),
            });
        }
        crates.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(Self {
            root: ROOTS[0].to_owned(),
            crates,
        })
    }
}

fn reference(package: &Package) -> String {
    format!("{}@{}", package.name, package.version)
}

/// What a crate needs beyond its tests.
fn needs(node: &Node) -> impl Iterator<Item = &str> {
    let wanted = |kind: &Kind| kind.kind.as_deref() != Some("dev");
    node.deps
        .iter()
        .filter(move |needed| needed.dep_kinds.iter().any(wanted))
        .map(|needed| needed.pkg.as_str())
}

/// The ids of all crates that the roots need, directly or not.
fn reached<'a>(
    packages: &BTreeMap<&'a str, &'a Package>,
    nodes: &BTreeMap<&'a str, &'a Node>,
) -> Result<BTreeSet<&'a str>> {
    let mut waiting = Vec::new();
    for root in ROOTS {
        let found = packages.values().find(|package| package.name == root);
        let found = found.with_context(|| format!("there is no crate {root}"))?;
        waiting.push(found.id.as_str());
    }
    let mut reached = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        let node = nodes
            .get(id)
            .with_context(|| format!("cargo does not know {id}"))?;
        if reached.insert(id) {
            waiting.extend(needs(node));
        }
    }
    Ok(reached)
}

#[cfg(test)]
mod tests {
    use super::*;

    const METADATA: &str = r#"{
        "packages": [
            {"id": "a", "name": "foresight", "version": "0.1.0", "license": "MIT"},
            {"id": "b", "name": "foresight-beacon", "version": "0.1.0", "license": "MIT"},
            {"id": "c", "name": "axum", "version": "0.8.9", "license": "MIT"},
            {"id": "d", "name": "web-sys", "version": "0.3.1", "license": null},
            {"id": "e", "name": "criterion", "version": "0.8.0", "license": "MIT"}
        ],
        "resolve": {"nodes": [
            {"id": "a", "deps": [
                {"pkg": "c", "dep_kinds": [{"kind": null}]},
                {"pkg": "e", "dep_kinds": [{"kind": "dev"}]}
            ]},
            {"id": "b", "deps": [{"pkg": "d", "dep_kinds": [{"kind": "dev"}, {"kind": "build"}]}]},
            {"id": "c", "deps": []},
            {"id": "d", "deps": []},
            {"id": "e", "deps": []}
        ]}
    }"#;

    #[test]
    fn what_is_built_in_is_listed_and_what_only_tests_need_is_not() {
        let lock = "[[package]]\nname = \"axum\"\nversion = \"0.8.9\"\nchecksum = \"abcd\"\n";
        let graph = Graph::read(METADATA, lock).unwrap();
        let ids: Vec<_> = graph.crates.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(
            ids,
            [
                "axum@0.8.9",
                "foresight-beacon@0.1.0",
                "foresight@0.1.0",
                "web-sys@0.3.1"
            ]
        );
        assert_eq!(graph.crates[0].checksum.as_deref(), Some("abcd"));
        assert_eq!(graph.crates[2].dependencies, ["axum@0.8.9"]);
    }

    #[test]
    fn a_list_without_the_beacon_is_refused() {
        let without = METADATA.replace("foresight-beacon", "beacon");
        let lock = "package = []";
        assert!(Graph::read(&without, lock).is_err());
    }
}
