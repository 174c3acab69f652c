//! One connection: reads messages, and writes what is in its outbox, without either waiting for the other.
use std::cell::Cell;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use futures_sink::Sink;
use tokio::net::TcpStream;
use tokio::time::{Instant, Interval, interval_at};
use tokio_websockets::{CloseCode, Config, Limits, Message, ServerBuilder, WebSocketStream};

use crate::outbox::{Item, Outbox};

const MAX_MESSAGE_BYTES: usize = 256 << 10;
const HEARTBEAT: Duration = Duration::from_secs(30);
const CLOSE_ANSWER: Duration = Duration::from_secs(5);
/// As many bytes are put together for one write.
const WRITE_BYTES: usize = 64 << 10;

/// What others know of a connection.
pub struct Connection {
    pub conn_id: String,
    pub outbox: Outbox,
    /// Its binary has asked for its close.
    pub is_dismissed: Cell<bool>,
}

pub struct Socket {
    ws: WebSocketStream<TcpStream>,
    beat: Interval,
    is_answered: bool,
    is_closing: bool,
    /// A close with a code that no frame may carry: the end comes after what was written before.
    is_cut: bool,
    /// The code of the peer's close frame.
    pub close_code: Option<u16>,
}

impl Socket {
    pub fn new(stream: TcpStream) -> Self {
        let ws = ServerBuilder::new()
            .limits(Limits::default().max_payload_len(Some(MAX_MESSAGE_BYTES)))
            .config(Config::default().flush_threshold(WRITE_BYTES))
            .serve(stream);
        let beat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
        Self { ws, beat, is_answered: true, is_closing: false, is_cut: false, close_code: None }
    }

    /// The next message, or None at the end of the connection. What comes after a close is not for anybody.
    pub async fn next(&mut self, outbox: &Outbox) -> Option<Message> {
        loop {
            let message = poll_fn(|cx| self.poll(cx, outbox)).await?;
            if message.is_pong() {
                self.is_answered = true;
                outbox.pong_came();
            } else if let Some((code, _)) = message.as_close() {
                self.close_code = Some(code.into());
            } else if !self.is_closing && !message.is_ping() {
                return Some(message);
            }
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>, outbox: &Outbox) -> Poll<Option<Message>> {
        outbox.wake_for(cx);
        if self.write(cx, outbox).is_none() {
            return Poll::Ready(None);
        }
        if let Poll::Ready(read) = Pin::new(&mut self.ws).poll_next(cx) {
            // After a violation, the next poll sends the close frame.
            return match read {
                Some(Ok(message)) => Poll::Ready(Some(message)),
                Some(Err(_)) => Pin::new(&mut self.ws).poll_flush(cx).map(|_| None),
                None => Poll::Ready(None),
            };
        }
        ready!(self.beat.poll_tick(cx));
        if self.is_closing {
            return Poll::Ready(None);
        }
        outbox.push(if self.is_answered { Item::Ping } else { Item::Close(1011, "heartbeat timeout") });
        self.is_answered = false;
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// None if the connection cannot be used any more.
    fn write(&mut self, cx: &mut Context<'_>, outbox: &Outbox) -> Option<()> {
        while !self.is_closing && Pin::new(&mut self.ws).poll_ready(cx).is_ready() {
            let Some(item) = outbox.pop() else { break };
            let message = match item {
                Item::Frame(frame) => Message::text(frame),
                Item::Ping => Message::ping("1"),
                Item::Close(code, reason) => {
                    self.is_closing = true;
                    self.beat.reset_after(CLOSE_ANSWER);
                    let legal = CloseCode::try_from(code).ok().filter(|code| !code.is_reserved());
                    let Some(code) = legal else {
                        self.is_cut = true;
                        break;
                    };
                    Message::close(Some(code), reason)
                }
            };
            Pin::new(&mut self.ws).start_send(message).ok()?;
        }
        match Pin::new(&mut self.ws).poll_flush(cx) {
            Poll::Ready(Err(_)) => None,
            Poll::Ready(Ok(())) if self.is_cut => None,
            _ => Some(()),
        }
    }
}
