//! Robust statistics on slices: sigma clipping, percentiles, zscale.
