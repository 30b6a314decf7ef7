//! The binary `foresight`.

fn main() {}
