//! A relay for somebody who wants only speed: one thread of tokio, tokio-websockets with its SIMD, frames as slices of the envelope
//! they came in. It keeps the wire of the Go profile of `pyrycode-relay conformance`. No TLS, limits, log or metrics.
mod connection;
mod handshake;
mod legs;
mod outbox;
mod registry;

use std::cell::Cell;
use std::env;
use std::rc::Rc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::{LocalSet, spawn_local};

use crate::connection::{Connection, Socket};
use crate::outbox::Outbox;
use crate::registry::Registry;

/// A setting from the environment, as the bench sets it for conformance. Durations are whole seconds, as `1s`.
fn setting(name: &str, fallback: u64) -> u64 {
    let text = env::var(name).unwrap_or_default();
    text.trim_end_matches('s').parse().unwrap_or(fallback)
}

async fn serve(mut stream: TcpStream, registry: Rc<Registry>) {
    let _ = stream.set_nodelay(true);
    let Some(dial) = handshake::upgrade(&mut stream).await else { return };
    let random = getrandom::u32().expect("the system has random numbers");
    let id = dial.server_id;
    let me = Rc::new(Connection {
        conn_id: format!("client-{id}-{random:08x}"),
        outbox: Outbox::default(),
        is_dismissed: Cell::new(false),
    });
    if dial.is_binary {
        legs::serve_binary(registry, Socket::new(stream), me, id).await;
    } else {
        legs::serve_phone(registry, Socket::new(stream), me, id).await;
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let registry = Rc::new(Registry::new(
        setting("MAX_PHONES", 16) as usize,
        Duration::from_secs(setting("GRACE", 30)),
        Duration::from_secs(setting("PROBE_TIMEOUT", 10)),
    ));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{{\"msg\":\"starting\",\"listen\":\"{}\"}}", listener.local_addr()?);
    LocalSet::new()
        .run_until(async {
            loop {
                let (stream, _) = listener.accept().await?;
                spawn_local(serve(stream, registry.clone()));
            }
        })
        .await
}
