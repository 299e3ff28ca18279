//! Requests to the service, asked again while it is at work, page by page.

use super::answer::{self, Answer};
use super::column::Columns;
use crate::client::{Client, address_without_secrets};
use crate::{Error, Result};
use firstlight_frame::table::Table;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The real service.
pub const SERVER: &str = "https://mast.stsci.edu";
/// Rows that are asked for at once.
const PAGE: usize = 50_000;
/// How long the service may be at work on one request.
const PATIENCE: Duration = Duration::from_secs(600);
/// Pages after which an answer that goes on is not believed.
const MOST_PAGES: u64 = 100_000;

/// The service at one address; may be shared by threads.
#[derive(Debug, Clone)]
pub struct Mast {
    client: Client,
    server: String,
    patience: Duration,
}

/// A request: a service of the server, and what it is to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Invocation {
    /// `Mast.Caom.Filtered`, …
    pub service: String,
    /// Its parameters.
    pub params: Value,
}

/// Which rows of an answer are wanted; all by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Paging {
    /// Rows that are asked for at once; 50,000 without.
    pub page_size: Option<usize>,
    /// One page alone, counted from 1.
    pub page: Option<usize>,
    /// So many rows at most.
    pub limit: Option<usize>,
}

impl Invocation {
    /// A request of a service.
    pub fn new(service: &str, params: Value) -> Self {
        Self {
            service: service.to_owned(),
            params,
        }
    }

    /// The document that is posted for one page.
    pub fn document(&self, page_size: usize, page: u64) -> Value {
        json!({
            "service": self.service,
            "params": self.params,
            "format": "json",
            "pagesize": page_size,
            "page": page,
        })
    }
}

impl Mast {
    /// The service at an address, [`SERVER`] for the real one.
    pub fn new(client: Client, server: &str) -> Self {
        Self {
            client,
            server: server.trim().trim_end_matches('/').to_owned(),
            patience: PATIENCE,
        }
    }

    /// Sets how long the service may be at work on one request.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// What carries the requests.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The service's address.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The answer to a document, which is posted again as long as the service is at work on it.
    ///
    /// # Errors
    /// [`Error::Service`] where the service answers with an error, [`Error::StillExecuting`], and those of
    /// the transport.
    pub fn invoke(&self, mut document: Value) -> Result<Value> {
        let url = format!("{}/api/v0/invoke", self.server);
        // The service keeps answers; a text that was never there before makes it look anew.
        if let Some(object) = document.as_object_mut() {
            object.insert("cacheBreaker".to_owned(), unique_text().into());
        }
        let text = document.to_string();
        let begun = Instant::now();
        let mut pause = Duration::from_millis(100);
        loop {
            let answer = self.client.post_form(&url, &[("request", &text)])?;
            let answer = answer::json(&url, &answer)?;
            let status = answer.get("status").and_then(Value::as_str).unwrap_or_default();
            match status {
                "EXECUTING" => {}
                "ERROR" => return Err(failed(&url, &document, &answer)),
                _ => return Ok(answer),
            }
            if begun.elapsed() + pause > self.patience {
                return Err(Error::StillExecuting {
                    url: address_without_secrets(&url),
                    seconds: self.patience.as_secs(),
                });
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }

    /// All rows of an answer as a table, page by page.
    ///
    /// # Errors
    /// As for [`Mast::invoke`], and [`Error::BadAnswer`] where there are no rows in an answer.
    pub fn rows(&self, invocation: &Invocation, paging: Paging, columns: &Columns) -> Result<Table> {
        self.answer(invocation, paging)?.table(columns)
    }

    /// All rows of an answer, page by page.
    pub(super) fn answer(&self, invocation: &Invocation, paging: Paging) -> Result<Answer> {
        let url = format!("{}/api/v0/invoke", self.server);
        let size = paging.page_size.unwrap_or(PAGE).max(1);
        let size = paging.limit.map_or(size, |limit| size.min(limit.max(1)));
        let mut page = paging.page.map_or(1, |page| page.max(1) as u64);
        let mut all = Answer::default();
        loop {
            let answer = Answer::parse(&url, self.invoke(invocation.document(size, page))?)?;
            let (pages, rows) = (answer.pages, answer.rows.len());
            all.join(answer);
            let enough = paging.limit.is_some_and(|limit| all.rows.len() >= limit);
            if paging.page.is_some() || enough || rows == 0 || page >= pages || page >= MOST_PAGES {
                break;
            }
            page += 1;
        }
        all.rows.truncate(paging.limit.unwrap_or(usize::MAX));
        Ok(all)
    }

    /// What the service says of the columns of `Mast.Caom.Cone`, `Mast.Caom.Products`, ….
    ///
    /// # Errors
    /// [`Error::BadAnswer`] where there is no such configuration, and those of the transport.
    pub fn columns(&self, config: &str) -> Result<Columns> {
        let url = format!("{}/portal/Mashup/Mashup.asmx/columnsconfig", self.server);
        let answer = self.client.post_form(&url, &[("colConfigId", config)])?;
        Columns::parse(&url, &answer::json(&url, &answer)?)
    }
}

fn failed(url: &str, document: &Value, answer: &Value) -> Error {
    let text = |value: &Value, key: &str| {
        value
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    Error::Service {
        url: address_without_secrets(url),
        service: text(document, "service"),
        message: match text(answer, "msg") {
            message if message.is_empty() => "it does not say why".to_owned(),
            message => message,
        },
    }
}

/// A text that no request before had.
fn unique_text() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{:x}-{:x}-{count:x}", now.as_nanos(), std::process::id())
}
