//! Which files observations have.

use super::{Selection, ServiceOptions, Wanted, unique};
use crate::frame::table::Table;
use crate::{Error, Progress, Result};
use firstlight_archive::mast::{self, Layout, ProductFilter};
use serde::{Deserialize, Serialize};

/// Which products are wanted: all of it, for each option any of the values.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct ProductOptions {
    /// Suffixes (productSubGroupDescription): FLT,ASN; `!SPT` is all but that.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Products")
    )]
    pub products: Vec<String>,
    /// Ends of the files' names: fits, _flt.fits.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Products")
    )]
    pub extension: Vec<String>,
    /// Minimum recommended products alone.
    #[cfg_attr(feature = "clap", arg(long, help_heading = "Products"))]
    pub mrp_only: bool,
    /// Types: SCIENCE, PREVIEW, INFO, AUXILIARY, THUMBNAIL.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Products")
    )]
    pub product_type: Vec<String>,
    /// Any column of the products: `calib_level=2..3`, `size=<1000000`, `description=*drizzled*`; may be repeated.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "COLUMN=VALUES", help_heading = "Products")
    )]
    pub product_where: Vec<String>,
    /// Columns and what they are to hold.
    #[cfg_attr(feature = "clap", arg(skip))]
    pub filters: Vec<(String, Vec<Wanted>)>,
}

/// Products, and how many were listed more than once.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProductsReport {
    /// One product a row, with all columns of the service.
    #[serde(serialize_with = "crate::frame::table::serialize")]
    pub table: Table,
    /// How many were left out as being listed already.
    pub duplicates: usize,
    /// Bytes of those that tell their size.
    pub bytes: u64,
    /// How many do not tell their size.
    pub unknown_sizes: usize,
    /// What else is to be told.
    pub notes: Vec<String>,
}

/// Columns that tell products apart, for a screen.
const USUAL: [&str; 6] = [
    "obsID",
    "obs_id",
    "productSubGroupDescription",
    "productFilename",
    "size",
    "description",
];

impl ProductsReport {
    /// The table with the columns that tell products apart, as far as there are any of them.
    ///
    /// # Errors
    /// None that can happen with columns of the table's own.
    pub fn brief(&self) -> Result<Table> {
        some_columns(&self.table, &USUAL)
    }
}

/// Those of the columns that there are; the whole table where there is none of them.
pub(super) fn some_columns(table: &Table, names: &[&str]) -> Result<Table> {
    let there: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| table.find(name).is_some())
        .collect();
    if there.is_empty() {
        return Ok(table.clone());
    }
    Ok(table.select(&there)?)
}

impl ProductOptions {
    /// The filter they make.
    pub(super) fn filter(&self) -> Result<ProductFilter> {
        let texts = |values: &[String]| values.iter().cloned().map(Wanted::Text).collect::<Vec<_>>();
        let mut columns = Vec::new();
        for (column, values) in [
            ("productSubGroupDescription", &self.products),
            ("productType", &self.product_type),
        ] {
            if !values.is_empty() {
                columns.push((column.to_owned(), texts(values)));
            }
        }
        for condition in &self.product_where {
            let (column, values) = condition.split_once('=').ok_or_else(|| {
                Error::Usage(format!(
                    "'{condition}' is no condition; write column=values, as in calib_level=2..3"
                ))
            })?;
            columns.push((column.trim().to_owned(), texts(&super::split_list(values))));
        }
        columns.extend(self.filters.iter().cloned());
        Ok(ProductFilter {
            mrp_only: self.mrp_only,
            extension: self.extension.clone(),
            columns,
        })
    }
}

/// Those of the products that are wanted, in their order.
///
/// # Errors
/// [`Error::Archive`] for columns that the table does not have, and values that do not fit them.
pub fn filter(products: &Table, options: &ProductOptions) -> Result<Table> {
    Ok(options.filter()?.apply(products)?)
}

/// Asks which files observations have; each file is there once, the first time it was listed, unless `all`.
///
/// # Errors
/// [`Error::Archive`] for what cannot be asked for, and where the service cannot be reached or fails.
pub fn products(
    selection: &Selection,
    options: &ProductOptions,
    all: bool,
    service: &ServiceOptions,
    progress: &dyn Progress,
) -> Result<ProductsReport> {
    let wanted = options.filter()?;
    let selected = selection.select(service, progress)?;
    if selected.named.rows() > 0 {
        let reason = "a file has no products; give observations (obsid or obs_id)";
        return Err(Error::Usage(reason.to_owned()));
    }
    let (listed, duplicates) = if all || selected.listed.rows() == 0 {
        (selected.listed, 0)
    } else {
        let unique = unique(&selected.listed)?;
        (unique.products, unique.duplicates)
    };
    let table = if listed.rows() == 0 {
        listed
    } else {
        wanted.apply(&listed)?
    };
    let (bytes, unknown_sizes) = match table.find("dataURI") {
        Some(_) => mast::total_size(&mast::plan("", &table, "".as_ref(), Layout::Flat)?),
        None => (0, 0),
    };
    Ok(ProductsReport {
        table,
        duplicates,
        bytes,
        unknown_sizes,
        notes: selected.notes,
    })
}
