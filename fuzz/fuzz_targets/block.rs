//! libFuzzer's door to [`foresight_fuzz::block`].
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| foresight_fuzz::block(data));

#[cfg(not(fuzzing))]
fn main() {
    eprintln!("built without libFuzzer: run `cargo xtask fuzz --only block`");
}
