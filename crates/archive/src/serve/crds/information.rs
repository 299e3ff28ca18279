//! What the server says of itself, and which context is the operational one.

use super::{Area, Fault, Service, fault};
use crate::serve::index::changed;
use serde_json::{Value, json};
use std::time::{Duration, UNIX_EPOCH};

/// The generation of the protocol that is spoken.
const PROTOCOL: &str = "14.0.3";

impl Service<'_> {
    /// The dictionary that the client also keeps as its `server_config`.
    pub fn information(&self) -> Result<Value, Fault> {
        let context = self.default_context()?;
        let fields = json!(["size", "sha1sum"]);
        Ok(json!({
            "bad_files": "",
            "bad_files_list": [],
            "config_url": { "hst": self.folder_url(Area::Config) },
            "connected": true,
            "context_history": self.history()?,
            "crds_version": { "str": PROTOCOL },
            "download_metadata": self.file_info_map(None, Some(&fields))?,
            "edit_context": context,
            "force_remote_mode": 0,
            "last_synced": date(std::time::SystemTime::now()),
            "latest_context": context,
            "mapping_url": { "hst": self.folder_url(Area::Mappings) },
            "mappings": self.names(Area::Mappings, "*")?,
            "max_bestrefs_per_rpc": 1000,
            "max_headers_per_rpc": 1000,
            "observatory": "hst",
            "operational_context": context,
            "reference_url": { "hst": self.folder_url(Area::References) },
            "server": self.base,
            "status": "server",
            "versions_context": "",
        }))
    }

    /// The context that was asked for; else the one of the cache's settings; else the newest there is.
    pub fn default_context(&self) -> Result<String, Fault> {
        if let Some(context) = self.context {
            return Ok(context.to_owned());
        }
        let contexts = self.names(Area::Mappings, "hst*.pmap")?;
        let configured = self.configured()?.filter(|name| contexts.contains(name));
        match configured.or_else(|| contexts.last().cloned()) {
            Some(context) => Ok(context),
            None => fault("no rules are served: there is no CRDS cache with a context (hst_NNNN.pmap)"),
        }
    }

    /// The `operational_context` of the cache's `server_config`, a Python dictionary.
    fn configured(&self) -> Result<Option<String>, Fault> {
        let path = super::path(self.connection, Area::Config, "server_config")?;
        let text = path
            .and_then(|path| std::fs::read_to_string(path).ok())
            .unwrap_or_default();
        let words: Vec<&str> = text.split(['\'', '"']).collect();
        let named = |key: &str| {
            let place = words.iter().position(|word| *word == key)?;
            words.get(place + 2).map(|word| (*word).to_owned())
        };
        Ok(named("operational_context").or_else(|| named("latest_context")))
    }

    /// Since when each context has been there: date, name, remark.
    pub fn history(&self) -> Result<Vec<[String; 3]>, Fault> {
        let mut history = Vec::new();
        for name in self.names(Area::Mappings, "hst*.pmap")? {
            let path = super::path(self.connection, Area::Mappings, &name)?;
            let metadata = path.and_then(|path| path.metadata().ok());
            let since = metadata.map_or(0, |metadata| changed(&metadata));
            let time = UNIX_EPOCH + Duration::from_nanos(u64::try_from(since).unwrap_or(0));
            history.push([date(time), name, "served by firstlight".to_owned()]);
        }
        history.sort();
        Ok(history)
    }

    /// The last context that was there at a date, `yyyy-mm-dd hh:mm:ss` or `hst-yyyy-mm-dd…`.
    pub fn context_at(&self, when: &str) -> Result<String, Fault> {
        let date = when.trim_start_matches("hst-").replace('T', " ");
        let history = self.history()?;
        match history.iter().rev().find(|[since, ..]| *since <= date) {
            Some([_, name, _]) => Ok(name.clone()),
            None => fault(format!("no context is as old as {when}")),
        }
    }
}

/// `yyyy-mm-dd hh:mm:ss` of a time, UTC, by way of the date that HTTP has: `Sun, 06 Nov 1994 08:49:37 GMT`.
fn date(time: std::time::SystemTime) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let http = httpdate::fmt_http_date(time);
    match http.split_whitespace().collect::<Vec<_>>().as_slice() {
        [_, day, month, year, clock, _] => {
            let month = MONTHS
                .iter()
                .position(|name| name == month)
                .map_or(1, |index| index + 1);
            format!("{year}-{month:02}-{day} {clock}")
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_crds_writes_them() {
        let time = UNIX_EPOCH + Duration::from_secs(784_111_777);
        assert_eq!(date(time), "1994-11-06 08:49:37");
    }
}
