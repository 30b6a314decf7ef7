//! A tar archive in gzip that depends on its content only.
//!
//! In: files. Out: the archive, with everything in one directory. Must never happen: a name, a time or a
//! user of the machine that makes it.

use std::{fs, io::Write, path::Path};

use anyhow::{Context, Result};
use flate2::{Compression, GzBuilder, write::GzEncoder};
use tar::{Builder, EntryType, Header};

use super::contents::File;

/// Writes the files below `directory/`, all of the time `epoch_s`.
pub(super) fn write(to: &Path, directory: &str, files: &[File], epoch_s: u64) -> Result<()> {
    let bytes = pack(directory, files, epoch_s).context("the archive cannot be made")?;
    fs::write(to, bytes).with_context(|| format!("cannot write {}", to.display()))
}

fn pack(directory: &str, files: &[File], epoch_s: u64) -> Result<Vec<u8>> {
    let encoder: GzEncoder<Vec<u8>> = GzBuilder::new().write(Vec::new(), Compression::best());
    let mut builder = Builder::new(encoder);
    let mut header = header(EntryType::Directory, 0o755, 0, epoch_s);
    builder.append_data(&mut header, format!("{directory}/"), &[][..])?;
    for file in files {
        let size = file.bytes.len() as u64;
        let mut header = self::header(EntryType::Regular, file.mode, size, epoch_s);
        let path = format!("{directory}/{}", file.path);
        builder.append_data(&mut header, path, file.bytes.as_slice())?;
    }
    let mut encoder = builder.into_inner()?;
    encoder.flush()?;
    Ok(encoder.finish()?)
}

fn header(kind: EntryType, mode: u32, size: u64, epoch_s: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header.set_mtime(epoch_s);
    header.set_uid(0);
    header.set_gid(0);
    header
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn an_archive_is_the_same_each_time_and_can_be_read() {
        let files = [File {
            path: "docs/api.md".into(),
            mode: 0o644,
            bytes: b"# HTTP API\n".to_vec(),
        }];
        let packed = pack("foresight-1", &files, 1_796_077_935).unwrap();
        assert_eq!(packed, pack("foresight-1", &files, 1_796_077_935).unwrap());
        assert_eq!(&packed[4..8], [0; 4], "gzip has a time");
        let mut archive = tar::Archive::new(GzDecoder::new(packed.as_slice()));
        let mut found = Vec::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            let path = entry.path().unwrap().to_string_lossy().into_owned();
            let header = entry.header();
            found.push((
                path,
                header.mode().unwrap(),
                header.mtime().unwrap(),
                header.uid().unwrap(),
                text,
            ));
        }
        let expected = [
            (
                "foresight-1/".to_owned(),
                0o755,
                1_796_077_935,
                0,
                String::new(),
            ),
            (
                "foresight-1/docs/api.md".to_owned(),
                0o644,
                1_796_077_935,
                0,
                "# HTTP API\n".to_owned(),
            ),
        ];
        assert_eq!(found, expected);
    }
}
