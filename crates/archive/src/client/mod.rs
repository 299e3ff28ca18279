//! Requests that are tried again where trying again may help, and files that arrive whole or not at all.

mod address;
mod authorities;
pub mod download;
mod exchange;
mod hosts;
mod names;
mod proxies;
mod retry;
mod transfers;
mod words;

pub use address::without_secrets as address_without_secrets;
pub use download::{Checksum, Content, Download, FetchStatus, Fetched};
pub use names::safe_name;
pub use proxies::Proxies;
pub use transfers::{Silent, Transfers};

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use ureq::tls::TlsConfig;

use crate::{Environment, Error, Result};
use exchange::{Failure, Request};
use hosts::Hosts;

/// What a form leaves as it is.
const FORM: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'*')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_');

/// How requests are made.
#[derive(Clone, PartialEq)]
pub struct ClientOptions {
    /// Never use the network: each request is an error that names what was needed.
    pub offline: bool,
    /// How often a request is made before its failure is final.
    pub attempts: u32,
    /// How long a server may stay silent: while connecting, and between two pieces of a file. A slow transfer
    /// that goes on is never cut.
    pub timeout: Duration,
    /// How long a service may stay silent over a question.
    pub answer_timeout: Duration,
    /// The wait before the second attempt; it doubles with each further one.
    pub first_wait: Duration,
    /// The longest wait between attempts, and the longest that a server's `Retry-After` is heeded.
    pub longest_wait: Duration,
    /// Connections to one host at a time.
    pub per_host: usize,
    /// Bytes of an answer (not of a file) that are taken into memory at most.
    pub answer_limit: u64,
    /// The token sent to MAST (`Authorization: token …`); it is sent to no other host than `token_host`, and
    /// only encrypted or within this machine.
    pub token: Option<String>,
    /// The host that the token is for.
    pub token_host: String,
    /// The proxies; None takes those of the process's environment.
    pub proxies: Option<Proxies>,
    /// A PEM file of the certificate authorities that are trusted in place of the public ones.
    pub authorities: Option<PathBuf>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            offline: false,
            attempts: 5,
            timeout: Duration::from_secs(60),
            answer_timeout: Duration::from_secs(300),
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(60),
            per_host: 8,
            answer_limit: 1 << 29,
            token: None,
            token_host: "mast.stsci.edu".to_owned(),
            proxies: None,
            authorities: None,
        }
    }
}

/// The token is not told.
impl std::fmt::Debug for ClientOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientOptions")
            .field("offline", &self.offline)
            .field("attempts", &self.attempts)
            .field("timeout", &self.timeout)
            .field("token", &self.token.as_ref().map(|_| "…"))
            .field("token_host", &self.token_host)
            .finish_non_exhaustive()
    }
}

