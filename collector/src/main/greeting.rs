//! What a collector says to whoever starts it: where it is, and how the first person is made.

use std::{io::IsTerminal, net::SocketAddr};

use foresight::command;

/// Says how the first person is made. In the log too: who starts a container may see nothing else.
pub(crate) fn tell_setup(link: &str, is_announced: bool) {
    if !is_announced {
        println!("There is no user yet. Make yourself the first one, within a day:\n\n  {link}\n");
    }
    if !std::io::stderr().is_terminal() {
        tracing::warn!(
            link,
            "there is no user yet; open this to make the first one"
        );
    }
}

pub(crate) fn greet(
    base: &str,
    metrics: SocketAddr,
    scheme: &str,
    demo: Option<(SocketAddr, &command::Issued)>,
) {
    println!("Foresight is running.\n");
    println!("  dashboard   {base}/");
    println!("  metrics     http://{metrics}/metrics");
    if let Some((public, demo)) = demo {
        println!("  demo site   {scheme}://{public}/demo/");
        println!(
            "\nTo measure a page of your own on {}, paste this into it:\n\n  {}",
            demo.host, demo.snippet
        );
    }
    println!("\nFor another host: foresight site add HOST");
    println!("To stop: press Ctrl-C. Nothing that was accepted is lost.\n");
}
