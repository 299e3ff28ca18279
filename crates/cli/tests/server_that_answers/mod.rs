//! A server that answers each request as a function says, on a thread of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Status and body.
pub type Answer = (u16, Vec<u8>);
type Handler = dyn Fn(&str, &str) -> Answer + Send + Sync;

pub struct Server {
    pub url: String,
    /// Path with query, and body with escapes resolved, of each request so far.
    pub asked: Arc<Mutex<Vec<(String, String)>>>,
}

impl Server {
    pub fn start(answer: impl Fn(&str, &str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
        let answer: Arc<Handler> = Arc::new(answer);
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
                std::thread::spawn(move || serve(stream, &*answer, &log));
            }
        });
        Self { url, asked }
    }

    /// The JSON documents that were posted so far, without what differs from run to run.
    pub fn documents(&self) -> Vec<serde_json::Value> {
        let asked = self.asked.lock().unwrap();
        let posted = asked.iter().filter_map(|(_, body)| body.strip_prefix("request="));
        posted
            .map(|text| {
                let mut document: serde_json::Value = serde_json::from_str(text).unwrap();
                document.as_object_mut().unwrap().remove("cacheBreaker").unwrap();
                document
            })
            .collect()
    }
}

fn serve(stream: TcpStream, answer: &Handler, log: &Mutex<Vec<(String, String)>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    if reader.read_line(&mut line).unwrap_or(0) == 0 {
        return;
    }
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut length = 0;
    loop {
        line.clear();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body = resolved(&body);
    log.lock().unwrap().push((path.clone(), body.clone()));
    let (status, content) = answer(&path, &body);
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        content.len()
    );
    let mut stream = stream;
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(&content));
}

/// A form's escapes resolved.
fn resolved(body: &[u8]) -> String {
    let mut text = Vec::new();
    let mut bytes = body.iter();
    while let Some(byte) = bytes.next() {
        text.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits: Vec<u8> = bytes.by_ref().take(2).copied().collect();
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            other => *other,
        });
    }
    String::from_utf8(text).unwrap()
}
