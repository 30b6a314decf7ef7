//! Compiles the beacon crate to wasm and binds it to JavaScript.
//!
//! In: the workspace. Out: a wasm file and its glue. Which Rust compiles is found once per build, in
//! an order that costs nothing where things are in place: a rustup target, then Debian's Rust for
//! the web; only if there is neither is one installed. A failing download is never tried twice.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    setup::{self, Package},
    steps::run,
};
use anyhow::{Context, Result};
use wasm_bindgen_cli_support::{Bindgen, EncodeInto};

const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's packages of a Rust that compiles to wasm, which always brings the library's sources.
const DEBIAN: [Package; 5] = [
    package("rustc-web", "the beacon is compiled to wasm", || {
        exists("/usr/bin/rustc")
    }),
    package(
        "cargo-web",
        "it builds the beacon with that compiler",
        || exists("/usr/bin/cargo"),
    ),
    package(
        "rust-web-src",
        "the standard library is compiled for size",
        || exists(SOURCE),
    ),
    package(
        "rust-web-llvm",
        "it has the name of the wasm linker",
        || exists("/usr/bin/rust-lld"),
    ),
    package("lld-22", "it is the wasm linker", || {
        exists("/usr/bin/lld-22")
    }),
];

/// Where Debian has the standard library's sources.
const SOURCE: &str = "/usr/lib/rustlib/src/rust/library";

const fn package(name: &'static str, why: &'static str, present: fn() -> bool) -> Package {
    Package {
        name,
        why,
        present,
        services: &[],
    }
}

fn exists(path: &str) -> bool {
    Path::new(path).exists()
}

/// A Rust that compiles to wasm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Toolchain {
    /// The Rust that runs this build, with its precompiled standard library.
    Rustup,
    /// The same, with the sources of the standard library, which is then compiled for size.
    RustupWithSource,
    /// Debian's, which always compiles the standard library.
    Debian,
}

impl Toolchain {
    fn describe(self) -> &'static str {
        match self {
            Self::Rustup => "the installed Rust, standard library as it is",
            Self::RustupWithSource => "the installed Rust, standard library compiled for size",
            Self::Debian => "Debian's Rust for the web, standard library compiled for size",
        }
    }
}

/// A beacon that was compiled with one set of features.
#[derive(Debug)]
pub(crate) struct Compiler {
    toolchain: Toolchain,
    target_dir: PathBuf,
}

impl Compiler {
    /// Finds a Rust that compiles to wasm, and installs one if there is none.
    ///
    /// # Errors
    /// If there is none and none can be installed.
    pub(crate) fn find(target_dir: &Path) -> Result<Self> {
        let toolchain = match installed() {
            Some(Toolchain::Rustup) => with_source(target_dir),
            Some(toolchain) => toolchain,
            None => install()?,
        };
        println!("beacon: compiling with {}", toolchain.describe());
        Ok(Self {
            toolchain,
            target_dir: target_dir.join("wasm"),
        })
    }

    /// Compiles the beacon and returns the wasm file. Cargo skips what is unchanged.
    ///
    /// # Errors
    /// If it does not compile.
    pub(crate) fn compile(&self, root: &Path, features: &str) -> Result<PathBuf> {
        let debian = self.toolchain == Toolchain::Debian;
        let build_std = self.toolchain != Toolchain::Rustup;
        let cargo = if debian {
            "/usr/bin/cargo".into()
        } else {
            cargo()
        };
        let mut command = Command::new(cargo);
        command
            .current_dir(root)
            .args([
                "build",
                "--quiet",
                "--locked",
                "--package",
                "foresight-beacon",
            ])
            .args([
                "--lib",
                "--profile",
                "beacon",
                "--target",
                TARGET,
                "--features",
                features,
            ])
            .arg("--target-dir")
            .arg(self.target_dir.join(if features.is_empty() {
                "lean"
            } else {
                features
            }))
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env("RUSTFLAGS", rust_flags(root, build_std));
        if build_std {
            command
                .args(["-Zbuild-std=std", "-Zbuild-std-features="])
                .env("RUSTC_BOOTSTRAP", "1");
        }
        if debian {
            let mut path = OsString::from("/usr/bin:");
            path.push(env::var_os("PATH").unwrap_or_default());
            command
                .env("PATH", path)
                .env("RUSTC", "/usr/bin/rustc")
                .env(
                    "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER",
                    "/usr/bin/rust-lld",
                )
                .env_remove("RUSTUP_TOOLCHAIN")
                .env_remove("RUSTC_WRAPPER");
        }
        run(&mut command)?;
        let name = if features.is_empty() {
            "lean"
        } else {
            features
        };
        Ok(self
            .target_dir
            .join(name)
            .join(TARGET)
            .join("beacon/foresight_beacon.wasm"))
    }
}

