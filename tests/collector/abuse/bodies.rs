//! Bodies that are too large, too deep, or compressed.

use anyhow::{Context, Result, ensure};
use foresight_shared::{Metric, limits};
use foresight_tests::{Answers, Raw, exchange, first_batch, flood, request, vital};
use serde_json::{Value, json};

use super::{
    Scale,
    mold::address,
    report::Report,
    scene::{LIMITED, Scene},
};

pub(super) async fn all(report: &mut Report, scale: Scale) {
    let times = scale.pick(100, 5_000);
    report
        .abuse(
            &format!("{times} bodies of 64 KiB and a byte, and of 1 MiB"),
            &LIMITED,
            async |scene| oversize(scene, times).await,
        )
        .await;
    report
        .abuse(
            "a body of 1 GiB, announced and endless",
            &LIMITED,
            async |scene| endless(scene).await,
        )
        .await;
    report
        .abuse(
            &format!("{times} bodies of 30,000 nested arrays"),
            &LIMITED,
            async |scene| nested(scene, times).await,
        )
        .await;
    report
        .abuse(
            &format!("{times} compressed bodies"),
            &LIMITED,
            async |scene| compressed(scene, times).await,
        )
        .await;
}

async fn oversize(scene: &Scene, times: u64) -> Result<Answers> {
    let victim = scene.victim.clone();
    let answers = flood(scene.collector.listen, times, move |number| {
        let length = if number % 2 == 0 {
            limits::BATCH_BYTES + 1
        } else {
            1 << 20
        };
        request(&victim, &address(number), &" ".repeat(length))
    })
    .await?;
    ensure!(
        answers.get("413 body_too_large") == Some(&times),
        "{answers:?}"
    );
    Ok(answers)
}

/// Once with a length, which is enough to be refused, and once in chunks that never end.
async fn endless(scene: &Scene) -> Result<Answers> {
    let empty = request(&scene.victim, "198.51.100.1", "");
    let head = String::from_utf8(empty)?;
    let announced = head.replace("Content-Length: 0", "Content-Length: 1073741824");
    let chunked = head.replace("Content-Length: 0", "Transfer-Encoding: chunked");
    let refused = exchange(scene.collector.listen, announced.as_bytes()).await?;
    let mut words = vec![refused.context("no answer to a length of 1 GiB")?.word()];
    let mut connection = Raw::connect(scene.collector.listen).await?;
    connection.send(chunked.as_bytes()).await?;
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x1_0000));
    let mut chunks = 0;
    // It is read for a while, so that the client sees its answer; then the connection ends.
    while chunks < 16_384 && connection.send(chunk.as_bytes()).await.is_ok() {
        chunks += 1;
    }
    ensure!(chunks < 1024, "{chunks} chunks of 64 KiB were read");
    words.push(
        connection
            .answer()
            .await?
            .map_or_else(|| "closed".to_owned(), |answer| answer.word()),
    );
    let mut answers = Answers::new();
    for word in words {
        ensure!(
            ["413 body_too_large", "closed"].contains(&word.as_str()),
            "{word}"
        );
        *answers.entry(word).or_default() += 1;
    }
    ensure!(answers.contains_key("413 body_too_large"), "{answers:?}");
    Ok(answers)
}

/// Where a field is not known it is passed over, however deep; as an event it is refused alone; and
/// what is never closed is no JSON.
async fn nested(scene: &Scene, times: u64) -> Result<Answers> {
    let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    let batch = first_batch(
        &scene.victim.token,
        "/",
        vec![vital(Metric::Lcp, 900.0, None)],
    );
    let with = |mark: &str, number: u64| -> Result<String> {
        let mut value: Value = json!(batch);
        value["id"] = json!(format!("batch-{number:010}"));
        match mark {
            "field" => value["later"] = json!("DEEP"),
            _ => value["events"] = json!([value["events"][0], "DEEP"]),
        }
        Ok(value.to_string().replace("\"DEEP\"", &deep))
    };
    let mut bodies = Vec::new();
    for number in 0..times / 3 {
        bodies.push(with("field", 2 * number)?);
        bodies.push(with("event", 2 * number + 1)?);
        bodies.push("[".repeat(60_000));
    }
    let (victim, total) = (scene.victim.clone(), bodies.len() as u64);
    let answers = flood(scene.collector.listen, total, move |number| {
        request(&victim, &address(number), &bodies[number as usize])
    })
    .await?;
    // The answer of those with a bad event names its code.
    let expected = ["202", "202 field_invalid", "400 not_json"].map(|word| (word, total / 3));
    let expected = expected.map(|(word, times)| (word.to_owned(), times));
    ensure!(answers == Answers::from(expected), "{answers:?}");
    let scrape = scene.collector.scrape().await?;
    let refused = scrape.sum("foresight_events_rejected_total", &[]);
    ensure!(
        refused == (total / 3) as f64,
        "{refused} events were refused"
    );
    Ok(answers)
}

/// Nothing is unpacked, so nothing can grow.
async fn compressed(scene: &Scene, times: u64) -> Result<Answers> {
    // How gzip, zlib and zstd begin, and what brotli may look like.
    const BEGINNINGS: [(&str, &[u8]); 4] = [
        ("gzip", &[0x1f, 0x8b, 8, 0]),
        ("deflate", &[0x78, 0x9c, 0xed, 0xc1]),
        ("zstd", &[0x28, 0xb5, 0x2f, 0xfd]),
        ("br", &[0x8b, 0xff, 0xff, 0x07]),
    ];
    let victim = scene.victim.clone();
    let answers = flood(scene.collector.listen, times, move |number| {
        let (encoding, beginning) = BEGINNINGS[number as usize % BEGINNINGS.len()];
        let text = String::from_utf8_lossy(&request(&victim, &address(number), "")).into_owned();
        let length = format!("Content-Encoding: {encoding}\r\nContent-Length: 1024");
        let mut bytes = text.replace("Content-Length: 0", &length).into_bytes();
        bytes.extend(beginning.iter().chain(&[0xff; 1024]).take(1024));
        bytes
    })
    .await?;
    ensure!(answers.get("400 not_utf8") == Some(&times), "{answers:?}");
    Ok(answers)
}
