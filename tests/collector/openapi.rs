//! Every question of the API beside `/api/openapi.json`: the answers must be what it says, field by field.
//!
//! In: a collector with a seeded fleet, and its document, from which the questions are made. Out: a verdict. What
//! must never happen: an answer with a field that the document does not have.

mod document;

use anyhow::{Context, Result, ensure};
use foresight_shared::Metric;
use foresight_tests::{Collector, Database, Home, first_batch, vital};
use reqwest::{Client, Method, Response, Url, header};
use serde_json::{Value, json};

use document::Document;

/// A collector with a fleet, and its document.
async fn measured() -> Result<(Home, Collector, Document)> {
    let home = Home::new(Database::Sqlite).await?;
    let fleet = [
        "seed", "--sites", "8", "--days", "40", "--views", "30", "--seed", "3",
    ];
    std::fs::create_dir_all(home.data_dir())?;
    let _: Value = home.json(&fleet).await?;
    let collector = home.start().await?;
    let document = Document::new(collector.ask("/api/openapi.json").await?)?;
    Ok((home, collector, document))
}

/// Sends a request and compares the answer with the document. Returns its status and body.
async fn compared(
    document: &Document,
    (method, path): (&str, &str),
    request: reqwest::RequestBuilder,
) -> Result<(u16, Value)> {
    let response = request.send().await?;
    let status = response.status().as_u16();
    let kind = kind_of(&response);
    let body = response.text().await?;
    document
        .check((method, path), status, &kind, &body)
        .with_context(|| format!("{method} {path}: {status} {kind}: {body:.2000}"))?;
    Ok((status, serde_json::from_str(&body).unwrap_or_default()))
}

