//! Where rules and reference files come from: the cache, and the server behind it.

use super::{BestrefsOptions, Fetched};
use crate::{Error, Result};
use firstlight_archive::Environment;
use firstlight_archive::client::{Client, ClientOptions, Transfers};
use firstlight_archive::crds::rules::Rules;
use firstlight_archive::crds::sync::{self, SyncOptions};
use firstlight_archive::crds::{Cache, Context, Server, context};

/// A cache, its server, and the context that is in use.
#[derive(Debug)]
pub struct RulesSource {
    cache: Cache,
    server: Server,
    context: Context,
    offline: bool,
}

impl RulesSource {
    /// The cache, server and context that the options name, else those of the environment.
    ///
    /// # Errors
    /// Variables or a context that mean nothing; where the context must be asked for, a server that is not reached.
    pub fn open(options: &BestrefsOptions) -> Result<Self> {
        let environment = Environment::of_process();
        let cache = Cache::from_environment(&environment, options.cache.as_deref())?;
        let client = ClientOptions {
            offline: options.offline,
            ..ClientOptions::default()
        };
        let client = Client::new(client.from_environment(&environment));
        let server = match &options.server {
            Some(url) => Server::new(client, url),
            None => Server::from_environment(client, &environment),
        };
        let context = context::resolve(&cache, &server, options.context.as_deref(), &environment)
            .map_err(|error| unnamed(error, &cache))?;
        Ok(Self {
            cache,
            server,
            context,
            offline: options.offline,
        })
    }

    /// The name of the context.
    pub fn context(&self) -> &str {
        &self.context.name
    }

    /// Why it is this one.
    pub fn context_origin(&self) -> &str {
        &self.context.origin
    }

    /// Which cache is used, and why.
    pub fn cache_origin(&self) -> &str {
        self.cache.origin()
    }

    /// The rules for some instruments, or for all. Those that are not in the cache, or are damaged there, are
    /// fetched, if the network may be used.
    ///
    /// # Errors
    /// Rules that cannot be had: they are named, with the folder that they should be in.
    pub fn rules(&self, instruments: Option<&[String]>, transfers: &dyn Transfers) -> Result<Rules> {
        let read = |name: &str| self.cache.mapping_text(name);
        match Rules::load_for(self.context(), instruments, &read) {
            Ok(rules) => Ok(rules),
            Err(first) => {
                use firstlight_archive::Error as Archive;
                let damaged = matches!(
                    first,
                    Archive::RulesChecksum { .. } | Archive::Io { .. } | Archive::BadFile { .. }
                );
                if !damaged || self.offline && !matches!(first, Archive::Io { .. }) {
                    return Err(first.into());
                }
                sync::mappings(
                    &self.cache,
                    &self.server,
                    self.context(),
                    &SyncOptions::default(),
                    transfers,
                )?;
                Ok(Rules::load_for(self.context(), instruments, &read)?)
            }
        }
    }

    /// Makes reference files be in the cache.
    pub(super) fn fetch(&self, names: &[&str], transfers: &dyn Transfers) -> Result<Vec<Fetched>> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let report = sync::references(
            &self.cache,
            &self.server,
            &names,
            &SyncOptions::default(),
            transfers,
        )
        .map_err(Error::from)?;
        Ok(report
            .files
            .into_iter()
            .map(|file| {
                let (status, error) = match file.outcome {
                    sync::Outcome::Present => ("there", None),
                    sync::Outcome::Fetched { .. } => ("fetched", None),
                    sync::Outcome::Replaced { .. } => ("replaced", None),
                    sync::Outcome::Failed { reason } => ("failed", Some(reason)),
                };
                let path = error.is_none().then_some(file.path);
                Fetched {
                    name: file.name,
                    path,
                    status,
                    error,
                }
            })
            .collect())
    }
}

/// Without network and an earlier answer, it is the name of the rules that is missing.
fn unnamed(error: firstlight_archive::Error, cache: &Cache) -> firstlight_archive::Error {
    use firstlight_archive::Error as Archive;
    match error {
        Archive::Offline { url, .. } => Archive::Offline {
            url,
            way_out: format!(
                "name the rules (--context hst_1200.pmap, or CRDS_CONTEXT), or let the server be asked which are in \
                 use; {}",
                cache.origin()
            ),
        },
        other => other,
    }
}
