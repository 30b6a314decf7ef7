//! The files of `deploy/` with the addresses of this machine.
//!
//! In: the configuration as it is deployed, and settings. Out: the same files in a directory of the stack, in which
//! only addresses differ. Must never happen: a setting that is missing and passed over.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

/// Settings by name.
pub(super) type Settings = BTreeMap<String, String>;

/// Hosts of the compose file that are not started here.
const NOT_HERE: [&str; 5] = ["cadvisor:", "grafana:", "loki:", "jaeger:", "caddy:443"];

/// Reads `NAME=VALUE` lines; empty lines and those with `#` in front are passed over.
pub(super) fn settings(file: &Path) -> Result<Settings> {
    let text =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    parse(&text).with_context(|| file.display().to_string())
}

fn parse(text: &str) -> Result<Settings> {
    let mut settings = Settings::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((name, value)) = line.split_once('=') else {
            bail!("`{line}` is no NAME=VALUE");
        };
        settings.insert(name.to_owned(), value.to_owned());
    }
    Ok(settings)
}

/// Copies `deploy/prometheus` and gives its targets the addresses of this machine, as pairs of what stands in
/// the files and what replaces it. Jobs of parts that are not started here get no target.
pub(super) fn prometheus(from: &Path, to: &Path, replace: &[(&str, String)]) -> Result<()> {
    for inside in ["", "rules", "targets"] {
        let (from, to) = (from.join(inside), to.join(inside));
        fs::create_dir_all(&to).with_context(|| format!("cannot create {}", to.display()))?;
        let entries = fs::read_dir(&from).with_context(|| format!("no {}", from.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_none_or(|extension| extension != "yml") {
                continue;
            }
            let mut text = fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            if inside == "targets" {
                text = here(&text, replace);
            }
            let name = path.file_name().context("a file without a name")?;
            fs::write(to.join(name), text)?;
        }
    }
    Ok(())
}

/// The targets of this machine.
fn here(targets: &str, replace: &[(&str, String)]) -> String {
    let mut text = targets.to_owned();
    for (there, here) in replace {
        text = text.replace(there, here);
    }
    if NOT_HERE.iter().any(|host| text.contains(host)) {
        return "[]\n".to_owned();
    }
    text
}

/// Fills settings into a file by `deploy/render.sh`, as its container does.
pub(super) fn render(deploy: &Path, from: &Path, to: &Path, settings: &Settings) -> Result<()> {
    let output = Command::new("sh")
        .arg(deploy.join("render.sh"))
        .arg(from)
        .envs(settings)
        .stdin(Stdio::null())
        .output()
        .context("sh cannot be started")?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    fs::write(to, output.stdout).with_context(|| format!("cannot write {}", to.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_lines_with_names_and_values() {
        let read = parse("# a comment\n\nA=1\n B=x=y \nC=\n").unwrap();
        let expected = [("A", "1"), ("B", "x=y"), ("C", "")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(read, Settings::from(expected));
        assert!(parse("A").is_err());
    }

    #[test]
    fn targets_move_here_and_what_is_not_here_has_none() {
        let replace = [("redis-exporter:9121", "127.0.0.1:7".to_owned())];
        assert_eq!(
            here("- targets: [redis-exporter:9121]\n", &replace),
            "- targets: [127.0.0.1:7]\n"
        );
        assert_eq!(here("- targets: [cadvisor:8080]\n", &replace), "[]\n");
    }

    #[test]
    fn a_missing_setting_is_named_and_channels_are_chosen() {
        let directory = tempfile::tempdir().unwrap();
        let (from, to) = (directory.path().join("from"), directory.path().join("to"));
        let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy");
        let text = "a: ${NAME}\n# begin slack\nb: ${SLACK}\n# end slack\n# begin email\nc: 1\n# end email\n";
        fs::write(&from, text).unwrap();
        let mut settings = Settings::from([("ALERT_CHANNELS".to_owned(), "email".to_owned())]);
        let error = render(&deploy, &from, &to, &settings).unwrap_err();
        assert!(error.to_string().ends_with("NAME is not set"), "{error}");
        settings.insert("NAME".to_owned(), "${NAME} & \\1".to_owned());
        render(&deploy, &from, &to, &settings).unwrap();
        assert_eq!(fs::read_to_string(&to).unwrap(), "a: ${NAME} & \\1\nc: 1\n");
        for wrong in ["", "pigeon"] {
            settings.insert("ALERT_CHANNELS".to_owned(), wrong.to_owned());
            let error = render(&deploy, &from, &to, &settings).unwrap_err();
            assert!(error.to_string().contains("ALERT_CHANNELS"), "{error}");
        }
    }
}
