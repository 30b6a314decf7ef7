//! Connections that are open and do nothing, or little: <https://github.com/shekyan/slowhttptest>.

use std::{fs, time::Duration};

use anyhow::{Context, Result, ensure};
use foresight_tests::{Answers, until};
use tokio::{net::TcpStream, process::Command};

use super::{
    Scale,
    report::Report,
    scene::{LIMITED, Scene},
};

pub(super) async fn all(report: &mut Report, scale: Scale) {
    // In the gate fewer connections meet fewer places, and shorter time-outs.
    let mut settings = LIMITED.to_vec();
    if scale == Scale::Short {
        settings.extend([
            ("MAX_CONNECTIONS", "100"),
            ("HEADER_TIMEOUT_SECONDS", "3"),
            ("BODY_TIMEOUT_SECONDS", "3"),
        ]);
    }
    let (connections, seconds) = scale.pick((300, 8), (10_000, 60));
    for (name, mode) in [
        ("slow headers", "-H"),
        ("slow bodies", "-B"),
        ("slow reading", "-X"),
    ] {
        let name = format!("{name}, {connections} connections");
        report
            .abuse(&name, &settings, async |scene| {
                slowly(scene, mode, connections, seconds).await
            })
            .await;
    }
    let name = format!("{connections} idle connections");
    report
        .abuse(&name, &settings, async |scene| {
            idle(scene, connections, Duration::from_secs(scale.pick(2, 40))).await
        })
        .await;
}

/// Runs slowhttptest, which also asks once a second whether the server still answers.
async fn slowly(scene: &Scene, mode: &str, connections: usize, seconds: u64) -> Result<Answers> {
    let target = if mode == "-X" {
        "/beacon.js"
    } else {
        "/v1/batches"
    };
    let table = scene.home.data_dir().join("slow");
    let output = Command::new("slowhttptest")
        .args([
            mode,
            "-i",
            "1",
            "-x",
            "24",
            "-p",
            "10",
            "-f",
            "text/plain",
            "-g",
        ])
        .args(["-c", &connections.to_string()])
        .args(["-r", &(connections / 2).to_string()])
        .args(["-l", &seconds.to_string()])
        .arg("-o")
        .arg(&table)
        .args(["-u", &scene.collector.url(target)])
        .kill_on_drop(true)
        .output()
        .await
        .context("slowhttptest cannot be started; `cargo xtask test` installs it")?;
    let table = fs::read_to_string(table.with_extension("csv"))
        .with_context(|| String::from_utf8_lossy(&output.stdout).into_owned())?;
    // Seconds, closed, pending, connected, and 0 where the server did not answer.
    let rows: Vec<Vec<u64>> = table
        .lines()
        .skip(1)
        .map(|line| {
            line.split(',')
                .filter_map(|cell| cell.parse().ok())
                .collect()
        })
        .collect();
    let away = rows.iter().filter(|row| row.get(4) == Some(&0)).count();
    ensure!(away == 0, "no answer in {away} of {} s", rows.len());
    let last = rows.last().context("slowhttptest has no table")?;
    let [closed, connected] = [1, 3].map(|column| last.get(column).copied().unwrap_or_default());
    // Who reads slowly has the answer in its buffers, and does not notice the end.
    ensure!(
        closed > 0 || mode == "-X",
        "no connection was closed: {table}"
    );
    Ok([("closed", closed), ("open at the end", connected)]
        .map(|(word, times)| (word.to_owned(), times))
        .into())
}

/// Opens connections, says nothing, and stays.
async fn idle(scene: &Scene, connections: usize, stay: Duration) -> Result<Answers> {
    let mut open = Vec::with_capacity(connections);
    for _ in 0..connections {
        open.push(TcpStream::connect(scene.collector.listen).await?);
    }
    tokio::time::sleep(stay).await;
    let mut closed = 0;
    until("a closed connection", stay + Duration::from_secs(5), async || {
        // Nothing was ever sent: what can be read is the end.
        let ended = |stream: &TcpStream| {
            !matches!(stream.try_read(&mut [0]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
        };
        closed = open.iter().filter(|stream| ended(stream)).count();
        Ok((closed > 0).then_some(()))
    })
    .await?;
    Ok(
        [("closed", closed), ("open at the end", open.len() - closed)]
            .map(|(word, times)| (word.to_owned(), times as u64))
            .into(),
    )
}
