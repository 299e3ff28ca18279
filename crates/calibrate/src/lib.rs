//! Calibration steps on frames.
