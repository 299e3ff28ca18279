//! Which context is meant: `hst_0713.pmap`, `hst-latest`, `hst-2015-03-01`, or the one in use.

use std::cell::OnceCell;

use super::names::OBSERVATORY;
use super::{Cache, Server, ServerInfo};
use crate::client::address_without_secrets;
use crate::{Environment, Error, Result};

/// A context, and who said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The rule file: `hst_0713.pmap`.
    pub name: String,
    /// What decided it: a sentence.
    pub origin: String,
}

/// Finds the context: what was asked for, else `CRDS_CONTEXT`, else the one in use. Where the network may not
/// be used, or the server is not reached, what it said the last time counts.
///
/// # Errors
/// [`Error::BadContext`] for what is no context, and where nothing tells which it is; those of
/// [`Server::info`] where nothing was kept of an earlier answer.
pub fn resolve(
    cache: &Cache,
    server: &Server,
    asked: Option<&str>,
    environment: &Environment,
) -> Result<Context> {
    let (text, who) = match (
        asked.map(str::trim),
        environment.get("CRDS_CONTEXT").map(str::trim),
    ) {
        (Some(asked), _) => (asked, "was asked for".to_owned()),
        (None, Some(set)) => (set, format!("CRDS_CONTEXT says {set}")),
        (None, None) => ("latest", "is in use".to_owned()),
    };
    if text.ends_with(".pmap") || text.ends_with(".imap") || text.ends_with(".rmap") {
        return Ok(Context {
            name: text.to_owned(),
            origin: format!("the context {text} {who}"),
        });
    }
    let said = Said {
        cache,
        server,
        info: OnceCell::new(),
    };
    let (info, source) = said.info()?;
    let bad = |reason: &str| Error::BadContext {
        context: text.to_owned(),
        reason: reason.to_owned(),
    };
    let state = text
        .strip_prefix(OBSERVATORY)
        .and_then(|rest| rest.strip_prefix('-'))
        .unwrap_or(text);
    let name = match state {
        "latest" | "operational" => info.latest_context().map(str::to_owned),
        "edit" => info.edit_context().map(str::to_owned),
        "versions" => info
            .value()
            .get("versions_context")
            .and_then(|name| name.as_str())
            .map(str::to_owned),
        date if is_date(date) => said.by_date(text, date)?,
        _ => {
            return Err(bad(
                "hst_0713.pmap, hst-latest, hst-operational, hst-edit and hst-2015-03-01T12:00:00 are understood",
            ));
        }
    };
    let name = name
        .filter(|name| name.ends_with(".pmap"))
        .ok_or_else(|| bad("the server names none for it"))?;
    Ok(Context {
        origin: format!("the context {name} {who} ({source})"),
        name,
    })
}

/// What the server says, or said.
struct Said<'a> {
    cache: &'a Cache,
    server: &'a Server,
    info: OnceCell<(ServerInfo, String)>,
}

impl Said<'_> {
    fn info(&self) -> Result<&(ServerInfo, String)> {
        if let Some(known) = self.info.get() {
            return Ok(known);
        }
        let known = match self.server.info() {
            Ok(info) => {
                self.cache.keep_server_config(&info)?;
                (
                    info,
                    format!("{} says so", address_without_secrets(self.server.url())),
                )
            }
            // What is wrong here is told; what is wrong there, or on the way, is what the last answer is kept for.
            Err(error @ (Error::BadVariable { .. } | Error::Io { .. })) => return Err(error),
            Err(error) => match self.cache.server_config()? {
                Some(kept) => {
                    let origin = format!("{} said so the last time", kept.server().unwrap_or("the server"));
                    (kept, origin)
                }
                None => return Err(self.nobody_says(error)),
            },
        };
        Ok(self.info.get_or_init(|| known))
    }

    /// The error where neither the server nor the cache tells.
    fn nobody_says(&self, error: Error) -> Error {
        match error {
            Error::Offline { .. } => Error::Offline {
                url: address_without_secrets(self.server.url()),
                way_out: format!(
                    "name the context (--context hst_0713.pmap, or CRDS_CONTEXT), or leave --offline away once: {} has \
                     no answer of the server ({})",
                    self.cache.config().display(),
                    self.cache.origin()
                ),
            },
            other => other,
        }
    }

    /// The server's answer, or the history that came with its last one.
    fn by_date(&self, text: &str, date: &str) -> Result<Option<String>> {
        match self.server.context_by_date(text) {
            Ok(name) => Ok(Some(name)),
            Err(error @ (Error::Offline { .. } | Error::Transport { .. })) => {
                let (info, _) = self.info()?;
                let history = info.context_history();
                let at = comparable(date);
                let era = history.iter().rev().find(|(start, _)| comparable(start) <= at);
                era.map(|(_, name)| Some(name.clone())).ok_or(error)
            }
            Err(error) => Err(error),
        }
    }
}

/// `2015-03-01` or `2015-03-01T12:00:00.5`.
fn is_date(text: &str) -> bool {
    let shape = |text: &str, pattern: &str| {
        text.len() == pattern.len()
            && text
                .bytes()
                .zip(pattern.bytes())
                .all(|(c, p)| if p == b'9' { c.is_ascii_digit() } else { c == p })
    };
    let (day, time) = text
        .split_once('T')
        .map_or((text, None), |(day, time)| (day, Some(time)));
    let whole = |time: &str| {
        let (time, fraction) = time
            .split_once('.')
            .map_or((time, "0"), |(time, fraction)| (time, fraction));
        shape(time, "99:99:99") && !fraction.is_empty() && fraction.bytes().all(|c| c.is_ascii_digit())
    };
    shape(day, "9999-99-99") && time.is_none_or(whole)
}

/// Dates as they are compared: a day alone is its beginning.
fn comparable(date: &str) -> String {
    let date = date.trim().replace('T', " ");
    if date.len() == 10 {
        format!("{date} 00:00:00")
    } else {
        date
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_told_from_words() {
        for date in ["2015-03-01", "2015-03-01T12:00:00", "2015-03-01T12:00:00.25"] {
            assert!(is_date(date), "{date}");
        }
        for text in [
            "",
            "2015-3-1",
            "2015-03-01T12",
            "2015-03-01T12:00:00.",
            "latest",
            "hst-2015-03-01",
        ] {
            assert!(!is_date(text), "{text}");
        }
        assert!(comparable("2013-07-20 13:50:50.000000") <= comparable("2013-07-21"));
        assert!(comparable("2013-07-20 13:50:50.000000") > comparable("2013-07-20"));
    }
}
