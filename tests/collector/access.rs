//! Signing in at a real collector: its first link, the command line, listeners of their own, the log.

use std::{fs, net::SocketAddr, process::Stdio};

use anyhow::{Context, Result, ensure};
use foresight_shared::Metric;
use foresight_tests::{Collector, Database, Home, first_batch, vital};
use reqwest::{Client, Method, header};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

const PASSWORD: &str = "correct horse battery";

/// A browser with the dashboard of a listener open.
struct Browser {
    client: Client,
    address: SocketAddr,
    cookies: Vec<(String, String)>,
    csrf: String,
}

impl Browser {
    async fn at(address: SocketAddr) -> Result<Self> {
        let mut browser = Self {
            client: Client::new(),
            address,
            cookies: Vec::new(),
            csrf: String::new(),
        };
        browser.send(Method::GET, "/api/v1/session", None).await?;
        Ok(browser)
    }

    async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<(u16, Value)> {
        let pairs = self.cookies.iter();
        let pairs: Vec<_> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = self
            .client
            .request(method, format!("http://{}{path}", self.address))
            .header("x-foresight-csrf", &self.csrf)
            .header(header::COOKIE, pairs.join("; "));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await?;
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str()?.split_once('=').context("no cookie")?;
            let value = rest.split(';').next().unwrap_or_default().to_owned();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value));
        }
        let status = response.status().as_u16();
        let body: Value = serde_json::from_str(&response.text().await?).unwrap_or_default();
        if let Some(csrf) = body["csrf"].as_str() {
            csrf.clone_into(&mut self.csrf);
        }
        Ok((status, body))
    }

    async fn sign_in(&mut self, name: &str, password: &str) -> Result<u16> {
        let body = json!({ "name": name, "password": password });
        let signed_in = self
            .send(Method::POST, "/api/v1/session", Some(body))
            .await?;
        Ok(signed_in.0)
    }

    async fn status(&mut self, path: &str) -> Result<u16> {
        Ok(self.send(Method::GET, path, None).await?.0)
    }
}

async fn required(database: Database) -> Result<Home> {
    let mut home = Home::new(database).await?;
    home.set("ACCESS_LOGIN", "required");
    Ok(home)
}

async fn set_up(collector: &Collector) -> Result<Browser> {
    let link = collector
        .setup
        .as_deref()
        .context("no link was announced")?;
    let (base, secret) = link
        .split_once("/#setup=")
        .context("a link of another form")?;
    ensure!(base == format!("http://{}", collector.listen), "{link}");
    let mut browser = Browser::at(collector.listen).await?;
    let body = json!({ "secret": secret, "name": "ada", "password": PASSWORD });
    let (status, told) = browser
        .send(Method::POST, "/api/v1/setup", Some(body))
        .await?;
    ensure!(status == 201 && told["user"]["role"] == "admin", "{told}");
    Ok(browser)
}

#[tokio::test]
async fn the_first_link_makes_a_user_who_stays_signed_in_across_a_restart_on_sqlite() -> Result<()>
{
    first_link(Database::Sqlite).await
}

#[tokio::test]
async fn the_first_link_makes_a_user_who_stays_signed_in_across_a_restart_on_postgres() -> Result<()>
{
    first_link(Database::Postgres).await
}

async fn first_link(database: Database) -> Result<()> {
    let home = required(database).await?;
    let site = home.add_site("bakery.example").await?;
    let mut collector = home.start().await?;
    let mut stranger = Browser::at(collector.listen).await?;
    ensure!(stranger.status("/api/v1/vitals").await? == 401);
    ensure!(stranger.status("/api/health").await? == 200);
    // Sites send as before.
    let batch = first_batch(&site.token, "/", vec![vital(Metric::Lcp, 900.0, None)]);
    collector.send(&site, &batch).await?.answer()?;
    let mut browser = set_up(&collector).await?;
    ensure!(browser.status("/api/v1/vitals").await? == 200);
    collector.kill().await?;
    let collector = home.start().await?;
    ensure!(collector.setup.is_none(), "a link, though there is a user");
    browser.address = collector.listen;
    ensure!(browser.status("/api/v1/users").await? == 200);
    Ok(())
}

