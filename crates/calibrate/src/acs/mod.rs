//! The calibration of ACS exposures: WFC, HRC and SBC.

pub mod acs2d;
pub mod acsccd;
pub mod acscte;
pub mod acsrej;
pub mod acssum;
mod covering;
pub mod destripe;
mod flowing;
mod observation;
mod placement;
mod record;
mod reference;
mod setup;
pub mod tables;

pub use covering::Covering;
pub use flowing::{Flowing, RowSink};
pub use observation::{Chip, Observation};
pub use placement::origin;
pub use record::{
    Outcome, history, put, put_single, record_image, record_row, record_switch, record_table, set, set_single,
};
pub use reference::{Reference, ReferenceImset, References};
pub use setup::{Amplifier, CYCLE24_MJD, Channel, SM4_MJD, Setup};
