//! A page's path and a script's address, as a visitor may have them.

use foresight::ingest::probe::{address_of, page_of};
use foresight_shared::limits;

/// Any path has one page, without query and fragment and within its limit, whose page it is itself;
/// and so has any address.
pub fn path(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let path = format!("/{}", text.trim_start_matches('/'));
    let page = page_of(&path);
    assert!(page.starts_with('/'), "{page}");
    assert!(page.chars().count() <= limits::PATH_CHARS, "{page}");
    assert!(!page.contains(['?', '#']), "{page}");
    assert_eq!(page_of(&page), page);

    let address = address_of(&text);
    assert!(!address.contains(['?', '#']), "{address}");
    assert_eq!(address_of(&address), address);
    let bare = text.split(['?', '#']).next().unwrap_or_default();
    assert_eq!(address_of(bare), address, "the query of {text} is kept");
}
