//! Compresses files once, when they are built, as hard as the formats allow.
//!
//! In: a directory of web files. Out: `.br` and `.gz` beside each file that gets smaller by it. A
//! file that is compressed already is left alone; one whose compressed twin is newer is skipped.

use std::{fs, io::Write, path::Path};

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};

/// Extensions of files that get smaller by compression.
const TEXTUAL: [&str; 10] = [
    "css", "html", "ico", "js", "json", "map", "mjs", "svg", "txt", "wasm",
];

/// Writes `.br` and `.gz` beside every compressible file in `dir` and below.
///
/// # Errors
/// If a file cannot be read or written.
pub(crate) fn precompress(dir: &Path) -> Result<()> {
    let files = fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))?;
    for file in files {
        let path = file?.path();
        if path.is_dir() {
            precompress(&path)?;
        } else if path
            .extension()
            .is_some_and(|e| TEXTUAL.iter().any(|t| e == *t))
        {
            write_twin(&path, "br", brotli)?;
            write_twin(&path, "gz", gzip)?;
        }
    }
    Ok(())
}

/// Writes `path` compressed to `path.<extension>`, unless that is newer or would not be smaller.
fn write_twin(path: &Path, extension: &str, compress: fn(&[u8]) -> Result<Vec<u8>>) -> Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    let twin = Path::new(&name);
    let changed = |path: &Path| fs::metadata(path).and_then(|meta| meta.modified());
    if twin.exists() && changed(twin)? > changed(path)? {
        return Ok(());
    }
    let plain = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let packed = compress(&plain)?;
    if packed.len() < plain.len() {
        fs::write(twin, packed).with_context(|| format!("cannot write {}", twin.display()))?;
    } else if twin.exists() {
        fs::remove_file(twin)?;
    }
    Ok(())
}

/// `bytes` as brotli, quality 11.
///
/// # Errors
/// Never for bytes in memory.
pub(crate) fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut packed = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &*bytes, &mut packed, &params)?;
    Ok(packed)
}

/// `bytes` as gzip, level 9.
///
/// # Errors
/// Never for bytes in memory.
pub(crate) fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn twins_unpack_to_the_file_and_useless_ones_are_not_written() {
        let dir = tempfile::tempdir().unwrap();
        let page = "<p>bread</p>".repeat(100);
        fs::create_dir(dir.path().join("a")).unwrap();
        fs::write(dir.path().join("a/page.html"), &page).unwrap();
        fs::write(dir.path().join("tiny.js"), "x").unwrap();
        fs::write(dir.path().join("photo.webp"), &page).unwrap();
        precompress(dir.path()).unwrap();

        let mut plain = Vec::new();
        let packed = fs::read(dir.path().join("a/page.html.br")).unwrap();
        brotli::BrotliDecompress(&mut packed.as_slice(), &mut plain).unwrap();
        assert_eq!(plain, page.as_bytes());

        let mut text = String::new();
        let packed = fs::read(dir.path().join("a/page.html.gz")).unwrap();
        flate2::read::GzDecoder::new(packed.as_slice())
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, page);

        for absent in ["tiny.js.br", "tiny.js.gz", "photo.webp.br", "photo.webp.gz"] {
            assert!(!dir.path().join(absent).exists(), "{absent}");
        }
    }

    #[test]
    fn a_changed_file_is_compressed_again() {
        let dir = tempfile::tempdir().unwrap();
        let (page, twin) = (dir.path().join("p.html"), dir.path().join("p.html.gz"));
        fs::write(&page, "a".repeat(1000)).unwrap();
        precompress(dir.path()).unwrap();
        let old = fs::read(&twin).unwrap();
        let later = std::time::SystemTime::now() + std::time::Duration::from_secs(9);
        fs::write(&page, "b".repeat(1000)).unwrap();
        fs::File::open(&page).unwrap().set_modified(later).unwrap();
        precompress(dir.path()).unwrap();
        assert_ne!(fs::read(&twin).unwrap(), old);
    }
}
