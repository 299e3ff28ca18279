//! What the service knows besides observations: its columns, and positions of objects.

use super::{Resolved, ServiceOptions};
use crate::Result;
use crate::frame::table::Table;
use firstlight_archive::mast::{self, Resolver};

/// Of what the columns are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fields {
    /// Observations.
    Observations,
    /// Products.
    Products,
}

/// The columns that observations or products have, one a row: name, label, type, unit, description. Those that
/// are known here where the network may not be used.
///
/// # Errors
/// [`crate::Error::Archive`] where the service cannot be reached or fails.
pub fn metadata(fields: Fields, service: &ServiceOptions) -> Result<Table> {
    let columns = match (service.offline, fields) {
        (true, Fields::Observations) => mast::observation_columns(),
        (true, Fields::Products) => mast::product_columns(),
        (false, Fields::Observations) => service.service().columns("Mast.Caom.Cone")?,
        (false, Fields::Products) => service.service().columns("Mast.Caom.Products")?,
    };
    Ok(columns.metadata()?)
}

/// The positions of an object, best first: at least one. `resolver` is NED or SIMBAD; `all` asks all there are.
///
/// # Errors
/// [`crate::Error::Archive`] where nobody knows the name, and where the service cannot be reached or fails.
pub fn resolve(
    name: &str,
    resolver: Option<&str>,
    all: bool,
    service: &ServiceOptions,
) -> Result<Vec<Resolved>> {
    let resolver = match (all, resolver) {
        (true, _) => Resolver::All,
        (false, Some(name)) => Resolver::Named(name.to_owned()),
        (false, None) => Resolver::First,
    };
    Ok(service.service().resolve(name, &resolver)?)
}
