//! A local archive: a folder of FITS files, served as MAST and CRDS serve theirs.
//!
//! [`Server::start`] reads the headers of a folder into an embedded SQLite table and answers the protocols from
//! there, so that clients made for the real services query, list products, download and synchronise without them.
//!
//! | address | what |
//! |---|---|
//! | `/api/v0/invoke` | MAST's queries: `Mast.Caom.Filtered`, `Mast.Caom.Filtered.Position`, `Mast.Caom.Cone`, `Mast.Caom.Products`, `Mast.Caom.All`, `Mast.Name.Lookup` |
//! | `/portal/Mashup/Mashup.asmx/columnsconfig` | the columns of those |
//! | `/api/v0.1/Download/file?uri=…` | a file, whole or a range of it |
//! | `/api/v0.1/Download/bundle.sh` | a script that downloads files with curl |
//! | `/Santa-war/query`, `/whoami` | the name resolver, and whose token it is |
//! | `/json/…` | CRDS's JSON-RPC |
//! | `/unchecked_get/{config,mappings,references}/hst/…` | the files of the CRDS cache |

mod answer;
mod crds;
mod index;
mod mast;
mod routes;
mod server;
mod transfer;

pub use index::{Contents, LeftOut};
pub use server::{Server, Signals};

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How a folder is served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct ServeOptions {
    /// Port to listen on; 0 takes a free one, which is printed.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = ServeOptions::default().port))]
    pub port: u16,
    /// Address to listen on: the default is reached from this machine alone. Nothing asks who calls, so that an
    /// address that others reach shows them all that is served.
    #[cfg_attr(feature = "clap", arg(long, value_name = "ADDRESS", default_value_t = ServeOptions::default().host))]
    pub host: String,
    /// CRDS cache to serve rules and reference files from [default: DIR/crds where it is there].
    #[cfg_attr(feature = "clap", arg(long, value_name = "CACHE"))]
    pub crds: Option<PathBuf>,
    /// Context to call the operational one [default: the cache's own, else the newest there is].
    #[cfg_attr(feature = "clap", arg(long, value_name = "hst_NNNN.pmap"))]
    pub context: Option<String>,
    /// File to keep the index in, so that the next start reads only what has changed [default: in memory].
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE"))]
    pub index: Option<PathBuf>,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            port: 0,
            host: "127.0.0.1".to_owned(),
            crds: None,
            context: None,
            index: None,
        }
    }
}