/// Flags that make the wasm small and keep this machine's paths out of it.
fn rust_flags(root: &Path, build_std: bool) -> OsString {
    let mut flags = OsString::from("-Clink-arg=-zstack-size=16384");
    if build_std {
        flags.push(" -Zunstable-options -Cpanic=immediate-abort -Ctarget-feature=-reference-types,+bulk-memory,+nontrapping-fptoint -Zlocation-detail=none");
    }
    let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| {
        let home = PathBuf::from(env::var_os("HOME")?);
        Some(home.join(".cargo"))
    });
    for (path, name) in [(Some(root.to_path_buf()), "foresight"), (home, "cargo")] {
        if let Some(path) = path {
            flags.push(" --remap-path-prefix=");
            flags.push(path);
            flags.push("=");
            flags.push(name);
        }
    }
    flags
}

/// Makes the glue for `wasm` in `out_dir`, for a bundler.
///
/// # Errors
/// If the wasm was made by another version of wasm-bindgen.
pub(crate) fn bind(wasm: &Path, out_dir: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(wasm)
        .out_name("foresight_beacon")
        .bundler(true)?
        .typescript(false)
        .encode_into(EncodeInto::Always)
        .remove_name_section(true)
        .remove_producers_section(true);
    bindgen
        .generate(out_dir)
        .with_context(|| format!("cannot bind {}", wasm.display()))
}

/// The Rust that is there, if there is one: the one that makes the smallest wasm.
fn installed() -> Option<Toolchain> {
    let lib = rustc(&["--print", "target-libdir", "--target", TARGET]);
    let target = lib.is_some_and(|lib| has_core(Path::new(&lib)));
    if target && has_source() {
        return Some(Toolchain::RustupWithSource);
    }
    if DEBIAN.iter().all(|package| (package.present)()) {
        return Some(Toolchain::Debian);
    }
    target.then_some(Toolchain::Rustup)
}

/// Whether the sources of the standard library are there.
fn has_source() -> bool {
    rustc(&["--print", "sysroot"]).is_some_and(|sysroot| {
        Path::new(&sysroot)
            .join("lib/rustlib/src/rust/library/Cargo.lock")
            .exists()
    })
}

/// Asks rustup once for the sources of the standard library, which make the wasm smaller.
fn with_source(target_dir: &Path) -> Toolchain {
    let asked = target_dir.join("rust-src-unavailable");
    if !asked.exists() {
        println!("beacon: asking rustup for the standard library's sources");
        let added = Command::new("rustup")
            .args(["component", "add", "rust-src"])
            .status();
        if added.is_ok_and(|status| status.success()) && has_source() {
            return Toolchain::RustupWithSource;
        }
        // Only a note for the next build: without it, that one asks again.
        if let Err(error) = fs::write(&asked, "") {
            println!("beacon: cannot write {}: {error}", asked.display());
        }
    }
    Toolchain::Rustup
}

/// Installs the rustup target or, where that cannot be downloaded, Debian's packages.
fn install() -> Result<Toolchain> {
    println!("beacon: no Rust for {TARGET} yet, asking rustup for it");
    let added = Command::new("rustup")
        .args(["target", "add", TARGET])
        .status();
    if added.is_ok_and(|status| status.success()) {
        // The wasm is smaller with the sources; without them it is only larger.
        let source = Command::new("rustup")
            .args(["component", "add", "rust-src"])
            .status();
        if !source.is_ok_and(|status| status.success()) {
            println!("beacon: rustup cannot add rust-src, so the wasm will be larger");
        }
        return installed().context("rustup added the target, but it is not there");
    }
    println!("beacon: rustup cannot add it; Debian's Rust for the web will do");
    setup::apt(&DEBIAN)
        .with_context(|| format!("no Rust for {TARGET}: `rustup target add {TARGET}` failed"))?;
    installed().context("the packages were installed, but their Rust is not there")
}

/// Whether a target's library directory holds a standard library.
fn has_core(lib: &Path) -> bool {
    let starts = |entry: fs::DirEntry| entry.file_name().to_string_lossy().starts_with("libcore");
    fs::read_dir(lib).is_ok_and(|mut files| files.any(|file| file.is_ok_and(starts)))
}

fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// What `rustc` prints, if it succeeds.
fn rustc(args: &[&str]) -> Option<String> {
    let output = Command::new("rustc").args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
