//! libFuzzer's door to [`foresight_fuzz::events`].
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| foresight_fuzz::events(data));

#[cfg(not(fuzzing))]
fn main() {
    eprintln!("built without libFuzzer: run `cargo xtask fuzz --only events`");
}
