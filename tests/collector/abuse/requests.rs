//! Requests that want files they must not have, or answers with headers of theirs.

use anyhow::{Context, Result, ensure};
use foresight_tests::{Answers, CLOSED, Raw, RawAnswer, exchange};

use super::{
    report::Report,
    scene::{LIMITED, Scene},
};

/// Where a secret would be: the token key, and a file that every system has.
const SECRETS: [&str; 2] = ["data/token.key", "etc/passwd"];

/// What may lead out of a directory.
const WAYS: [&str; 10] = [
    "../",
    "..%2f",
    "%2e%2e/",
    "%2e%2e%2f",
    "..%252f",
    "..\\",
    "..%5c",
    "....//",
    "..;/",
    "%c0%ae%c0%ae/",
];

/// Where files are served from.
const PLACES: [&str; 4] = ["/", "/beacon/", "/demo/", "/assets/"];

pub(super) async fn all(report: &mut Report) {
    report
        .abuse("path traversal on assets", &LIMITED, traversal)
        .await;
    report
        .abuse("header injection and smuggling", &LIMITED, injection)
        .await;
}

async fn traversal(scene: &Scene) -> Result<Answers> {
    let mut answers = Answers::new();
    for place in PLACES {
        for secret in SECRETS {
            for way in WAYS {
                for steps in [1, 3, 12] {
                    let target = format!("{place}{}{secret}", way.repeat(steps));
                    let answer = get(scene, &target).await?.with_context(|| target.clone())?;
                    ensure!([400, 404].contains(&answer.status), "{target}: {answer:?}");
                    let problem = answer.body.is_empty() || answer.body.contains("\"code\"");
                    ensure!(problem, "{target}: {}", answer.body);
                    *answers.entry(answer.word()).or_default() += 1;
                }
            }
        }
        for target in ["//etc/passwd", "%2fetc%2fpasswd", "\0", "%00", "token.key"] {
            let target = format!("{place}{target}");
            let answer = get(scene, &target).await?.with_context(|| target.clone())?;
            ensure!([400, 404].contains(&answer.status), "{target}: {answer:?}");
            *answers.entry(answer.word()).or_default() += 1;
        }
    }
    ensure!(answers.contains_key("400 path_invalid"), "{answers:?}");
    Ok(answers)
}

async fn get(scene: &Scene, target: &str) -> Result<Option<RawAnswer>> {
    let bytes = format!("GET {target} HTTP/1.1\r\nHost: rum.example\r\nConnection: close\r\n\r\n");
    exchange(scene.collector.listen, bytes.as_bytes()).await
}

/// What is sent, and the only statuses that may answer. Nothing of it may come back as a header, and
/// nothing that hides in a body may be answered.
async fn injection(scene: &Scene) -> Result<Answers> {
    let many = "x: y\r\n".repeat(200);
    let large = format!("x: {}\r\n", "y".repeat(1 << 20));
    // Chunks rule (RFC 9112, 6.3), so that the body is empty; what follows must not be a request.
    let hidden = "GET /api/health HTTP/1.1\r\nHost: a\r\n\r\n";
    let both = format!(
        "Content-Length: {}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}",
        hidden.len() + 5
    );
    let cases: [(&str, String, &[u16]); 12] = [
        (
            "a return in a value",
            "Origin: https://a\rSet-Cookie: a=b\r\n\r\n".into(),
            &[400],
        ),
        (
            "a zero in a value",
            "Origin: https://a\0\r\n\r\n".into(),
            &[400],
        ),
        (
            "a space before the colon",
            "Content-Length : 5\r\n\r\n".into(),
            &[400],
        ),
        (
            "a folded line",
            "X-A: b\r\n Set-Cookie: a=b\r\n\r\n".into(),
            &[400],
        ),
        (
            "two lengths",
            "Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef".into(),
            &[400],
        ),
        (
            "a negative length",
            "Content-Length: -5\r\n\r\n".into(),
            &[400],
        ),
        (
            "a length with a sign",
            "Content-Length: +5\r\n\r\nabcde".into(),
            &[400],
        ),
        (
            "an unknown coding",
            "Transfer-Encoding: chunked, x\r\n\r\n".into(),
            &[400],
        ),
        (
            "a chunk of a wrong size",
            "Transfer-Encoding: chunked\r\n\r\nzz\r\n".into(),
            &[400],
        ),
        ("length and chunks", both, &[400]),
        ("200 headers", format!("{many}\r\n"), &[431]),
        ("a header of 1 MiB", format!("{large}\r\n"), &[431]),
    ];
    let mut answers = Answers::new();
    for (name, rest, statuses) in cases {
        let bytes = format!(
            "POST /v1/batches HTTP/1.1\r\nHost: rum.example\r\nConnection: close\r\n{rest}"
        );
        let (first, others) = converse(scene, &bytes).await.context(name)?;
        ensure!(others == 0, "{name}: {others} answers more");
        let word = match first {
            Some(answer) => {
                ensure!(statuses.contains(&answer.status), "{name}: {answer:?}");
                answer.word()
            }
            // A client that still writes when it is refused may miss the answer.
            None => CLOSED.to_owned(),
        };
        *answers.entry(word).or_default() += 1;
    }
    for target in [
        "/%0d%0aSet-Cookie:%20a=b",
        "/demo/%0d%0aSet-Cookie:%20a=b",
        "/demo/",
    ] {
        let bytes =
            format!("GET {target} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
        let (first, _) = converse(scene, &bytes).await?;
        let answer = first.with_context(|| target.to_owned())?;
        ensure!(answer.status == 404, "{target}: {answer:?}");
        ensure!(!answer.body.contains("evil.example"), "{answer:?}");
        *answers.entry(answer.word()).or_default() += 1;
    }
    Ok(answers)
}

/// The first answer, and how many came after it until the end.
async fn converse(scene: &Scene, bytes: &str) -> Result<(Option<RawAnswer>, usize)> {
    let mut connection = Raw::connect(scene.collector.listen).await?;
    connection.send(bytes.as_bytes()).await.ok();
    let first = connection.answer().await.unwrap_or_default();
    let mut others = 0;
    if let Some(answer) = &first {
        ensure!(
            !answer.head.to_lowercase().contains("set-cookie"),
            "{answer:?}"
        );
        // Each of these ends the connection, or has asked for its end.
        while connection.answer().await.unwrap_or_default().is_some() {
            others += 1;
        }
    }
    Ok((first, others))
}
