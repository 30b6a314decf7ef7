//! The file of a backup: a gzipped tar with a list of what is in it.
//!
//! In: files. Out: one file, whole or not there; and back. What must never happen: a file that ends early
//! or has a wrong byte is restored, or a name in it leads out of the place where it is unpacked.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::store::copy::Contents;

/// The name of the list, which comes first.
const LIST: &str = "backup.json";

/// The version of the format.
const FORMAT: u32 = 1;

/// The longest list that is read, in bytes.
const LIST_BYTES: u64 = 1 << 20;

/// What is in a backup.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct List {
    format: u32,
    /// The Foresight that made it.
    pub(super) foresight: String,
    /// When, RFC 3339.
    pub(super) made: String,
    /// The database.
    pub(super) database: Contents,
    /// Records of the spool that were not merged.
    pub(super) waiting_records: u64,
    /// The files that follow, in order.
    pub(super) files: Vec<Entry>,
}

/// A file in a backup.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) bytes: u64,
    sha256: String,
}

impl List {
    /// The list of files in a directory.
    pub(super) fn of(
        dir: &Path,
        names: &[&str],
        made: String,
        (database, waiting_records): (Contents, u64),
    ) -> Result<Self> {
        let entry = |name: &&str| {
            let mut file = Counting::new(open(&dir.join(name))?);
            io::copy(&mut file, &mut io::sink())?;
            anyhow::Ok(Entry {
                name: (*name).to_owned(),
                bytes: file.bytes,
                sha256: file.sum(),
            })
        };
        Ok(Self {
            format: FORMAT,
            foresight: env!("CARGO_PKG_VERSION").to_owned(),
            made,
            database,
            waiting_records,
            files: names.iter().map(entry).collect::<Result<_>>()?,
        })
    }
}

/// Packs listed files of a directory. The archive has the name `to` only once it is whole and on disk; it
/// holds secrets, so only its owner may read it.
pub(super) fn pack(list: &List, dir: &Path, to: &Path) -> Result<u64> {
    let mut draft = to.as_os_str().to_owned();
    draft.push(".partial");
    let draft = PathBuf::from(draft);
    let file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)
        .with_context(|| format!("{} cannot be written", draft.display()))?;
    let mut archive =
        tar::Builder::new(GzEncoder::new(BufWriter::new(file), Compression::default()));
    let text = serde_json::to_vec_pretty(list)?;
    let mut header = tar::Header::new_gnu();
    header.set_size(text.len() as u64);
    header.set_mode(0o600);
    archive.append_data(&mut header, LIST, &*text)?;
    for entry in &list.files {
        archive.append_path_with_name(dir.join(&entry.name), &entry.name)?;
    }
    let file = archive
        .into_inner()?
        .finish()?
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    let bytes = file.metadata()?.len();
    fs::rename(&draft, to).with_context(|| format!("{} cannot be made", to.display()))?;
    Ok(bytes)
}

/// Unpacks an archive into a directory and checks every byte.
pub(super) fn unpack(from: &Path, dir: &Path) -> Result<List> {
    unpack_from(open(from)?, dir).with_context(|| {
        format!(
            "{} is not a whole backup; nothing was restored",
            from.display()
        )
    })
}

fn unpack_from(file: impl Read, dir: &Path) -> Result<List> {
    let mut archive = tar::Archive::new(GzDecoder::new(BufReader::new(file)));
    let mut entries = archive.entries()?;
    let first = entries.next().context("it is empty")?;
    let list = read_list(first.context("it does not begin with a list of what is in it")?)?;
    for expected in &list.files {
        let cut = || format!("it ends before the end of {}", expected.name);
        let entry = entries.next().with_context(cut)?.with_context(cut)?;
        let name = entry.path()?.display().to_string();
        ensure!(
            name == expected.name && !name.contains(['/', '\\']) && !name.starts_with('.'),
            "it has {name:?} where {:?} should be",
            expected.name
        );
        let mut entry = Counting::new(entry);
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(dir.join(&name))?;
        io::copy(&mut entry, &mut file).with_context(cut)?;
        file.flush()?;
        file.sync_all()?;
        let (bytes, sum) = (entry.bytes, entry.sum());
        if bytes != expected.bytes || sum != expected.sha256 {
            bail!(
                "{name} has {bytes} bytes with the SHA-256 {sum}, the list says {} and {}",
                expected.bytes,
                expected.sha256
            );
        }
    }
    ensure!(entries.next().is_none(), "it has more than its list says");
    // The sum at the end of gzip's stream is read by nobody else.
    io::copy(&mut archive.into_inner(), &mut io::sink()).context("its end is missing")?;
    Ok(list)
}

fn read_list(entry: impl Read) -> Result<List> {
    let list: List = serde_json::from_reader(entry.take(LIST_BYTES))
        .context("the list of what is in it cannot be read")?;
    ensure!(
        list.format == FORMAT,
        "its format is {}, this foresight reads format {FORMAT}",
        list.format
    );
    Ok(list)
}

fn open(path: &Path) -> Result<File> {
    File::open(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// Counts and sums what is read.
struct Counting<R> {
    inner: R,
    bytes: u64,
    sha256: Sha256,
}

impl<R> Counting<R> {
    fn new(inner: R) -> Self {
        Self {
            inner,
            bytes: 0,
            sha256: Sha256::new(),
        }
    }

    fn sum(self) -> String {
        let digest = self.sha256.finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bytes += read as u64;
        self.sha256.update(&buffer[..read]);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::store::copy::Engine;

    fn packed() -> (tempfile::TempDir, Vec<u8>) {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a"), [7; 100_000]).unwrap();
        fs::write(dir.path().join("b"), rand::random::<[u8; 32]>()).unwrap();
        let contents = Contents {
            engine: Engine::Sqlite,
            version: 1,
            tables: BTreeMap::new(),
            positions: BTreeMap::new(),
        };
        let list = List::of(dir.path(), &["a", "b"], "now".into(), (contents, 0)).unwrap();
        let to = dir.path().join("packed");
        let bytes = pack(&list, dir.path(), &to).unwrap();
        let packed = fs::read(&to).unwrap();
        assert_eq!(packed.len() as u64, bytes);
        (dir, packed)
    }

    fn unpacked(bytes: &[u8]) -> Result<Vec<Vec<u8>>> {
        let dir = tempfile::tempdir().unwrap();
        let list = unpack_from(bytes, dir.path())?;
        let files = list.files.iter();
        Ok(files
            .map(|entry| fs::read(dir.path().join(&entry.name)).unwrap())
            .collect())
    }

    #[test]
    fn what_was_packed_comes_back() {
        let (dir, packed) = packed();
        let files = unpacked(&packed).unwrap();
        assert_eq!(files[0], [7; 100_000]);
        assert_eq!(files[1], fs::read(dir.path().join("b")).unwrap());
    }

    #[test]
    fn no_part_of_a_backup_is_taken_for_the_whole() {
        let (_dir, packed) = packed();
        for length in 0..packed.len() {
            let refused = unpacked(&packed[..length]);
            assert!(refused.is_err(), "{length} of {} bytes", packed.len());
        }
    }

    #[test]
    fn a_wrong_byte_is_noticed() {
        let (_dir, packed) = packed();
        // The first ten bytes are gzip's header, whose time and system say nothing of the content.
        for at in 10..packed.len() {
            let mut wrong = packed.clone();
            wrong[at] ^= 0x10;
            if let Ok(files) = unpacked(&wrong) {
                assert_eq!(files[0], [7; 100_000], "byte {at}");
            }
        }
    }
}