#[tokio::test]
async fn the_command_line_manages_people_and_tokens_of_a_running_collector() -> Result<()> {
    let home = required(Database::Sqlite).await?;
    let made: Value = home
        .json(&["user", "add", "ada", "--role", "admin"])
        .await?;
    let password = made["password"].as_str().context("no password was made")?;
    let collector = home.start().await?;
    ensure!(collector.setup.is_none(), "a link, though there is a user");
    let mut browser = Browser::at(collector.listen).await?;
    ensure!(browser.sign_in("ada", password).await? == 200);
    // A new password, given on standard input, ends the session.
    let mut command = home.command();
    command
        .args(["user", "password", "ada", "--password-stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.spawn()?;
    let mut stdin = child.stdin.take().context("no input")?;
    stdin.write_all(format!("{PASSWORD}\n").as_bytes()).await?;
    drop(stdin);
    let output = child.wait_with_output().await?;
    ensure!(output.status.success() && !String::from_utf8(output.stdout)?.contains(PASSWORD));
    ensure!(browser.status("/api/v1/users").await? == 401);
    let mut browser = Browser::at(collector.listen).await?;
    ensure!(browser.sign_in("ada", password).await? == 401);
    ensure!(browser.sign_in("ada", PASSWORD).await? == 200);
    let last: Result<Value> = home.json(&["user", "remove", "ada"]).await;
    ensure!(last.is_err_and(|error| error.to_string().contains("only admin")));
    let people: Value = home.json(&["user", "list"]).await?;
    ensure!(
        people[0]["name"] == "ada" && people[0]["role"] == "admin",
        "{people}"
    );
    // A token reads until it is removed.
    let token: Value = home.json(&["user", "token", "add", "report"]).await?;
    let text = token["token"].as_str().context("no token")?;
    let asked = async || -> Result<u16> {
        let asked = collector.get("/api/v1/vitals").bearer_auth(text);
        Ok(asked.send().await?.status().as_u16())
    };
    ensure!(asked().await? == 200);
    let id = token["id"].as_str().context("no id")?;
    home.json::<Value>(&["user", "token", "remove", id]).await?;
    ensure!(asked().await? == 401);
    let (_, audit) = browser.send(Method::GET, "/api/v1/audit", None).await?;
    let actions = audit["entries"].as_array().context("no entries")?;
    let actions: Vec<_> = actions
        .iter()
        .filter_map(|entry| entry["action"].as_str())
        .collect();
    let expected = [
        "token_removed",
        "token_added",
        "signed_in",
        "user_changed",
        "signed_in",
        "user_added",
    ];
    ensure!(actions == expected, "{actions:?}");
    Ok(())
}

#[tokio::test]
async fn dashboard_and_admin_can_have_listeners_of_their_own() -> Result<()> {
    let mut home = required(Database::Sqlite).await?;
    home.set("DASHBOARD_LISTEN", "127.0.0.1:0");
    home.set("ADMIN_LISTEN", "127.0.0.1:0");
    let made: Value = home
        .json(&["user", "add", "ada", "--role", "admin"])
        .await?;
    let password = made["password"].as_str().context("no password was made")?;
    let site = home.add_site("bakery.example").await?;
    let collector = home.start().await?;
    let dashboard = collector.dashboard.context("no dashboard listener")?;
    let admin = collector.admin.context("no admin listener")?;
    let mut browser = Browser::at(dashboard).await?;
    ensure!(browser.sign_in("ada", password).await? == 200);
    for (name, address, reports, managing) in [
        ("public", collector.listen, 404, 404),
        ("dashboard", dashboard, 200, 404),
        ("admin", admin, 200, 200),
    ] {
        browser.address = address;
        ensure!(browser.status("/api/v1/vitals").await? == reports, "{name}");
        ensure!(browser.status("/api/v1/users").await? == managing, "{name}");
        ensure!(browser.status("/api/health").await? == 200, "{name}");
        let sent = browser
            .send(Method::POST, "/v1/batches", Some(json!({})))
            .await?;
        let taken = sent.0 != 404 && sent.0 != 405;
        ensure!(taken == (name == "public"), "{name}: {sent:?}");
    }
    let batch = first_batch(&site.token, "/", vec![vital(Metric::Lcp, 900.0, None)]);
    collector.send(&site, &batch).await?.answer()?;
    Ok(())
}

#[tokio::test]
async fn the_log_has_no_password_token_or_cookie() -> Result<()> {
    let mut home = required(Database::Sqlite).await?;
    home.set("LOG", "trace");
    let token: Value = home.json(&["user", "token", "add", "report"]).await?;
    let text = token["token"].as_str().context("no token")?.to_owned();
    let mut collector = home.start().await?;
    let mut browser = set_up(&collector).await?;
    browser.sign_in("ada", "a wrong password 1").await?;
    let mut mistaken = Browser::at(collector.listen).await?;
    // The password in the wrong field, and in no field.
    mistaken.sign_in(PASSWORD, "").await?;
    let body = json!({ "name": "ada", "password": [PASSWORD] });
    mistaken
        .send(Method::POST, "/api/v1/session", Some(body))
        .await?;
    for bearer in [text.clone(), format!("{text}x")] {
        collector
            .get("/api/v1/vitals")
            .bearer_auth(bearer)
            .send()
            .await?;
    }
    collector.kill().await?;
    let log = fs::read_to_string(home.log())?;
    ensure!(
        log.contains("sign-in failed"),
        "this test looks at the wrong file"
    );
    let cookies = browser.cookies.iter().map(|(_, value)| value.as_str());
    let secrets = [PASSWORD, "a wrong password 1", &text, &browser.csrf];
    for secret in secrets
        .into_iter()
        .chain(cookies)
        .filter(|text| !text.is_empty())
    {
        ensure!(!log.contains(secret), "the log has {secret}");
    }
    Ok(())
}
