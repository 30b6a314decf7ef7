//! Rebuilds the collector when the assets or migrations that it embeds change.

fn main() {
    println!("cargo:rerun-if-changed=../www/dist");
    println!("cargo:rerun-if-changed=migrations");
}
