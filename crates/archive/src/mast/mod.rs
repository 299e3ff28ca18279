//! Observations and their files, from the Mikulski Archive for Space Telescopes.
//!
//! [`Mast`] speaks the service's own protocol: requests are JSON documents posted to `/api/v0/invoke`
//! (<https://mast.stsci.edu/api/v0/>), files come from `/api/v0.1/Download/file`. [`Criterion`]s say which
//! observations are wanted, [`ProductFilter`] which of their files, [`plan`] where these go.

mod answer;
mod column;
mod column_matching;
mod criterion;
mod invoke;
mod known;
mod mjd;
mod plan;
mod position;
mod product_filter;
mod products;
mod query;
mod resolver;
mod text_list;

pub use answer::table_of;
pub use column::{ColumnConfig, Columns, Kind};
pub use criterion::{Criterion, Filter, Lists, Wanted, filters};
pub use invoke::{Invocation, Mast, Paging, SERVER};
pub use known::{observations as observation_columns, products as product_columns};
pub use mjd::mjd;
pub use plan::{Layout, Manifest, Planned, Status, part_targets, plan, total_size};
pub use position::{Position, radius};
pub use product_filter::ProductFilter;
pub use products::{PUBLIC_COPIES, Unique, unique};
pub use query::{Query, Where};
pub use resolver::{Resolved, Resolver, resolved};
pub use text_list::split_list;

#[cfg(test)]
mod tests;
