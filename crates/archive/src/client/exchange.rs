//! One request and its answer, through redirections, without trying again.

use std::io::Read;
use std::time::Duration;

use ureq::http;

use super::hosts::Visit;
use super::{Client, address, retry, words};
use crate::Error;

/// Redirections that are followed.
const MOST_REDIRECTIONS: usize = 10;
/// Bytes of a refusal that are looked at.
const REFUSAL: u64 = 1 << 16;

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) struct Request<'a> {
    pub url: &'a str,
    /// What is posted, with its content type.
    pub body: Option<(&'a [u8], &'a str)>,
    pub headers: Vec<(&'static str, String)>,
    /// How long the server may be silent.
    pub silence: Duration,
    /// Whether the body may come compressed.
    pub compressed: bool,
}

/// An answer whose body has not been read; its host is visited as long as this lives.
pub(crate) struct Answer<'a> {
    pub response: http::Response<ureq::Body>,
    /// How long the server may be silent.
    pub silence: Duration,
    pub _visit: Visit<'a>,
}

/// Why there is no answer that can be used.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It may help to try again: after so long where the server says so, and no more than `most` times.
    Again {
        error: Error,
        wait: Option<Duration>,
        most: u32,
        /// Whether it got on so far that it counts as the first attempt.
        advanced: bool,
    },
    /// It does not help.
    Final(Error),
}

impl Failure {
    pub(crate) fn again(error: Error) -> Self {
        Failure::Again {
            error,
            wait: None,
            most: u32::MAX,
            advanced: false,
        }
    }
}

impl Answer<'_> {
    pub(crate) fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    }
}

