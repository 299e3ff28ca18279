//! The native half of the Python package: converts arguments and results, and calls the library.
//!
//! One file per area; each has a `register` function that adds its functions to the module.

mod acs;
mod align;
mod archive;
mod bestrefs;
mod ccd;
mod collection;
mod combine;
mod dark;
mod drizzle;
mod errors;
mod files;
mod look;
mod mast;
mod measure;
mod reduce;
mod register;
mod rejection;
mod simulate;
mod solve;
mod stack;
mod stis;
mod superdark;
mod table;
mod threads;
mod timeseries;
mod updatewcs;
mod wcs;

use pyo3::prelude::*;

/// The native module, `firstlight._native`.
#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    acs::register(module)?;
    align::register(module)?;
    archive::register(module)?;
    bestrefs::register(module)?;
    ccd::register(module)?;
    collection::register(module)?;
    combine::register(module)?;
    drizzle::register(module)?;
    errors::register(module)?;
    files::register(module)?;
    dark::register(module)?;
    look::register(module)?;
    mast::register(module)?;
    measure::register(module)?;
    reduce::register(module)?;
    register::register(module)?;
    rejection::register(module)?;
    simulate::register(module)?;
    solve::register(module)?;
    stack::register(module)?;
    stis::register(module)?;
    superdark::register(module)?;
    table::register(module)?;
    threads::register(module)?;
    timeseries::register(module)?;
    updatewcs::register(module)?;
    wcs::register(module)
}
