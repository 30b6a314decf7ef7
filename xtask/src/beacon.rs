//! Builds the beacon: from the crate and `www/loader` to what browsers get.
//!
//! In: `beacon/`, `shared/`, `www/loader/`, `www/beacon/`. Out: `www/dist/beacon.js`,
//! `www/dist/beacon/<hash>/{beacon.js,beacon.wasm}` and the npm package's `www/beacon/dist/`. It
//! fails when the parts together outgrow `www/loader/budget.json`; and what lies in `<hash>` never
//! changes, because the hash is that of its content.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::{
    compress::{brotli, gzip},
    steps::run,
    wasm::{self, Compiler},
};

/// The features of the build for npm. The script-tag build has none.
const NPM: &str = "npm";

/// How wasm-opt makes the wasm small. Measured: the second round finds what flattening uncovered,
/// and together they are 5% smaller than one `-Oz`. A trap is never caught and goes on from, and
/// nothing lives in the first 1024 bytes, because the stack does.
const OPTIMISE: [&str; 9] = [
    "-Oz",
    "--flatten",
    "--rereloop",
    "-Oz",
    "--gufa",
    "-Oz",
    "-tnh",
    "--low-memory-unused",
    "--converge",
];

/// The oldest JavaScript that the result may need: browsers since the spring of 2020.
const JS_TARGET: &str = "--target=es2020";

/// Properties of the loader's context that no browser has. The loader and what it loads are bundled
/// apart, so `names.json` says what they become.
const MANGLE: &str = "--mangle-props=^(calls|clicks|facts|linked|missed|observer)$";

/// What the parts may weigh at most, in bytes of brotli.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    /// The loader, which every page view runs.
    loader: usize,
    /// Loader, glue and wasm together.
    total: usize,
}

/// Where things are.
struct Places {
    root: PathBuf,
    www: PathBuf,
    dist: PathBuf,
    work: PathBuf,
}

/// Builds the script-tag beacon and the npm package. Steps whose inputs are unchanged are skipped.
///
/// # Errors
/// If a tool is missing or fails, or the beacon outgrows its budget.
pub(crate) fn build(root: &Path) -> Result<()> {
    let www = root.join("www");
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let places = Places {
        root: root.to_path_buf(),
        dist: www.join("dist"),
        www,
        work: target.join("beacon"),
    };
    if !places.www.join("node_modules/esbuild").exists() {
        println!("beacon: installing the JavaScript tools");
        run(Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--silent"])
            .current_dir(&places.www))?;
    }
    let compiler = Compiler::find(&target)?;
    let lean = compiler.compile(root, "")?;
    script_tag(&places, &lean)?;
    let full = compiler.compile(root, NPM)?;
    npm(&places, &full)
}

/// Builds `www/dist/beacon.js` and `www/dist/beacon/<hash>/` and checks their weight.
fn script_tag(places: &Places, wasm: &Path) -> Result<()> {
    let stage = places.work.join("lean");
    let inputs = fingerprint(places, wasm, &places.www.join("loader"))?;
    let loader = places.dist.join("beacon.js");
    if is_done(&stage, &inputs) && loader.exists() {
        println!("beacon: the script tag's files are up to date");
        return Ok(());
    }
    println!("beacon: binding, optimising and bundling for the script tag");
    prepare(places, &stage, wasm)?;
    let glue = stage.join("out.js");
    esbuild(
        places,
        &stage,
        "boot.js",
        &["--format=esm".into(), outfile(&glue)],
    )?;

    let parts = [fs::read(&glue)?, fs::read(stage.join("beacon.wasm"))?];
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    let hash = hex(&hasher.finalize()[..6]);
    let address = format!("beacon/{hash}/beacon.js");
    let define = format!("--define:BUILD={address:?}");
    let early = stage.join("loader.out.js");
    esbuild(
        places,
        &stage,
        "loader.js",
        &["--format=iife".into(), define, outfile(&early)],
    )?;

    let [glue, wasm] = parts;
    let parts = [
        ("loader", fs::read(&early)?),
        ("glue", glue),
        ("wasm", wasm),
    ];
    weigh(&parts, &places.www.join("loader/budget.json"))?;

    let hashed = places.dist.join("beacon");
    if hashed.exists() {
        fs::remove_dir_all(&hashed)?;
    }
    fs::create_dir_all(hashed.join(&hash))?;
    let [loader_part, glue, wasm] = parts;
    fs::write(hashed.join(&hash).join("beacon.js"), glue.1)?;
    fs::write(hashed.join(&hash).join("beacon.wasm"), wasm.1)?;
    fs::write(&loader, loader_part.1)?;
    done(&stage, &inputs)
}