impl Client {
    /// Asks once. Answers of any status come back, but for redirections, which are followed.
    pub(crate) fn exchange(&self, request: &Request<'_>) -> Result<Answer<'_>, Failure> {
        let mut url = request.url.to_owned();
        let mut body = request.body;
        for _ in 0..=MOST_REDIRECTIONS {
            let visit = self.hosts.visit(&address::authority(&url));
            let response = self
                .send(&url, body, request)
                .map_err(|error| failure(request.url, &error, request.silence))?;
            let status = response.status().as_u16();
            let location = response
                .headers()
                .get("location")
                .and_then(|location| location.to_str().ok());
            let (Some(location), true) = (location, matches!(status, 301 | 302 | 303 | 307 | 308)) else {
                return Ok(Answer {
                    response,
                    silence: request.silence,
                    _visit: visit,
                });
            };
            let next = address::join(&url, location);
            self.may_follow(request.url, &url, &next)
                .map_err(Failure::Final)?;
            if status < 307 {
                body = None;
            }
            url = next;
        }
        Err(Failure::Final(Error::BadAnswer {
            url: address::without_secrets(request.url),
            reason: format!("it leads on and on ({MOST_REDIRECTIONS} redirections)"),
        }))
    }

    /// Refuses to leave what is encrypted, and what is no HTTP.
    fn may_follow(&self, asked: &str, from: &str, to: &str) -> Result<(), Error> {
        let (from, scheme) = (address::scheme(from), address::scheme(to));
        if scheme == "https" || (scheme == "http" && from == "http") {
            return Ok(());
        }
        Err(Error::BadAnswer {
            url: address::without_secrets(asked),
            reason: format!(
                "it leads from {from} to {}, which is not followed",
                address::without_secrets(to)
            ),
        })
    }

    fn send(
        &self,
        url: &str,
        body: Option<(&[u8], &str)>,
        request: &Request<'_>,
    ) -> Result<http::Response<ureq::Body>, ureq::Error> {
        let mut builder = http::Request::builder().uri(url);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        if let Some(token) = self.token_for(url) {
            let mut value =
                http::HeaderValue::from_str(&format!("token {token}")).map_err(http::Error::from)?;
            value.set_sensitive(true);
            builder = builder.header("authorization", value);
        }
        let proxy = self.proxies.of(url).map(ureq::Proxy::new).transpose()?;
        if let Some((bytes, kind)) = body {
            let post = builder.method("POST").header("content-type", kind).body(bytes)?;
            let post = self
                .agent
                .configure_request(post)
                .timeout_per_read(Some(request.silence));
            return self.agent.run(post.proxy(proxy).build());
        }
        let get = self.agent.configure_request(builder.method("GET").body(())?);
        let get = get.timeout_per_read(Some(request.silence)).proxy(proxy);
        let get = if request.compressed {
            get
        } else {
            get.accept_encoding("identity")
        };
        self.agent.run(get.build())
    }

    /// The token, for the host that it belongs to, and only where nobody else can read it on its way.
    fn token_for(&self, url: &str) -> Option<&str> {
        let host = address::host(url);
        let private = address::scheme(url) == "https" || address::is_loopback(&host);
        let token = self
            .options
            .token
            .as_deref()
            .map(str::trim)
            .filter(|token| !token.is_empty())?;
        (private && host == self.options.token_host.to_ascii_lowercase()).then_some(token)
    }

    /// The failure that a status of 400 or more is; reads what the server says about it.
    pub(crate) fn refusal(&self, url: &str, mut answer: Answer<'_>) -> Failure {
        let status = answer.status();
        let wait = answer.header("retry-after").and_then(|value| {
            retry::asked_for(value, std::time::SystemTime::now(), self.options.longest_wait)
        });
        if let Some(wait) = wait {
            self.hosts.leave_alone(&address::authority(url), wait);
        }
        let mut said = Vec::new();
        // What cannot be read of a refusal is not missed.
        let _ = answer
            .response
            .body_mut()
            .as_reader()
            .take(REFUSAL)
            .read_to_end(&mut said);
        let error = Error::Status {
            url: address::without_secrets(url),
            status,
            message: joined(&self.without_token(words::of_body(&said)), way_out(status)),
        };
        if retry::may_pass(status) {
            return Failure::Again {
                error,
                wait,
                most: u32::MAX,
                advanced: false,
            };
        }
        Failure::Final(error)
    }

    /// Some servers repeat what they were sent.
    fn without_token(&self, text: String) -> String {
        match self.options.token.as_deref().filter(|token| !token.is_empty()) {
            Some(token) => text.replace(token, "…"),
            None => text,
        }
    }
}

fn joined(said: &str, way_out: &str) -> String {
    [said, way_out]
        .iter()
        .filter(|part| !part.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join("; ")
}

/// What to do about a status, where that can be said.
fn way_out(status: u16) -> &'static str {
    match status {
        401 | 403 => {
            "data that are not public yet need the token of somebody who may have them (MAST_API_TOKEN)"
        }
        407 => "the proxy wants a user and a password (HTTPS_PROXY=http://user:password@host:port)",
        429 => "the service asks for fewer requests: try again later, or with fewer at a time",
        500.. => "the service has trouble of its own: try again later",
        _ => "",
    }
}

/// What became of a request that got no answer, or not all of it.
pub(crate) fn failure(url: &str, error: &ureq::Error, silence: Duration) -> Failure {
    use std::io::ErrorKind as Kind;
    use ureq::Error as Fault;
    let (again, most, reason) = match error {
        Fault::Timeout(ureq::Timeout::PerRead | ureq::Timeout::PerWrite) => {
            (true, u32::MAX, format!("nothing came for {}", seconds(silence)))
        }
        Fault::Timeout(_) => (true, u32::MAX, format!("no connection within {}", seconds(silence))),
        Fault::Io(io) => match io.kind() {
            Kind::ConnectionRefused => (
                true,
                u32::MAX,
                "the connection is refused; is the server up, and the way to it open (HTTPS_PROXY, NO_PROXY)?".into(),
            ),
            Kind::UnexpectedEof => (true, u32::MAX, "the connection ended before the answer did".into()),
            Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe => {
                (true, u32::MAX, "the connection broke".into())
            }
            Kind::InvalidData => (false, 1, io.to_string()),
            _ => (true, u32::MAX, io.to_string()),
        },
        Fault::HostNotFound => (
            true,
            2,
            "the host is not found; is there a network, and is the name right? --offline works with what is here"
                .into(),
        ),
        Fault::ConnectionFailed | Fault::Protocol(_) | Fault::Decompress(..) | Fault::BodyStalled => {
            (true, u32::MAX, error.to_string())
        }
        Fault::ConnectProxyFailed(said) => (false, 1, format!("the proxy does not let it through: {said}")),
        Fault::InvalidProxyUrl => (
            false,
            1,
            "the proxy in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY is none that can be used (http://host:port)".into(),
        ),
        _ => (false, 1, error.to_string().replace(url, &address::without_secrets(url))),
    };
    let reason = match reason.contains("certificate") {
        true => {
            format!("{reason}; SSL_CERT_FILE names the certificate authorities of a network that has its own")
        }
        false => reason,
    };
    let error = Error::Transport {
        url: address::without_secrets(url),
        reason,
        attempts: 1,
    };
    match again {
        true => Failure::Again {
            error,
            wait: None,
            most,
            advanced: false,
        },
        false => Failure::Final(error),
    }
}

fn seconds(time: Duration) -> String {
    format!("{} s", (time.as_secs_f64() * 10.0).round() / 10.0)
}
