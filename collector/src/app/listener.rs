//! Accepts connections and serves a router on them.
//!
//! `axum::serve` sets no timer, so a client that sends half a header would be waited for without
//! end. Here each connection has a time for a request's header, which also ends idle connections,
//! and there is a largest number of connections; more wait in the kernel's queue. HTTP/1.1 only:
//! HTTP/2 is the business of the proxy in front, which also has the certificates.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

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
pub(super) fn serve(
    listener: TcpListener,
    router: Router,
    patience: Patience,
    stopping: CancellationToken,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let places = Arc::new(Semaphore::new(patience.connections));
        let graceful = GracefulShutdown::new();
        loop {
            let (stream, peer, place) = tokio::select! {
                () = stopping.cancelled() => break,
                accepted = accept(&listener, &places) => accepted,
            };
            let router = router.clone();
            let watcher = graceful.watcher();
            tokio::spawn(async move {
                connection(stream, peer, router, patience.header, watcher).await;
                drop(place);
            });
        }
        // Closed first, so that a client that comes now goes to another collector.
        drop(listener);
        graceful.shutdown().await;
    })
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed.
    let place = places.clone().acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, place),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(AFTER_FAILURE).await;
            }
        }
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    header: Duration,
    watcher: Watcher,
) {
    // Answers are one small packet each: waiting for more would only delay them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "nodelay");
    }
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let router = router.clone();
        async move { Ok::<_, Infallible>(answer(router, request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header)
        .serve_connection(TokioIo::new(stream), service);
    // A client that hangs up, or was too slow, is nothing to tell anybody.
    if let Err(error) = watcher.watch(connection).await {
        tracing::trace!(%error, "connection ended");
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
        let task = serve(listener, router, patience, stopping.clone());
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
    async fn connections_beyond_the_limit_are_served_when_others_end() {
        let (address, ..) = start(QUICK).await;
        let _first = TcpStream::connect(address).await.unwrap();
        let _second = TcpStream::connect(address).await.unwrap();
        let request = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        assert!(text_after(address, request).await.ends_with("hello"));
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