/// Builds `www/beacon/dist/`.
fn npm(places: &Places, wasm: &Path) -> Result<()> {
    let stage = places.work.join(NPM);
    let package = places.www.join("beacon");
    let inputs = fingerprint(places, wasm, &package.join("src"))?;
    let dist = package.join("dist");
    if is_done(&stage, &inputs) && dist.join("index.js").exists() {
        println!("beacon: the npm package is up to date");
        return Ok(());
    }
    println!("beacon: binding, optimising and bundling for npm");
    prepare(places, &stage, wasm)?;
    copy_files(&package.join("src"), &stage)?;
    if dist.exists() {
        fs::remove_dir_all(&dist)?;
    }
    let options = [
        "--format=esm".into(),
        "--splitting".into(),
        "--loader:.wasm=base64".into(),
        format!("--outdir={}", dist.display()),
    ];
    esbuild(places, &stage, "index.js", &options)?;
    fs::copy(stage.join("index.d.ts"), dist.join("index.d.ts"))?;
    done(&stage, &inputs)
}

/// Fills `stage` with the loader's sources, the glue and the optimised `beacon.wasm`.
fn prepare(places: &Places, stage: &Path, wasm: &Path) -> Result<()> {
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

/// Bundles and minifies `stage/entry`.
fn esbuild(places: &Places, stage: &Path, entry: &str, options: &[String]) -> Result<()> {
    run(Command::new(places.www.join("node_modules/.bin/esbuild"))
        .arg(stage.join(entry))
        .args([
            "--bundle",
            "--minify",
            "--charset=utf8",
            "--log-level=warning",
            JS_TARGET,
            MANGLE,
        ])
        .arg(format!(
            "--mangle-cache={}",
            stage.join("names.json").display()
        ))
        .args(options))
}

fn outfile(path: &Path) -> String {
    format!("--outfile={}", path.display())
}

/// Prints what each part weighs and fails if they outgrow the budget.
fn weigh(parts: &[(&str, Vec<u8>)], budget: &Path) -> Result<()> {
    let text = fs::read_to_string(budget).context("cannot read the beacon's budget")?;
    let budget: Budget = serde_json::from_str(&text).context("the beacon's budget is malformed")?;
    println!(
        "beacon: {:<8} {:>7} {:>7} {:>7}",
        "part", "raw", "gzip", "brotli"
    );
    let mut total = [0; 3];
    for (name, bytes) in parts {
        let sizes = [bytes.len(), gzip(bytes)?.len(), brotli(bytes)?.len()];
        println!(
            "beacon: {name:<8} {:>7} {:>7} {:>7}",
            sizes[0], sizes[1], sizes[2]
        );
        ensure!(
            *name != "loader" || sizes[2] <= budget.loader,
            "the loader is {} bytes of brotli, its budget is {}",
            sizes[2],
            budget.loader
        );
        total
            .iter_mut()
            .zip(sizes)
            .for_each(|(sum, size)| *sum += size);
    }
    println!(
        "beacon: {:<8} {:>7} {:>7} {:>7}",
        "total", total[0], total[1], total[2]
    );
    ensure!(
        total[2] <= budget.total,
        "the beacon is {} bytes of brotli, its budget is {}",
        total[2],
        budget.total
    );
    Ok(())
}

/// A hash of everything that a result is made of, besides the program itself.
fn fingerprint(places: &Places, wasm: &Path, sources: &Path) -> Result<String> {
    let mut files = vec![
        wasm.to_path_buf(),
        places.www.join("package-lock.json"),
        places.root.join("xtask/src/beacon.rs"),
        places.root.join("xtask/src/wasm.rs"),
    ];
    for dir in [&places.www.join("loader"), sources] {
        for entry in fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))? {
            files.push(entry?.path());
        }
    }
    files.sort();
    let mut hasher = Sha256::new();
    for file in files {
        let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        hasher.update(bytes.len().to_le_bytes());
        hasher.update(bytes);
    }
    Ok(hex(&hasher.finalize()))
}

/// Whether `stage` was last finished with these inputs.
fn is_done(stage: &Path, inputs: &str) -> bool {
    fs::read_to_string(stage.join("inputs")).is_ok_and(|text| text == inputs)
}

fn done(stage: &Path, inputs: &str) -> Result<()> {
    fs::write(stage.join("inputs"), inputs).context("cannot note the finished step")
}

/// Copies the files of one directory.
fn copy_files(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from).with_context(|| format!("cannot list {}", from.display()))? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
