//! Best references: the rules of the Calibration Reference Data System, and its cache and server.

mod base64;
mod cache;
mod checksum;
pub mod context;
mod header;
mod info;
mod literal;
mod names;
pub mod rules;
mod server;
pub mod sync;
mod verified;

pub use cache::{Cache, Layout};
pub use context::Context;
pub use header::DatasetHeader;
pub use info::{FileInfo, ServerInfo};
pub use names::{OBSERVATORY, bare, instrument_of_reference, is_mapping, reference_variable};
pub use rules::{Outcome, Reason, Rules, condition_value};
pub use server::{DEFAULT_SERVER, Server};
pub use sync::{SyncOptions, SyncReport, SyncedFile};

use crate::client::download::write_whole;
