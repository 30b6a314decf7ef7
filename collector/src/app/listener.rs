//! Accepts connections and serves a router on them.
//!
//! `axum::serve` sets no timer, so a client that sends half a header would be waited for without
//! end. Here each connection has a time for a request's header, which also ends idle connections,
//! and there is a largest number of connections; for one more, the longest silent ones leave
//! ([`super::guests`]). HTTP/1.1 only: HTTP/2 is the business of a proxy in front. It usually has the
//! certificates too; without one, a listener speaks TLS by itself ([`super::tls`]).

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use prometheus::IntCounter;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::guests::{Guest, Guests};

/// What a listener puts up with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Time for a request's header, and for the next request of an idle connection.
    pub(super) header: Duration,
    /// Connections at once.
    pub(super) connections: usize,
}

/// How long to wait after an accept failed: mostly because too many files are open, and trying at
/// once would only burn time.
const AFTER_FAILURE: Duration = Duration::from_millis(100);

/// Serves until stopping; then refuses new connections and ends when running requests have ended.
/// `dismissed` counts the connections that had to make room.
pub(super) fn serve(
    listener: TcpListener,
    router: Router,
    patience: Patience,
    dismissed: IntCounter,
    tls: Option<TlsAcceptor>,
    stopping: CancellationToken,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let guests = Guests::new(patience.connections, dismissed);
        let graceful = GracefulShutdown::new();
        for number in 0.. {
            let (stream, peer, guest) = tokio::select! {
                () = stopping.cancelled() => break,
                accepted = accept(&listener, &guests, number) => accepted,
            };
            // Guests are seated for as long as anybody listens.
            let Some(guest) = guest else { break };
            let to = Visit {
                peer,
                router: router.clone(),
                header: patience.header,
                watcher: graceful.watcher(),
                guest,
            };
            tokio::spawn(connection(stream, tls.clone(), to));
        }
        // Closed first, so that a client that comes now goes to another collector.
        drop(listener);
        graceful.shutdown().await;
    })
}

async fn accept(
    listener: &TcpListener,
    guests: &Arc<Guests>,
    number: u64,
) -> (TcpStream, SocketAddr, Option<Guest>) {
    loop {
        match listener.accept().await {
            // Accepted first: nobody has to leave for a newcomer who does not come.
            Ok((stream, peer)) => return (stream, peer, guests.seat(number).await),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(AFTER_FAILURE).await;
            }
        }
    }
}

/// A connection's visit to a router.
struct Visit {
    peer: SocketAddr,
    router: Router,
    header: Duration,
    watcher: Watcher,
    guest: Guest,
}

async fn connection(stream: TcpStream, tls: Option<TlsAcceptor>, to: Visit) {
    // Answers are one small packet each: waiting for more would only delay them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "nodelay");
    }
    let Some(tls) = tls else {
        return speak(stream, to).await;
    };
    // The handshake has the time of a header, and keeps nobody's place any better.
    tokio::select! {
        shaken = timeout(to.header, tls.accept(stream)) => match shaken {
            Ok(Ok(stream)) => speak(stream, to).await,
            Ok(Err(error)) => tracing::trace!(%error, "no handshake"),
            Err(_) => tracing::trace!("the handshake took too long"),
        },
        () = to.guest.told_to_leave() => tracing::trace!("connection made room"),
    }
}

async fn speak(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, to: Visit) {
    let Visit {
        peer,
        router,
        header,
        watcher,
        guest,
    } = to;
    let guest = &guest;
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let router = router.clone();
        async move {
            guest.asks();
            let response = answer(router, request).await;
            guest.answered();
            Ok::<_, Infallible>(response)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header)
        .serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // A client that hangs up, or was too slow, is nothing to tell anybody.
        ended = watcher.watch(connection) => if let Err(error) = ended {
            tracing::trace!(%error, "connection ended");
        },
        () = guest.told_to_leave() => tracing::trace!("connection made room"),
    }
}

async fn answer(router: Router, request: Request<Incoming>) -> axum::response::Response {
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    async fn start(patience: Patience) -> (SocketAddr, CancellationToken, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stopping = CancellationToken::new();
        let router = Router::new().route("/", get(async || "hello"));
        let dismissed = IntCounter::new("dismissed", "of a test").unwrap();
        let task = serve(
            listener,
            router,
            patience,
            dismissed,
            None,
            stopping.clone(),
        );
        (address, stopping, task)
    }

    const QUICK: Patience = Patience {
        header: Duration::from_millis(200),
        connections: 2,
    };

    async fn text_after(address: SocketAddr, sent: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(sent).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    }

    #[tokio::test]
    async fn silent_half_sent_and_idle_connections_are_closed() {
        let (address, ..) = start(QUICK).await;
        // Each of these would be waited for without end if there were no time-out.
        assert!(!text_after(address, b"").await.contains("hello"));
        assert!(
            !text_after(address, b"GET / HTTP/1.1\r\nHost: a")
                .await
                .contains("hello")
        );
        let idle = text_after(address, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
        assert!(idle.ends_with("hello"), "{idle}");
    }

    #[tokio::test]
    async fn a_connection_beyond_the_limit_is_served_and_the_longest_silent_one_closed() {
        let patient = Patience {
            header: Duration::from_secs(600),
            ..QUICK
        };
        let (address, ..) = start(patient).await;
        let mut first = TcpStream::connect(address).await.unwrap();
        // In the middle of a header, which is no reason to stay.
        first.write_all(b"GET / HTTP/1.1\r\nHo").await.unwrap();
        let mut second = TcpStream::connect(address).await.unwrap();
        second
            .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            .await
            .unwrap();
        second.read_u8().await.unwrap();
        let request = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        assert!(text_after(address, request).await.ends_with("hello"));
        // Closed: its header has ten minutes, so that nothing else would end it.
        let mut rest = Vec::new();
        first.read_to_end(&mut rest).await.ok();
        assert!(rest.is_empty(), "{rest:?}");
    }

    #[tokio::test]
    async fn stopping_ends_idle_connections_and_refuses_new_ones() {
        let patient = Patience {
            header: Duration::from_secs(600),
            ..QUICK
        };
        let (address, stopping, task) = start(patient).await;
        let mut idle = TcpStream::connect(address).await.unwrap();
        idle.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            .await
            .unwrap();
        idle.read_u8().await.unwrap();
        stopping.cancel();
        task.await.unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }
}
