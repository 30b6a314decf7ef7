//! Builds the beacon: from the crate and `www/loader` to what browsers get.
//!
//! In: `beacon/`, `shared/`, `www/loader/`, `www/beacon/`. Out: `www/dist/beacon.js`,
//! `www/dist/beacon/<hash>/{loader.js,beacon.js,beacon.wasm}` and the npm package's
//! `www/beacon/dist/`; printed, the loaders' hashes for `integrity` attributes. It fails when the
//! parts together, or the package's drop-in for web-vitals, outgrow `www/loader/budget.json`; and what
//! lies in `<hash>` never changes, because the hash is that of its content.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use sha2::{Digest, Sha256, Sha384};

use crate::{
    compress::{brotli, gzip},
    steps::run,
    wasm::{self, Compiler},
};

/// The features of the build for npm. The script-tag build has none.
const NPM: &str = "npm";

/// The features of the drop-in for web-vitals, which is the package's second entry.
const VITALS: &str = "vitals";

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

/// What the parts may weigh at most, in bytes of brotli.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    /// The loader, which every page view runs.
    loader: usize,
    /// Loader, glue and wasm together.
    total: usize,
    /// The drop-in for web-vitals with its wasm.
    vitals: usize,
}

/// Where things are.
struct Places {
    root: PathBuf,
    www: PathBuf,
    dist: PathBuf,
    work: PathBuf,
}

impl Places {
    fn budget(&self) -> Result<Budget> {
        let path = self.www.join("loader/budget.json");
        let text = fs::read_to_string(path).context("cannot read the beacon's budget")?;
        serde_json::from_str(&text).context("the beacon's budget is malformed")
    }
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
    if !places.www.join("node_modules/@swc/core").exists() {
        println!("beacon: installing the JavaScript tools");
        run(Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--silent"])
            .current_dir(&places.www))?;
    }
    let compiler = Compiler::find(&target)?;
    let lean = compiler.compile(root, "")?;
    script_tag(&places, &lean)?;
    print_pins(&places.dist)?;
    let full = compiler.compile(root, NPM)?;
    npm(&places, &full)?;
    server(&places)?;
    let drop_in = compiler.compile(root, VITALS)?;
    vitals(&places, &drop_in)
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
    let bundle = stage.join("bundle.js");
    let options = ["--format=esm".into(), outfile(&bundle)];
    esbuild(places, &stage, "boot.js", &options)?;
    minify(places, "module", &bundle, &glue)?;

    let pinned = bundle_loader(places, &stage, "beacon.js")?;
    let parts = [
        fs::read(&glue)?,
        fs::read(stage.join("beacon.wasm"))?,
        pinned,
    ];
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    let hash = hex(&hasher.finalize()[..4]);
    let early = bundle_loader(places, &stage, &format!("beacon/{hash}/beacon.js"))?;

    let [glue, wasm, pinned] = parts;
    let parts = [("loader", early), ("glue", glue), ("wasm", wasm)];
    let budget = places.budget()?;
    let total = weigh(&parts)?;
    within("the loader", brotli(&parts[0].1)?.len(), budget.loader)?;
    within("the beacon", total, budget.total)?;

    let hashed = places.dist.join("beacon");
    if hashed.exists() {
        fs::remove_dir_all(&hashed)?;
    }
    fs::create_dir_all(hashed.join(&hash))?;
    let [loader_part, glue, wasm] = parts;
    fs::write(hashed.join(&hash).join("beacon.js"), glue.1)?;
    fs::write(hashed.join(&hash).join("beacon.wasm"), wasm.1)?;
    fs::write(hashed.join(&hash).join("loader.js"), pinned)?;
    fs::write(&loader, loader_part.1)?;
    done(&stage, &inputs)
}

/// The loader for pages, which imports `address`, relative to its own.
fn bundle_loader(places: &Places, stage: &Path, address: &str) -> Result<Vec<u8>> {
    let (bundle, out) = (stage.join("loader.bundle.js"), stage.join("loader.out.js"));
    let define = format!("--define:BUILD={address:?}");
    let options = ["--format=iife".into(), define, outfile(&bundle)];
    esbuild(places, stage, "loader.js", &options)?;
    minify(places, "script", &bundle, &out)?;
    fs::read(&out).context("the minifier left no loader")
}

