//! The calibration of ACS exposures: WFC, HRC and SBC.

pub mod acs2d;
pub mod acsccd;
pub mod acscte;
pub mod acsrej;
pub mod acssum;
pub mod destripe;
mod detector;
mod filetype;
mod flowing;
mod setup;
pub mod tables;

pub use crate::covering::Covering;
pub use crate::placement::origin;
pub use crate::record::{
    Outcome, history, put, put_single, record_image, record_row, record_switch, record_table, set, set_single,
};
pub use crate::{Chip, Observation, Reference, ReferenceImset, References};
pub use flowing::{Flowed, Flowing, RowSink, WithReferences};
pub use setup::{Amplifier, CYCLE24_MJD, Channel, SM4_MJD, Setup};
