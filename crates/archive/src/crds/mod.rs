//! Best references: the rules of the Calibration Reference Data System, and its cache and server.

mod header;
pub mod rules;

pub use header::DatasetHeader;
pub use rules::{Outcome, Reason, Rules, condition_value};
