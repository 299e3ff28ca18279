//! `firstlight archive`

use crate::Global;
use crate::output::{self, Outcome};
use clap::{Args, Subcommand};
use firstlight::Result;
use firstlight::archive::{ServeOptions, ServeReport};
use std::path::PathBuf;

/// A local archive.
#[derive(Args)]
pub struct Archive {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Serve a folder of FITS files under the protocols of MAST and CRDS, until Ctrl-C.
    ///
    /// All FITS files below the folder are served as products of the observations that their headers tell of;
    /// rules and reference files come from a CRDS cache. A file that cannot be read is named and left out. With
    /// --json one line tells the address and the contents when the archive is ready.
    Serve(Serve),
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight simulate archive demo\n  firstlight archive serve demo --port 8642\n  firstlight archive serve darks --crds ~/crds_cache --index darks.sqlite"
)]
struct Serve {
    /// Folder of FITS files; its `crds`, where there is one, is the CRDS cache.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    options: ServeOptions,
}

impl Archive {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let What::Serve(args) = self.what;
        let (server, report) = firstlight::archive::serve(&args.folder, &args.options)?;
        let signals = server.heed_signals();
        for left_out in &report.contents.left_out {
            output::failure(&format!(
                "{} is left out: {}",
                left_out.path.display(),
                left_out.reason
            ));
        }
        if global.json {
            output::line(&report);
        } else {
            output::print(&text(&report));
        }
        server.wait(signals);
        Ok(Outcome::Done)
    }
}

fn text(report: &ServeReport) -> String {
    let (url, contents) = (&report.url, &report.contents);
    let rules = match &report.context {
        Some(context) => format!(
            "{} rules and {} reference files, context {context}",
            contents.mappings, contents.references
        ),
        None => "no rules (no CRDS cache)".to_owned(),
    };
    format!(
        "serving {} observations, {} files, {:.1} MB; {rules}\nat {url}\n\n\
         firstlight   MAST_SERVER_URL={url} CRDS_SERVER_URL={url}\n\
         crds         CRDS_SERVER_URL={url} CRDS_OBSERVATORY=hst CRDS_PATH=<an empty folder>\n\
         astroquery   from astroquery.mast import conf, Observations\n             \
         conf.server = '{url}'\n             \
         api = Observations._portal_api_connection\n             \
         api.MAST_REQUEST_URL = '{url}/api/v0/invoke'\n             \
         api.COLUMNS_CONFIG_URL = '{url}/portal/Mashup/Mashup.asmx/columnsconfig'\n             \
         api.MAST_DOWNLOAD_URL = '{url}/api/v0.1/Download/file'\n             \
         http_proxy={url} resolves names of targets here\n\n\
         Ctrl-C stops it\n",
        contents.observations,
        contents.files,
        contents.bytes as f64 / 1e6,
    )
}
