//! What a phone says goes to its binary in an envelope, and what a binary says to one of its phones.
use std::borrow::Cow;
use std::rc::Rc;

use bytes::{BufMut, Bytes, BytesMut};
use serde::Deserialize;
use sonic_rs::LazyValue;

use crate::connection::{Connection, Socket};
use crate::outbox::Item;
use crate::registry::{Registry, Server};

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    conn_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    frame: Option<LazyValue<'a>>,
    close_code: Option<u16>,
}

fn envelope(conn_id: &str, key: &str, value: &[u8]) -> Bytes {
    let mut bytes = BytesMut::with_capacity(conn_id.len() + key.len() + value.len() + 20);
    bytes.put_slice(b"{\"conn_id\":\"");
    bytes.put_slice(conn_id.as_bytes());
    bytes.put_slice(b"\",\"");
    bytes.put_slice(key.as_bytes());
    bytes.put_slice(b"\":");
    bytes.put_slice(value);
    bytes.put_u8(b'}');
    bytes.freeze()
}

fn forward(server: &Server, message: Bytes) {
    let Ok(envelope) = sonic_rs::from_slice::<Envelope>(&message) else { return };
    let phones = server.phones.borrow();
    let Some(phone) = envelope.conn_id.and_then(|id| phones.get(id.as_ref())) else { return };
    if let Some(frame) = envelope.frame {
        // A part of the message that was read: nothing is copied.
        let frame = message.slice_ref(frame.as_raw_str().as_bytes());
        if phone.outbox.has_room_for(&frame) {
            phone.outbox.push(Item::Frame(frame));
        } else {
            phone.outbox.close_now(1011, "phone backlog full");
        }
    }
    if let Some(code) = envelope.close_code.filter(|code| *code != 0) {
        phone.is_dismissed.set(true);
        phone.outbox.push(Item::Close(code, ""));
    }
}

/// Closes, and waits for the answer.
async fn close(socket: &mut Socket, me: &Connection, code: u16, reason: &'static str) {
    me.outbox.close_now(code, reason);
    while socket.next(&me.outbox).await.is_some() {}
}

pub async fn serve_binary(registry: Rc<Registry>, mut socket: Socket, me: Rc<Connection>, id: String) {
    match registry.claim(&id, me.clone()).await {
        None => close(&mut socket, &me, 4409, "server-id already claimed").await,
        Some(server) => {
            while let Some(message) = socket.next(&me.outbox).await {
                if registry.holds(&id, &server) {
                    forward(&server, message.into_payload().into());
                }
            }
            me.outbox.set_gone();
            registry.release(id, server);
        }
    }
}

pub async fn serve_phone(registry: Rc<Registry>, mut socket: Socket, me: Rc<Connection>, id: String) {
    let server = match registry.register(&id, &me) {
        Ok(server) => server,
        Err((code, reason)) => return close(&mut socket, &me, code, reason).await,
    };
    let leave = |code: u16| {
        server.phones.borrow_mut().remove(&me.conn_id);
        if registry.holds(&id, &server) && !me.is_dismissed.get() && !server.binary.outbox.is_gone() {
            let notice = envelope(&me.conn_id, "close_code", code.to_string().as_bytes());
            server.binary.outbox.push(Item::Frame(notice));
        }
    };
    while let Some(message) = socket.next(&me.outbox).await {
        let payload = message.as_payload();
        if sonic_rs::from_slice::<LazyValue>(payload).is_err() || server.binary.outbox.is_gone() {
            leave(1001);
            return close(&mut socket, &me, 1000, "").await;
        }
        let wrapped = envelope(&me.conn_id, "frame", payload);
        // A slow binary holds up its own phones, and nobody else.
        server.binary.outbox.room_for(&wrapped).await;
        server.binary.outbox.push(Item::Frame(wrapped));
    }
    leave(socket.close_code.unwrap_or(1001));
}
