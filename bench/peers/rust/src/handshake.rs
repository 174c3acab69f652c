//! The upgrade, with the header gate before it.
use base64::{Engine, engine::general_purpose::STANDARD};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const MAX_HEAD_BYTES: usize = 16 << 10;
const MAX_HEADERS: usize = 64;
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

pub struct Dial {
    pub is_binary: bool,
    pub server_id: String,
}

/// Err is the status of the answer.
fn read_head(head: &[u8]) -> Result<(Dial, String), &'static str> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    request.parse(head).map_err(|_| "400 Bad Request")?;
    let is_binary = match request.path {
        Some("/v1/server") => true,
        Some("/v1/client") => false,
        _ => return Err("404 Not Found"),
    };
    let required = |name: &str| {
        let found = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        let value = found.and_then(|header| std::str::from_utf8(header.value).ok()).map(str::trim);
        value.filter(|value| !value.is_empty()).ok_or("400 Bad Request")
    };
    required(if is_binary { "x-pyrycode-version" } else { "x-pyrycode-token" })?;
    required("user-agent")?;
    let server_id = required("x-pyrycode-server")?.to_owned();
    let key = required("sec-websocket-key")?;
    let mut sha1 = sha1_smol::Sha1::from(key);
    sha1.update(GUID);
    Ok((Dial { is_binary, server_id }, STANDARD.encode(sha1.digest().bytes())))
}

/// None for who is refused. Nobody sends more before the answer.
pub async fn upgrade(stream: &mut TcpStream) -> Option<Dial> {
    let mut head = Vec::with_capacity(1 << 10);
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > MAX_HEAD_BYTES || stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    match read_head(&head) {
        Ok((dial, accept)) => {
            let answer = format!(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Accept: {accept}\r\n\r\n"
            );
            stream.write_all(answer.as_bytes()).await.ok()?;
            Some(dial)
        }
        Err(status) => {
            let answer = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.ok()?;
            None
        }
    }
}
