//! What waits to be written to one connection. Everything runs on one thread, so cells are enough.
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::task::{Context, Waker};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;

const OUTBOX_BYTES: usize = 4 << 20;
const BYTES_PER_ITEM: usize = 64;

pub enum Item {
    Frame(Bytes),
    Close(u16, &'static str),
    Ping,
}

#[derive(Default)]
pub struct Outbox {
    queue: RefCell<VecDeque<Item>>,
    bytes: Cell<usize>,
    waker: RefCell<Option<Waker>>,
    is_gone: Cell<bool>,
    room: Notify,
    answered: Notify,
}

impl Outbox {
    fn wake(&self) {
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }

    pub fn wake_for(&self, cx: &Context<'_>) {
        *self.waker.borrow_mut() = Some(cx.waker().clone());
    }

    pub fn is_gone(&self) -> bool {
        self.is_gone.get()
    }

    /// Its task has ended.
    pub fn set_gone(&self) {
        self.is_gone.set(true);
        self.queue.borrow_mut().clear();
        self.answered.notify_waiters();
        self.room.notify_waiters();
    }

    /// False if the bytes that wait would be more than the budget.
    pub fn has_room_for(&self, frame: &Bytes) -> bool {
        self.bytes.get() + frame.len() + BYTES_PER_ITEM <= OUTBOX_BYTES
    }

    /// Until there is room, or nobody is left to write.
    pub async fn room_for(&self, frame: &Bytes) {
        while !self.has_room_for(frame) && !self.is_gone() {
            self.room.notified().await;
        }
    }

    pub fn push(&self, item: Item) {
        if let Item::Frame(frame) = &item {
            self.bytes.set(self.bytes.get() + frame.len() + BYTES_PER_ITEM);
        }
        self.queue.borrow_mut().push_back(item);
        self.wake();
    }

    /// Closes ahead of what waits, which is dropped.
    pub fn close_now(&self, code: u16, reason: &'static str) {
        self.queue.borrow_mut().clear();
        self.push(Item::Close(code, reason));
    }

    pub fn pop(&self) -> Option<Item> {
        let item = self.queue.borrow_mut().pop_front();
        if let Some(Item::Frame(frame)) = &item {
            self.bytes.set(self.bytes.get() - frame.len() - BYTES_PER_ITEM);
            self.room.notify_one();
        }
        item
    }

    pub fn pong_came(&self) {
        self.answered.notify_waiters();
    }

    /// True if the peer answers a ping in time.
    pub async fn answers(&self, timeout: Duration) -> bool {
        if self.is_gone() {
            return false;
        }
        let answered = self.answered.notified();
        self.push(Item::Ping);
        tokio::time::timeout(timeout, answered).await.is_ok() && !self.is_gone()
    }
}