/// Prints what pins each loader in a page: the attribute of its tag.
fn print_pins(dist: &Path) -> Result<()> {
    let mut loaders = vec![dist.join("beacon.js")];
    for folder in fs::read_dir(dist.join("beacon")).context("cannot list the built beacon")? {
        loaders.push(folder?.path().join("loader.js"));
    }
    for loader in loaders {
        let content =
            fs::read(&loader).with_context(|| format!("cannot read {}", loader.display()))?;
        let hash = STANDARD.encode(Sha384::digest(content));
        let address = loader.strip_prefix(dist).unwrap_or(&loader).display();
        println!("beacon: /{address} integrity=\"sha384-{hash}\"");
    }
    Ok(())
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
        "--minify".into(),
        format!("--outdir={}", dist.display()),
    ];
    esbuild(places, &stage, "index.js", &options)?;
    fs::copy(stage.join("index.d.ts"), dist.join("index.d.ts"))?;
    done(&stage, &inputs)
}

/// Bundles the client for Node into `www/beacon/dist/`. It needs no wasm.
fn server(places: &Places) -> Result<()> {
    let sources = places.www.join("beacon/server");
    let dist = places.www.join("beacon/dist");
    run(Command::new(places.www.join("node_modules/.bin/esbuild"))
        .arg(sources.join("index.js"))
        .args([
            "--bundle",
            "--format=esm",
            "--platform=node",
            "--target=node20",
        ])
        .args(["--charset=utf8", "--log-level=warning"])
        .arg(outfile(&dist.join("server.js"))))?;
    fs::copy(sources.join("index.d.ts"), dist.join("server.d.ts"))?;
    Ok(())
}

/// Builds the drop-in for web-vitals into `www/beacon/dist/`, and checks its weight.
fn vitals(places: &Places, wasm: &Path) -> Result<()> {
    let stage = places.work.join(VITALS);
    let sources = places.www.join("beacon/vitals");
    let inputs = fingerprint(places, wasm, &sources)?;
    let dist = places.www.join("beacon/dist");
    let product = dist.join("vitals.js");
    if is_done(&stage, &inputs) && product.exists() {
        println!("beacon: the drop-in for web-vitals is up to date");
        return Ok(());
    }
    println!("beacon: binding, optimising and bundling the drop-in for web-vitals");
    prepare(places, &stage, wasm)?;
    copy_files(&sources, &stage)?;
    let bundle = stage.join("bundle.js");
    let options = [
        "--format=esm".into(),
        "--loader:.wasm=base64".into(),
        outfile(&bundle),
    ];
    esbuild(places, &stage, "vitals.js", &options)?;
    minify(places, "module", &bundle, &product)?;
    for types in ["vitals.d.ts", "entries.d.ts"] {
        fs::copy(stage.join(types), dist.join(types))?;
    }
    let weight = weigh(&[(VITALS, fs::read(&product)?)])?;
    within(
        "the drop-in for web-vitals",
        weight,
        places.budget()?.vitals,
    )?;
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

/// Bundles `stage/entry`.
fn esbuild(places: &Places, stage: &Path, entry: &str, options: &[String]) -> Result<()> {
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
fn minify(places: &Places, kind: &str, from: &Path, to: &Path) -> Result<()> {
    run(Command::new("node")
        .arg(places.www.join("minify.mjs"))
        .arg(kind)
        .args([from, to]))
}

fn outfile(path: &Path) -> String {
    format!("--outfile={}", path.display())
}

/// Prints what each part weighs, and returns what they weigh together in bytes of brotli.
fn weigh(parts: &[(&str, Vec<u8>)]) -> Result<usize> {
    let row = |name: &str, [raw, gzip, brotli]: [usize; 3]| {
        println!("beacon: {name:<8} {raw:>7} {gzip:>7} {brotli:>7}");
    };
    println!("beacon: part         raw    gzip  brotli");
    let mut total = [0; 3];
    for (name, bytes) in parts {
        let sizes = [bytes.len(), gzip(bytes)?.len(), brotli(bytes)?.len()];
        row(name, sizes);
        total
            .iter_mut()
            .zip(sizes)
            .for_each(|(sum, size)| *sum += size);
    }
    if parts.len() > 1 {
        row("total", total);
    }
    Ok(total[2])
}

/// Fails if `what` outgrows its budget.
fn within(what: &str, weight: usize, budget: usize) -> Result<()> {
    ensure!(
        weight <= budget,
        "{what} is {weight} bytes of brotli, its budget is {budget}"
    );
    Ok(())
}

/// A hash of everything that a result is made of, besides the program itself.
fn fingerprint(places: &Places, wasm: &Path, sources: &Path) -> Result<String> {
    let mut files = vec![
        wasm.to_path_buf(),
        places.www.join("package-lock.json"),
        places.www.join("minify.mjs"),
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
