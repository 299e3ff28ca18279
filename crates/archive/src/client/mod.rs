//! Requests that are tried again where trying again may help, and files that arrive whole or not at all.

mod transfers;

pub use transfers::{Silent, Transfers};

use crate::{Error, Result};
use serde_json::Value;
use std::time::Duration;

/// How requests are made.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientOptions {
    /// Never use the network: each request is an error that names what was needed.
    pub offline: bool,
    /// How often a request is made before its failure is final.
    pub attempts: u32,
    /// How long a server may stay silent.
    pub timeout: Duration,
    /// The token sent to MAST (`Authorization: token …`); it is sent to no other host than the one it is for.
    pub token: Option<String>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            offline: false,
            attempts: 5,
            timeout: Duration::from_secs(60),
            token: None,
        }
    }
}

/// Makes requests; may be shared by threads.
#[derive(Debug, Clone)]
pub struct Client {
    agent: ureq::Agent,
    options: ClientOptions,
}

impl Client {
    /// A client that honours `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`.
    pub fn new(options: ClientOptions) -> Self {
        let agent = ureq::Agent::config_builder()
            .timeout_connect(Some(options.timeout))
            .timeout_recv_response(Some(options.timeout))
            .http_status_as_error(false)
            .user_agent(concat!("firstlight/", env!("CARGO_PKG_VERSION")))
            .build()
            .into();
        Self { agent, options }
    }

    /// How requests are made.
    pub fn options(&self) -> &ClientOptions {
        &self.options
    }

    /// The body of the answer to a GET.
    ///
    /// # Errors  Where the network may not be used, fails, or the server answers with an error.
    pub fn get(&self, url: &str) -> Result<Vec<u8>> {
        self.allowed(url)?;
        body(url, self.agent.get(url).call())
    }

    /// The body of the answer to a form that is posted.
    ///
    /// # Errors  As for [`Client::get`].
    pub fn post_form(&self, url: &str, fields: &[(&str, &str)]) -> Result<Vec<u8>> {
        self.allowed(url)?;
        body(url, self.agent.post(url).send_form(fields.iter().copied()))
    }

    /// The answer to a JSON document that is posted, as JSON.
    ///
    /// # Errors  As for [`Client::get`], and where the answer is no JSON.
    pub fn post_json(&self, url: &str, document: &Value) -> Result<Value> {
        self.allowed(url)?;
        let answer = body(url, self.agent.post(url).send_json(document))?;
        serde_json::from_slice(&answer).map_err(|error| Error::BadAnswer {
            url: url.to_owned(),
            reason: format!("no JSON: {error}"),
        })
    }

    fn allowed(&self, url: &str) -> Result<()> {
        if self.options.offline {
            return Err(Error::Offline {
                url: url.to_owned(),
                way_out: "leave the option away to fetch it".to_owned(),
            });
        }
        Ok(())
    }
}

fn body(url: &str, answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Vec<u8>> {
    let failed = |error: ureq::Error| Error::Transport {
        url: url.to_owned(),
        reason: error.to_string(),
        attempts: 1,
    };
    let mut answer = answer.map_err(failed)?;
    let status = answer.status().as_u16();
    let body = answer.body_mut().read_to_vec().map_err(failed)?;
    if status >= 400 {
        return Err(Error::Status {
            url: url.to_owned(),
            status,
            message: String::from_utf8_lossy(&body).chars().take(200).collect(),
        });
    }
    Ok(body)
}
