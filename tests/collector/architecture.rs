//! Rooms of the collector import rooms below them only, so that there are no circles.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

/// The levels, highest first. Rooms of one level do not know each other.
const LEVELS: [&[&str]; 7] = [
    &["main"],
    &["app", "command"],
    &["ingest", "aggregate", "query", "admin", "alerts", "assets"],
    &["growth", "detect", "access", "door", "live"],
    &["spool", "store"],
    &["rollup"],
    &["event", "config", "metrics", "problem", "telemetry"],
];

#[test]
fn rooms_import_only_rooms_below_them() -> Result<()> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../collector/src");
    let levels: BTreeMap<_, _> = LEVELS
        .iter()
        .enumerate()
        .flat_map(|(level, rooms)| rooms.iter().map(move |room| (*room, level)))
        .collect();
    let mut seen = BTreeSet::new();
    for file in rust_files(&source)? {
        let room = room_of(&source, &file)?;
        if room == "lib" {
            continue;
        }
        let level = levels
            .get(room.as_str())
            .with_context(|| format!("the room {room} has no level"))?;
        let text = fs::read_to_string(&file)?;
        for import in imports(&text) {
            let Some(other) = levels.get(import.as_str()) else {
                continue;
            };
            ensure!(
                import == room || other > level,
                "{} imports {import}, which is not below {room}",
                file.display()
            );
        }
        seen.insert(room);
    }
    ensure!(
        seen.len() > 3,
        "there are hardly any rooms in {}: {seen:?}",
        source.display()
    );
    Ok(())
}

fn rust_files(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).with_context(|| directory.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}

/// The name of the file or directory right below `source`.
fn room_of(source: &Path, file: &Path) -> Result<String> {
    let first = file
        .strip_prefix(source)?
        .components()
        .next()
        .context("a file without a name")?;
    let first = first.as_os_str().to_string_lossy();
    Ok(first.trim_end_matches(".rs").to_owned())
}

/// The rooms that a file names after `crate::` (or `foresight::` in the binary), in comments too:
/// a link in documentation is knowledge of a room as well, but those of the crate's page are not
/// looked at.
fn imports(text: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    for root in ["crate::", "foresight::"] {
        for (place, _) in code.match_indices(root) {
            let before = code[..place].chars().next_back();
            if before.is_some_and(|character| character.is_alphanumeric() || character == '_') {
                continue;
            }
            rooms.extend(first_names(&code[place + root.len()..]));
        }
    }
    rooms
}

/// The first name of a path, or of each path of a group in braces.
fn first_names(path: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        text.trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let Some(group) = path.strip_prefix('{') else {
        return vec![name(path)];
    };
    let (mut names, mut depth, mut start) = (Vec::new(), 0_u32, 0);
    for (place, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => {
                names.push(name(&group[start..place]));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.push(name(&group[start..place]));
                start = place + 1;
            }
            _ => {}
        }
    }
    names
}

#[test]
fn imports_are_found_in_all_their_forms() {
    let text = "use crate::store::Store;\nuse crate::{\n    event::{Event, View},\n    rollup,\n};\n\
        // use crate::app;\npub(crate) fn f() -> crate::metrics::Count { my_crate::query() }\n\
        use foresight::config::Config;";
    let found: Vec<_> = imports(text)
        .into_iter()
        .filter(|name| !name.is_empty())
        .collect();
    assert_eq!(found, ["config", "event", "metrics", "rollup", "store"]);
}
