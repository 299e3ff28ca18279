//! Apertures with exact overlap and aperture photometry.
