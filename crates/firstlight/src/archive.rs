//! `firstlight archive`

use crate::Result;
use serde::Serialize;
use std::path::Path;

pub use firstlight_archive::serve::{Contents, LeftOut, ServeOptions, Server, Signals};

/// A local archive that answers, and how it is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServeReport {
    /// Where it is reached: `http://127.0.0.1:40123`.
    pub url: String,
    /// The port.
    pub port: u16,
    /// The operational context; `null` where no rules are served.
    pub context: Option<String>,
    /// What is served.
    #[serde(flatten)]
    pub contents: Contents,
}

/// Serves a folder of FITS files as MAST and CRDS serve theirs, on threads of its own, until the server is
/// stopped or dropped.
///
/// # Errors
/// [`crate::Error::Archive`] where the folder, the cache or the index cannot be read at all, the context is not
/// there, or the address cannot be listened on. A bad file is named in the contents, and the rest is served.
pub fn serve(folder: &Path, options: &ServeOptions) -> Result<(Server, ServeReport)> {
    let server = Server::start(folder, options)?;
    let report = ServeReport {
        url: server.url(),
        port: server.port(),
        context: server.context().map(str::to_owned),
        contents: server.contents().clone(),
    };
    Ok((server, report))
}
