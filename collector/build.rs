//! Rebuilds the collector when the assets that it embeds change.

fn main() {
    println!("cargo:rerun-if-changed=../www/dist");
}
