//! Data from MAST: which observations there are, which files they have, and these files here.

mod criteria;
mod download;
mod fetching;
mod lookup;
mod products;
mod query;
mod selection;
mod service;

pub use criteria::Criteria;
pub use download::{DownloadOptions, DownloadReport, FileReport, download, download_file};
pub use firstlight_archive::client::{Silent, Transfers};
pub use firstlight_archive::mast::{
    Criterion, Layout, Manifest, Planned, ProductFilter, Resolved, Status, Unique, Wanted, mjd, split_list,
    unique,
};
pub use lookup::{Fields, metadata, resolve};
pub use products::{ProductOptions, ProductsReport, filter, products};
pub use query::{QueryOptions, QueryReport, count, query};
pub use selection::Selection;
pub use service::ServiceOptions;