/// The content type without its parameters.
fn kind_of(response: &Response) -> String {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn every_report_is_what_the_document_says() -> Result<()> {
    let (home, collector, document) = measured().await?;
    let at_ms = jiff::Timestamp::now().as_millisecond();
    let commission = |id: &str, state: &str| {
        json!({"id": id, "at": at_ms, "fact": {"commission": {"state": state, "partner": "p_1",
            "share": "share-one", "amount_minor": 900, "currency": "EUR"}}})
    };
    // The second would pay what was not approved.
    let events = [
        commission("accrued-01", "accrued"),
        commission("paid-00001", "paid"),
    ];
    let token = home.server_token(None).await?;
    let events = json!({"v": 1, "events": events});
    let told = collector.tell(&token, &events).await?;
    ensure!(told.status == 202, "the commissions are refused");
    collector.merged().await?;
    let month = jiff::Timestamp::now().to_string()[..7].to_owned();
    let client = Client::new();
    let (mut asked, mut good) = (0, 0);
    for path in document.reports() {
        let mut answered = 0;
        for question in document.questions(&path, ("p_1", &month))? {
            let address = Url::parse_with_params(&collector.url(&path), &question)?;
            let (status, _) = compared(&document, ("get", &path), client.get(address))
                .await
                .with_context(|| format!("{question:?}"))?;
            ensure!(
                status == 200 || status == 422,
                "{path} {question:?}: {status}"
            );
            answered += usize::from(status == 200);
            asked += 1;
        }
        ensure!(answered > 0, "{path} answered nothing");
        good += answered;
    }
    let of_sites = ("get", "/api/v1/sites");
    let answer = collector.ask("/api/v1/sites").await?;
    for place in ["", "/sites/0"] {
        let mut answer = answer.clone();
        answer.pointer_mut(place).context("no site")?["surprise"] = json!(1);
        let checked = document.check(of_sites, 200, "application/json", &answer.to_string());
        ensure!(
            checked.is_err(),
            "a field at {place:?} that is not documented is let through"
        );
    }
    ensure!(asked > 250 && good * 10 > asked * 8, "{good} of {asked}");
    Ok(())
}

#[tokio::test]
async fn words_of_parameters_are_those_that_are_taken() -> Result<()> {
    let (_home, collector, document) = measured().await?;
    let mut asked = 0;
    for path in document.reports() {
        for (name, words) in document.worded(&path) {
            let request = collector.get(&format!("{path}?{name}=no-such-word"));
            let (status, answer) = compared(&document, ("get", &path), request).await?;
            let rule = format!("one of {}", words.join(", "));
            ensure!(
                status == 422 && answer["field"] == *name && answer["rule"] == *rule,
                "{path} {name}: {status} {answer}, documented is {rule}"
            );
            asked += 1;
        }
    }
    ensure!(asked > 60, "{asked}");
    Ok(())
}

#[tokio::test]
async fn what_is_posted_is_answered_as_the_document_says() -> Result<()> {
    let (home, collector, document) = measured().await?;
    let site = home.add_site("shop.example").await?;
    let client = Client::new();
    let batches = ("post", "/v1/batches");
    let origin = format!("https://{}", site.host);
    let batch = first_batch(&site.token, "/menu", vec![vital(Metric::Lcp, 1200.0, None)]);
    for (body, from, expected) in [
        (serde_json::to_string(&batch)?, origin.as_str(), 202),
        (serde_json::to_string(&batch)?, origin.as_str(), 202),
        (serde_json::to_string(&batch)?, "https://other.example", 403),
        ("{".to_owned(), origin.as_str(), 400),
        ("{}".to_owned(), origin.as_str(), 422),
    ] {
        let request = collector
            .request(Method::POST)
            .header(header::ORIGIN, from)
            .body(body.clone());
        let (status, _) = compared(&document, batches, request).await?;
        ensure!(status == expected, "{status} instead of {expected}: {body}");
    }
    let token = home.server_token(None).await?;
    for (token, events, expected) in [
        (&*token, json!([]), 422),
        ("none", json!([]), 401),
        (
            &*token,
            json!([{"id": "lead-000001", "at": jiff::Timestamp::now().as_millisecond(), "fact":
                {"lead": {"site": "shop.example", "lead": "l_1", "score": 5, "source": "form"}}}]),
            202,
        ),
    ] {
        let request = client
            .post(collector.url("/v1/events"))
            .bearer_auth(token)
            .json(&json!({"v": 1, "events": events}));
        let (status, body) = compared(&document, ("post", "/v1/events"), request).await?;
        ensure!(status == expected, "{status} instead of {expected}: {body}");
    }
    Ok(())
}

#[tokio::test]
async fn what_admins_do_is_answered_as_the_document_says() -> Result<()> {
    let (_home, collector, document) = measured().await?;
    let session = collector.get("/api/v1/session").send().await?;
    let cookie = session.headers()[header::SET_COOKIE].to_str()?;
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    let session: Value = session.json().await?;
    let csrf = session["csrf"].as_str().context("no csrf")?.to_owned();
    let client = Client::new();
    let user = json!({"name": "ada", "role": "viewer", "password": "correct horse battery"});
    let mut token = String::new();
    for (method, path, body, expected) in [
        ("post", "/api/v1/users", user.clone(), 201),
        ("post", "/api/v1/users", user, 409),
        (
            "patch",
            "/api/v1/users/{name}",
            json!({"role": "admin"}),
            200,
        ),
        ("get", "/api/v1/users", Value::Null, 200),
        (
            "post",
            "/api/v1/tokens",
            json!({"name": "ci", "scopes": ["read"]}),
            201,
        ),
        ("get", "/api/v1/tokens", Value::Null, 200),
        ("delete", "/api/v1/tokens/{id}", Value::Null, 204),
        ("delete", "/api/v1/tokens/{id}", Value::Null, 404),
        ("post", "/api/v1/sites", json!({"host": "new.example"}), 201),
        ("post", "/api/v1/sites", json!({"host": "no host"}), 422),
        ("get", "/api/v1/sites/{host}/snippet", Value::Null, 200),
        ("get", "/api/v1/audit", Value::Null, 200),
        ("get", "/api/v1/settings", Value::Null, 200),
        ("get", "/api/v1/session", Value::Null, 200),
        (
            "post",
            "/api/v1/session",
            json!({"name": "ada", "password": "x"}),
            409,
        ),
        ("delete", "/api/v1/session", Value::Null, 204),
    ] {
        let address = path
            .replace("{name}", "ada")
            .replace("{id}", &token)
            .replace("{host}", "new.example");
        let mut request = client
            .request(method.to_uppercase().parse()?, collector.url(&address))
            .header(header::COOKIE, &cookie)
            .header("x-foresight-csrf", &csrf);
        if !body.is_null() {
            request = request.json(&body);
        }
        let (status, answer) = compared(&document, (method, path), request).await?;
        ensure!(status == expected, "{method} {path}: {status}: {answer}");
        if let Some(id) = answer["id"].as_str() {
            id.clone_into(&mut token);
        }
    }
    Ok(())
}

#[tokio::test]
async fn what_happens_now_is_a_stream_as_the_document_says() -> Result<()> {
    let (_home, collector, document) = measured().await?;
    let response = collector.get("/api/v1/live").send().await?;
    let (status, kind) = (response.status().as_u16(), kind_of(&response));
    ensure!(kind == "text/event-stream", "{kind}");
    document.check(("get", "/api/v1/live"), status, &kind, "event: minute")
}
