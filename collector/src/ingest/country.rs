//! The country of an address, from a database file in MaxMind's format.
//!
//! In: a file, read once at the start, and addresses. Out: ISO 3166 codes. What must never happen:
//! an address is kept, logged or sent to anybody; the look-up is in memory.

use std::{
    net::IpAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use maxminddb::{MaxMindDbError, Reader, path};

/// The database, if there is one. Cheap to clone.
#[derive(Clone, Default)]
pub struct Countries(Option<Arc<Database>>);

struct Database {
    reader: Reader<Vec<u8>>,
    complained: AtomicBool,
}

impl Countries {
    /// Reads a file; an empty path means that there is none.
    ///
    /// # Errors
    /// If the file cannot be read, or is not in MaxMind's format.
    pub fn open(file: &Path) -> Result<Self, MaxMindDbError> {
        if file.as_os_str().is_empty() {
            return Ok(Self::default());
        }
        let reader = Reader::open_readfile(file)?;
        Ok(Self(Some(Arc::new(Database {
            reader,
            complained: AtomicBool::new(false),
        }))))
    }

    /// The code of an address's country in upper case, if the database knows it.
    pub(super) fn of(&self, address: IpAddr) -> Option<String> {
        let database = self.0.as_ref()?;
        let found = database.reader.lookup(address.to_canonical());
        let code = found.and_then(|found| found.decode_path::<&str>(&path!["country", "iso_code"]));
        match code {
            Ok(code) => code.filter(|code| is_code(code)).map(str::to_owned),
            // An IPv6 address, asked of a database of IPv4 ones. The error names the address.
            Err(MaxMindDbError::InvalidInput { .. }) => None,
            Err(error) => {
                // Once: a damaged file would say so for each batch.
                if !database.complained.swap(true, Ordering::Relaxed) {
                    tracing::warn!(%error, "country_database is damaged; some countries are unknown");
                }
                None
            }
        }
    }
}

fn is_code(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use mmdb_writer::Writer;
    use serde_json::{Value, json};

    /// A database in which these networks have these records.
    pub(in crate::ingest) fn database(records: &[(&str, Value)]) -> Countries {
        let mut writer = Writer::new("Test-Country");
        for (network, record) in records {
            let network: ipnet::IpNet = network.parse().unwrap();
            writer.insert(network, record).unwrap();
        }
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("countries.mmdb");
        std::fs::write(&file, writer.to_bytes().unwrap()).unwrap();
        Countries::open(&file).unwrap()
    }

    #[test]
    fn an_address_has_the_country_of_its_network() {
        let countries = database(&[
            ("1.2.3.0/24", json!({"country": {"iso_code": "DE"}})),
            ("2a00::/16", json!({"country": {"iso_code": "FR"}})),
            ("1.2.4.0/24", json!({"country": {"geoname_id": 1}})),
            ("1.2.5.0/24", json!({"country": {"iso_code": "nonsense"}})),
            ("1.2.6.0/24", json!({"country": {"iso_code": 7}})),
        ]);
        for (address, code) in [
            ("1.2.3.4", Some("DE")),
            ("::ffff:1.2.3.4", Some("DE")),
            ("2a00::1", Some("FR")),
            ("1.2.4.4", None),
            ("1.2.5.4", None),
            ("1.2.6.4", None),
            ("1.1.1.1", None),
        ] {
            let found = countries.of(address.parse().unwrap());
            assert_eq!(found.as_deref(), code, "{address}");
        }
    }

    #[test]
    fn without_a_file_nothing_is_known_and_a_wrong_file_is_an_error() {
        let none = Countries::open(Path::new("")).unwrap();
        assert_eq!(none.of("1.2.3.4".parse().unwrap()), None);
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("countries.mmdb");
        assert!(Countries::open(&file).is_err());
        std::fs::write(&file, "no database").unwrap();
        assert!(Countries::open(&file).is_err());
    }
}
