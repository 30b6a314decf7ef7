//! Runs the beacon's build. In: nothing. Out: `www/dist` and `www/beacon/dist`, or an error.

mod beacon;
mod compress;
mod wasm;

use std::path::Path;

fn main() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .ok_or_else(|| anyhow::anyhow!("xtask has no parent directory"))?;
    beacon::build(root)?;
    compress::precompress(&root.join("www/dist"))
}
