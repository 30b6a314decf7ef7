//! HTTP/1.1 by hand: requests that no library would send, and floods of them.
//!
//! In: bytes. Out: what came back, as it came. Must never happen: a request that is repaired on its
//! way, or an answer that is missing and not counted.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::{Context, Result, ensure};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    task::JoinSet,
};

/// Requests that are sent on a connection before their answers are read.
const AT_ONCE: u64 = 16;

/// Connections of a flood.
const CONNECTIONS: usize = 32;

/// A connection.
pub struct Raw(BufReader<TcpStream>);

/// An answer.
#[derive(Debug)]
pub struct RawAnswer {
    /// The status.
    pub status: u16,
    /// Status line and headers.
    pub head: String,
    /// The body.
    pub body: String,
}

/// How often each answer came: a status with its code, `202 duplicate`, or [`CLOSED`].
pub type Answers = BTreeMap<String, u64>;

/// What is counted where a connection ended without an answer.
pub const CLOSED: &str = "closed";

impl RawAnswer {
    /// The status, with the code if it is a problem.
    #[must_use]
    pub fn word(&self) -> String {
        let code = self.body.split_once("\"code\":\"");
        let code = code.and_then(|(_, rest)| rest.split_once('"'));
        match code {
            Some((code, _)) => format!("{} {code}", self.status),
            None if self.body.contains("\"duplicate\":true") => {
                format!("{} duplicate", self.status)
            }
            None => self.status.to_string(),
        }
    }
}

impl Raw {
    /// Connects.
    ///
    /// # Errors
    /// If nobody listens.
    pub async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// If the other side has closed.
    pub async fn send(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.0.write_all(bytes).await?)
    }

    /// The next answer; `None` if the connection was closed instead.
    ///
    /// # Errors
    /// If what came is no answer with a `Content-Length`.
    pub async fn answer(&mut self) -> Result<Option<RawAnswer>> {
        let mut head = String::new();
        loop {
            let before = head.len();
            match self.0.read_line(&mut head).await {
                Ok(0) | Err(_) if head.is_empty() => return Ok(None),
                Ok(0) => anyhow::bail!("cut off after {head:?}"),
                read => read?,
            };
            if head[before..].trim_end().is_empty() {
                break;
            }
        }
        let status = head.get(9..12).and_then(|status| status.parse().ok());
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let named = name.eq_ignore_ascii_case("content-length");
            named.then(|| value.trim().parse::<usize>().ok())?
        });
        let mut body = vec![0; length.unwrap_or_default()];
        self.0.read_exact(&mut body).await?;
        Ok(Some(RawAnswer {
            status: status.with_context(|| format!("no answer: {head:?}"))?,
            head,
            body: String::from_utf8_lossy(&body).into_owned(),
        }))
    }
}

/// Sends bytes on a connection of their own and reads one answer.
///
/// # Errors
/// If nobody listens, or what came is no answer.
pub async fn exchange(address: SocketAddr, bytes: &[u8]) -> Result<Option<RawAnswer>> {
    let mut connection = Raw::connect(address).await?;
    // Closed before all was sent is an answer too.
    connection.send(bytes).await.ok();
    connection.answer().await
}

/// Sends `request(0)` to `request(total - 1)` over some connections, and counts the answers.
///
/// # Errors
/// If nobody listens any more, or what came is no answer.
pub async fn flood(
    address: SocketAddr,
    total: u64,
    request: impl Fn(u64) -> Vec<u8> + Send + Sync + 'static,
) -> Result<Answers> {
    let (next, request) = (Arc::new(AtomicU64::new(0)), Arc::new(request));
    let mut tasks = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (next, request) = (Arc::clone(&next), Arc::clone(&request));
        tasks.spawn(async move {
            let mut answers = Answers::new();
            let mut connection = Raw::connect(address).await?;
            loop {
                let first = next.fetch_add(AT_ONCE, Ordering::Relaxed);
                let numbers = first.min(total)..(first + AT_ONCE).min(total);
                if numbers.is_empty() {
                    return anyhow::Ok(answers);
                }
                let bytes: Vec<u8> = numbers.clone().flat_map(|number| request(number)).collect();
                let mut open = connection.send(&bytes).await.is_ok();
                for _ in numbers {
                    let answer = if open {
                        connection.answer().await?
                    } else {
                        None
                    };
                    open = answer.is_some();
                    let word = answer.map_or_else(|| CLOSED.to_owned(), |answer| answer.word());
                    *answers.entry(word).or_default() += 1;
                }
                if !open {
                    connection = Raw::connect(address).await?;
                }
            }
        });
    }
    let mut all = Answers::new();
    while let Some(answers) = tasks.join_next().await {
        for (word, times) in answers?? {
            *all.entry(word).or_default() += times;
        }
    }
    ensure!(
        all.values().sum::<u64>() == total,
        "{total} requests, but {all:?}"
    );
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    /// A server that answers each line with the same bytes, and says where it listens.
    async fn server(answer: &'static [u8]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut stream = BufReader::new(stream);
                    let mut line = String::new();
                    while stream.read_line(&mut line).await.is_ok_and(|read| read > 0) {
                        stream.write_all(answer).await.unwrap();
                    }
                });
            }
        });
        address
    }

    #[tokio::test]
    async fn answers_are_counted_by_status_and_code() {
        let address = server(
            b"HTTP/1.1 429 x\r\nContent-Length: 17\r\n\r\n{\"code\":\"slower\"}HTTP/1.1 204 x\r\n\r\n",
        )
        .await;
        let mut connection = Raw::connect(address).await.unwrap();
        connection.send(b"GET\n").await.unwrap();
        let first = connection.answer().await.unwrap().unwrap();
        assert_eq!((first.word().as_str(), first.status), ("429 slower", 429));
        let second = connection.answer().await.unwrap().unwrap();
        assert_eq!(second.word(), "204");
    }

    #[tokio::test]
    async fn no_request_of_a_flood_is_left_out() {
        let address = server(b"HTTP/1.1 200 x\r\nContent-Length: 0\r\n\r\n").await;
        let answers = flood(address, 1001, |_| b"GET\n".to_vec()).await.unwrap();
        assert_eq!(answers, Answers::from([("200".to_owned(), 1001)]));
    }
}
