//! acsccd: raw frames of the CCDs in DN to frames in electrons without bias and overscan.

pub mod dqicorr;
