//! Stand-in until the beacon's branch is merged.

/// Writes nothing here.
pub(crate) fn precompress(directory: &std::path::Path) -> anyhow::Result<()> {
    println!(
        "{}: the compression comes with the beacon's branch",
        directory.display()
    );
    Ok(())
}