impl ClientOptions {
    /// These options with the token, the proxies and the certificate authorities of an environment: of
    /// `MAST_API_TOKEN`, `HTTPS_PROXY` and the like, and `SSL_CERT_FILE` (or `REQUESTS_CA_BUNDLE`).
    #[must_use]
    pub fn from_environment(self, environment: &Environment) -> Self {
        Self {
            token: self
                .token
                .or_else(|| environment.get("MAST_API_TOKEN").map(str::to_owned)),
            proxies: Some(Proxies::from_environment(environment)),
            authorities: self.authorities.or_else(|| {
                let (_, path) = environment.first(&["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])?;
                Some(PathBuf::from(path))
            }),
            ..self
        }
    }
}

/// Makes requests; may be shared by threads, and its copies share connections and politeness.
#[derive(Debug, Clone)]
pub struct Client {
    agent: ureq::Agent,
    options: Arc<ClientOptions>,
    proxies: Arc<Proxies>,
    hosts: Arc<Hosts>,
    /// Why nobody can be trusted as was asked for.
    untrusted: Option<String>,
}

impl Client {
    /// A client; nothing is asked for yet.
    pub fn new(options: ClientOptions) -> Self {
        let (tls, untrusted) = match options.authorities.as_deref().map(authorities::trusting) {
            Some(Ok(tls)) => (tls, None),
            Some(Err(reason)) => (TlsConfig::default(), Some(reason)),
            None => (TlsConfig::default(), None),
        };
        let agent = ureq::Agent::config_builder()
            .tls_config(tls)
            .timeout_resolve(Some(options.timeout))
            .timeout_connect(Some(options.timeout))
            .timeout_per_read(Some(options.timeout))
            .timeout_per_write(Some(options.timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("firstlight/", env!("CARGO_PKG_VERSION")))
            .build()
            .into();
        let proxies = options
            .proxies
            .clone()
            .unwrap_or_else(|| Proxies::from_environment(&Environment::of_process()));
        Self {
            agent,
            hosts: Arc::new(Hosts::new(options.per_host)),
            proxies: Arc::new(proxies),
            options: Arc::new(options),
            untrusted,
        }
    }

    /// How requests are made.
    pub fn options(&self) -> &ClientOptions {
        &self.options
    }

    /// The body of the answer to a GET.
    ///
    /// # Errors
    /// Where the network may not be used, fails as often as is tried, or the server answers with an error.
    pub fn get(&self, url: &str) -> Result<Vec<u8>> {
        self.answer(url, None)
    }

    /// The body of the answer to a form that is posted.
    ///
    /// # Errors
    /// As for [`Client::get`].
    pub fn post_form(&self, url: &str, fields: &[(&str, &str)]) -> Result<Vec<u8>> {
        let encoded = |text: &str| utf8_percent_encode(text, FORM).to_string();
        let pairs: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        self.answer(
            url,
            Some((pairs.join("&").as_bytes(), "application/x-www-form-urlencoded")),
        )
    }

    /// The answer to a JSON document that is posted, as JSON.
    ///
    /// # Errors
    /// As for [`Client::get`], and where the answer is no JSON.
    pub fn post_json(&self, url: &str, document: &Value) -> Result<Value> {
        let answer = self.answer(url, Some((document.to_string().as_bytes(), "application/json")))?;
        serde_json::from_slice(&answer).map_err(|error| Error::BadAnswer {
            url: address::without_secrets(url),
            reason: match words::of_body(&answer) {
                said if said.is_empty() => format!("the answer is no JSON: {error}"),
                said => format!("the answer is no JSON: {said}"),
            },
        })
    }

    fn answer(&self, url: &str, body: Option<(&[u8], &str)>) -> Result<Vec<u8>> {
        self.allowed(url, "leave --offline away to ask for it")?;
        let request = Request {
            url,
            body,
            headers: Vec::new(),
            silence: self.options.answer_timeout,
            compressed: true,
        };
        self.persist(&|| false, || {
            let mut answer = self.exchange(&request)?;
            if answer.status() >= 300 {
                return Err(self.refusal(url, answer));
            }
            let limit = self.options.answer_limit;
            let mut bytes = Vec::new();
            let body = answer.response.body_mut().as_reader();
            body.take(limit.saturating_add(1))
                .read_to_end(&mut bytes)
                .map_err(|error| exchange::failure(url, &error.into(), request.silence))?;
            if bytes.len() as u64 > limit {
                return Err(Failure::Final(Error::BadAnswer {
                    url: address::without_secrets(url),
                    reason: format!("the answer is longer than {limit} bytes: ask for less at a time"),
                }));
            }
            Ok(bytes)
        })
    }

    /// Tries as often as the options allow, with pauses; these end where it is to stop, which the next attempt has
    /// to see.
    fn persist<T>(&self, stop: &dyn Fn() -> bool, mut once: impl FnMut() -> Result<T, Failure>) -> Result<T> {
        let mut attempt = 1;
        loop {
            match once() {
                Ok(value) => return Ok(value),
                Err(Failure::Final(error)) => return Err(error.tried(attempt)),
                Err(Failure::Again {
                    error,
                    wait,
                    most,
                    advanced,
                }) => {
                    if advanced {
                        attempt = 1;
                    } else if attempt >= self.options.attempts.min(most) {
                        return Err(error.tried(attempt));
                    }
                    attempt += 1;
                    sleep(wait.unwrap_or_else(|| self.pause(attempt)), stop);
                }
            }
        }
    }

    fn pause(&self, next: u32) -> Duration {
        retry::pause(next, self.options.first_wait, self.options.longest_wait)
    }

    fn allowed(&self, url: &str, way_out: &str) -> Result<()> {
        if self.options.offline {
            return Err(Error::Offline {
                url: address::without_secrets(url),
                way_out: way_out.to_owned(),
            });
        }
        match &self.untrusted {
            Some(reason) if address::scheme(url) == "https" => Err(Error::BadVariable {
                variable: "SSL_CERT_FILE".to_owned(),
                value: self
                    .options
                    .authorities
                    .iter()
                    .map(|path| path.display().to_string())
                    .collect(),
                expected: format!("a PEM file of the certificate authorities to trust: {reason}"),
            }),
            _ => Ok(()),
        }
    }
}

/// Sleeps, unless it is to stop.
fn sleep(pause: Duration, stop: &dyn Fn() -> bool) {
    let end = Instant::now() + pause;
    while !stop() {
        let rest = end.saturating_duration_since(Instant::now());
        if rest.is_zero() {
            return;
        }
        std::thread::sleep(rest.min(Duration::from_millis(100)));
    }
}
