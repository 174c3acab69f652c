//! Who belongs to which server-id.
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use tokio::task::AbortHandle;

use crate::connection::Connection;

/// A server-id from a claim to the next. Its binary stays while the grace period runs.
pub struct Server {
    pub binary: Rc<Connection>,
    pub phones: RefCell<HashMap<String, Rc<Connection>>>,
    grace: RefCell<Option<AbortHandle>>,
}

impl Server {
    fn evict(&self, code: u16, reason: &'static str) {
        for phone in self.phones.take().values() {
            phone.outbox.close_now(code, reason);
        }
    }
}

pub struct Registry {
    servers: RefCell<HashMap<String, Rc<Server>>>,
    pub max_phones: usize,
    pub grace: Duration,
    pub probe_timeout: Duration,
}

impl Registry {
    pub fn new(max_phones: usize, grace: Duration, probe_timeout: Duration) -> Self {
        Self { servers: RefCell::default(), max_phones, grace, probe_timeout }
    }

    fn find(&self, id: &str) -> Option<Rc<Server>> {
        self.servers.borrow().get(id).cloned()
    }

    /// Whether this is still the claim that counts.
    pub fn holds(&self, id: &str, server: &Rc<Server>) -> bool {
        self.servers.borrow().get(id).is_some_and(|held| Rc::ptr_eq(held, server))
    }

    /// None if another binary holds the server-id and answers a ping.
    pub async fn claim(&self, id: &str, binary: Rc<Connection>) -> Option<Rc<Server>> {
        if let Some(held) = self.find(id).filter(|held| held.grace.borrow().is_none()) {
            if held.binary.outbox.answers(self.probe_timeout).await {
                return None;
            }
            if self.find(id).is_some_and(|now| !Rc::ptr_eq(&now, &held)) {
                return None;
            }
            held.binary.outbox.close_now(1011, "heartbeat timeout");
        }
        if let Some(held) = self.find(id) {
            if let Some(timer) = held.grace.take() {
                timer.abort();
            }
            held.evict(4404, "binary reclaimed server-id");
        }
        let server = Rc::new(Server { binary, phones: RefCell::default(), grace: RefCell::default() });
        self.servers.borrow_mut().insert(id.to_owned(), server.clone());
        Some(server)
    }

    /// Lets the grace period run, if its binary has been the holder until now.
    pub fn release(self: Rc<Self>, id: String, server: Rc<Server>) {
        if !self.holds(&id, &server) {
            return;
        }
        let timed = server.clone();
        let timer = tokio::task::spawn_local(async move {
            tokio::time::sleep(self.grace).await;
            if self.holds(&id, &timed) {
                self.servers.borrow_mut().remove(&id);
                timed.evict(1000, "");
            }
        });
        *server.grace.borrow_mut() = Some(timer.abort_handle());
    }

    /// Err is the close of a phone that is refused.
    pub fn register(&self, id: &str, phone: &Rc<Connection>) -> Result<Rc<Server>, (u16, &'static str)> {
        let server = self.find(id).ok_or((4404, "no server with that id"))?;
        if server.phones.borrow().len() >= self.max_phones {
            return Err((4429, "too many phones for server-id"));
        }
        server.phones.borrow_mut().insert(phone.conn_id.clone(), phone.clone());
        Ok(server)
    }
}
