//! Builds the beacon: from the crate and `www/loader` to what browsers get.
//!
//! In: `beacon/`, `shared/`, `www/loader/`, `www/beacon/`. Out: `www/dist/beacon.js`,
//! `www/dist/beacon/<hash>/{loader.js,beacon.js,beacon.wasm}` and the npm package's
//! `www/beacon/dist/`; printed, the loaders' hashes for `integrity` attributes. It fails when the
//! parts together, or the package's drop-in for web-vitals, outgrow `www/loader/budget.json`; and what
//! lies in `<hash>` never changes, because the hash is that of its content.

mod stage;
mod tools;
mod weight;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256, Sha384};

use crate::{compress::brotli, steps::run, wasm::Compiler};
use stage::{copy_files, done, fingerprint, hex, is_done};
use tools::{esbuild, minify, outfile, prepare};
use weight::{Budget, weigh, within};

/// The features of the build for npm. The script-tag build has none.
const NPM: &str = "npm";

/// The features of the drop-in for web-vitals, which is the package's second entry.
const VITALS: &str = "vitals";

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
    let budget = Budget::read(places)?;
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
        Budget::read(places)?.vitals,
    )?;
    done(&stage, &inputs)
}
