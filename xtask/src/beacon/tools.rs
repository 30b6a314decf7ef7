//! The tools that the beacon goes through: wasm-bindgen, wasm-opt, esbuild and the minifier.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use anyhow::{Context, Result};

use super::{Places, stage::copy_files};
use crate::{steps::run, wasm};

/// How wasm-opt makes the wasm small. Measured: the second round finds what flattening uncovered,
/// and together they are 5% smaller than one `-Oz`. A trap is never caught and goes on from, and
/// nothing lives in the first 1024 bytes, because the stack does. No browser asks for the features.
const OPTIMISE: [&str; 10] = [
    "-Oz",
    "--flatten",
    "--rereloop",
    "-Oz",
    "--gufa",
    "-Oz",
    "-tnh",
    "--low-memory-unused",
    "--converge",
    "--strip-target-features",
];

/// The oldest JavaScript that the result may need: browsers since the autumn of 2020.
const JS_TARGET: &str = "--target=es2021";

/// Fills `stage` with the loader's sources, the glue and the optimised `beacon.wasm`.
pub(super) fn prepare(places: &Places, stage: &Path, wasm: &Path) -> Result<()> {
    if stage.exists() {
        fs::remove_dir_all(stage)?;
    }
    fs::create_dir_all(stage)?;
    copy_files(&places.www.join("loader"), stage)?;
    wasm::bind(wasm, stage)?;
    let features = [
        "bulk-memory",
        "multivalue",
        "mutable-globals",
        "nontrapping-float-to-int",
        "reference-types",
        "sign-ext",
    ];
    run(Command::new(places.www.join("node_modules/.bin/wasm-opt"))
        .args(OPTIMISE)
        .args(features.map(|feature| format!("--enable-{feature}")))
        .arg(stage.join("foresight_beacon_bg.wasm"))
        .arg("-o")
        .arg(stage.join("beacon.wasm")))
}

/// Bundles `stage/entry`.
pub(super) fn esbuild(
    places: &Places,
    stage: &Path,
    entry: &str,
    options: &[String],
) -> Result<()> {
    // Properties of the loader's context that no browser has. The loader and what it loads are bundled
    // apart, so a file says what each becomes.
    let names = stage.join("names.json");
    let text = fs::read_to_string(&names).context("cannot read the names to shorten")?;
    let short: BTreeMap<String, String> = serde_json::from_str(&text)?;
    let long = short.into_keys().collect::<Vec<_>>().join("|");
    run(Command::new(places.www.join("node_modules/.bin/esbuild"))
        .arg(stage.join(entry))
        .args([
            "--bundle",
            "--charset=utf8",
            "--log-level=warning",
            JS_TARGET,
        ])
        .arg(format!("--mangle-props=^({long})$"))
        .arg(format!("--mangle-cache={}", names.display()))
        .args(options))
}

/// Minifies a bundle, a `module` or a `script`.
pub(super) fn minify(places: &Places, kind: &str, from: &Path, to: &Path) -> Result<()> {
    run(Command::new("node")
        .arg(places.www.join("minify.mjs"))
        .arg(kind)
        .args([from, to]))
}

pub(super) fn outfile(path: &Path) -> String {
    format!("--outfile={}", path.display())
}
