//! Replays every input of the corpus: the seeds, and what fuzzing has found and was mended.

use std::{fs, io, path::Path};

use foresight_fuzz::TARGETS;

/// Runs a target on each file of a directory, and says how many there were.
fn replay(directory: &Path, target: fn(&[u8])) -> io::Result<usize> {
    let mut replayed = 0;
    for file in fs::read_dir(directory)? {
        let file = file?.path();
        // The test's output is shown only if it fails; the last line then is the input.
        println!("{}", file.display());
        target(&fs::read(&file)?);
        replayed += 1;
    }
    Ok(replayed)
}

#[test]
fn every_input_of_the_corpus_keeps_the_invariants() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, target) in TARGETS {
        let replayed = replay(&root.join("corpus").join(name), target).unwrap();
        assert!(replayed >= 3, "{name} has {replayed} inputs");
    }
}

#[test]
fn the_published_examples_keep_them_too() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/examples");
    for target in [foresight_fuzz::batch, foresight_fuzz::events] {
        assert!(replay(&examples, target).unwrap() >= 2);
    }
}

#[test]
fn every_target_has_a_binary_and_every_binary_a_target() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let binaries = fs::read_dir(root.join("fuzz_targets")).unwrap();
    let mut binaries: Vec<_> = binaries
        .map(|file| file.unwrap().path().file_stem().unwrap().to_owned())
        .collect();
    binaries.sort();
    let mut targets: Vec<_> = TARGETS.iter().map(|(name, _)| *name).collect();
    targets.sort_unstable();
    assert_eq!(binaries, targets);
}
