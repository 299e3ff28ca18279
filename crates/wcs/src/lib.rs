//! World coordinates with every Hubble distortion term, pixel maps and output grids.
