//! A server that answers as each test wants it to.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// A connection on which a request has come.
pub struct Connection {
    stream: TcpStream,
    /// The request's last byte, which is left unread until the end: a connection that is closed with
    /// something unread is reset.
    reset: bool,
}

impl Connection {
    pub fn send(&mut self, bytes: &[u8]) {
        // The client may have left.
        let _ = self.stream.write_all(bytes).and_then(|()| self.stream.flush());
    }

    /// Headers with the length of a body, and the body.
    pub fn reply(&mut self, status: u16, headers: &[(&str, &str)], body: &[u8]) {
        let length = body.len().to_string();
        let mut headers = headers.to_vec();
        headers.push(("Content-Length", &length));
        self.head(status, &headers);
        self.send(body);
    }

    pub fn head(&mut self, status: u16, headers: &[(&str, &str)]) {
        let mut text = format!("HTTP/1.1 {status} Said\r\nConnection: close\r\n");
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        self.send(text.as_bytes());
    }

    /// Lets what was sent arrive, then breaks the connection.
    pub fn reset(&mut self) {
        std::thread::sleep(Duration::from_millis(50));
        self.reset = true;
    }

    /// A file as honest servers send it, with ranges.
    pub fn file(&mut self, asked: &Asked, bytes: &[u8], etag: &str) {
        let first = asked.header("range").and_then(|range| {
            let first: usize = range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()?;
            asked
                .header("if-range")
                .is_none_or(|condition| condition == etag)
                .then_some(first)
        });
        match first {
            Some(first) if first >= bytes.len() => {
                self.reply(
                    416,
                    &[("Content-Range", &format!("bytes */{}", bytes.len()))],
                    b"",
                );
            }
            Some(first) => {
                let range = format!("bytes {first}-{}/{}", bytes.len() - 1, bytes.len());
                self.reply(206, &[("ETag", etag), ("Content-Range", &range)], &bytes[first..]);
            }
            None => self.reply(200, &[("ETag", etag), ("Accept-Ranges", "bytes")], bytes),
        }
    }
}

/// The server; it ends when this is dropped.
pub struct Server {
    pub url: String,
    pub port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    ended: Arc<AtomicBool>,
}

impl Server {
    /// A server that calls `answer` with the number of the request (from 0).
    pub fn start(answer: impl Fn(usize, &Asked, &mut Connection) + Send + Sync + 'static) -> Self {
        Self::listening(TcpListener::bind("127.0.0.1:0").unwrap(), answer)
    }

    pub fn listening(
        listener: TcpListener,
        answer: impl Fn(usize, &Asked, &mut Connection) + Send + Sync + 'static,
    ) -> Self {
        let port = listener.local_addr().unwrap().port();
        let server = Self {
            url: format!("http://127.0.0.1:{port}"),
            port,
            asked: Arc::default(),
            ended: Arc::default(),
        };
        let (asked, ended, answer) = (server.asked.clone(), server.ended.clone(), Arc::new(answer));
        let number = Arc::new(AtomicUsize::new(0));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                let (asked, answer, number) = (asked.clone(), answer.clone(), number.clone());
                std::thread::spawn(move || serve(stream, &asked, &number, &*answer));
            }
        });
        server
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn serve(
    mut stream: TcpStream,
    asked: &Mutex<Vec<Asked>>,
    number: &AtomicUsize,
    answer: &dyn Fn(usize, &Asked, &mut Connection),
) {
    let Some(request) = read_request(&mut stream) else {
        return;
    };
    asked.lock().unwrap().push(request.clone());
    let number = number.fetch_add(1, Ordering::SeqCst);
    let mut connection = Connection { stream, reset: false };
    answer(number, &request, &mut connection);
    if !connection.reset {
        let _ = connection.stream.read(&mut [0]);
    }
}

/// Reads a request but for its last byte.
fn read_request(stream: &mut TcpStream) -> Option<Asked> {
    let mut seen = vec![0; 1 << 20];
    let (head, length) = loop {
        let n = stream.peek(&mut seen).ok().filter(|n| *n > 0)?;
        let text = String::from_utf8_lossy(&seen[..n]).into_owned();
        if let Some(end) = text.find("\r\n\r\n") {
            let head = text[..end].to_owned();
            let body = head
                .lines()
                .find_map(|line| {
                    line.to_ascii_lowercase()
                        .strip_prefix("content-length:")?
                        .trim()
                        .parse()
                        .ok()
                })
                .unwrap_or(0usize);
            if n >= end + 4 + body {
                break (head, (end + 4, end + 4 + body));
            }
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    stream.read_exact(&mut vec![0; length.1 - 1]).ok()?;
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    Some(Asked {
        method: first.next()?.to_owned(),
        path: first.next()?.to_owned(),
        headers: lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect(),
        body: seen[length.0..length.1].to_vec(),
    })
}
