//! Which observations there are.

use super::{Criterion, ServiceOptions, Wanted};
use crate::frame::table::Table;
use crate::{Error, Result};
use firstlight_archive::mast::{self, Lists, Mast, Paging, Position, Query, Resolver, Where};
use serde::{Deserialize, Serialize};

/// Which observations are wanted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct QueryOptions {
    /// What columns are to hold; all of it.
    #[cfg_attr(feature = "clap", arg(skip))]
    pub criteria: Vec<Criterion>,
    /// Whether two values of a column of numbers are the ends of a range, as in astroquery, and commas in texts part
    /// nothing.
    #[cfg_attr(feature = "clap", arg(skip))]
    pub pairs_are_ranges: bool,
    /// Any column of the service: `--where instrument_name=ACS/SBC`; may be repeated.
    #[cfg_attr(feature = "clap", arg(long = "where", value_name = "COLUMN=VALUE"))]
    pub conditions: Vec<String>,
    /// Position: degrees, '6.0224 -72.0815', or sexagesimal, '00:24:05.4 -72:04:53'.
    #[cfg_attr(
        feature = "clap",
        arg(
            long,
            value_name = "'RA DEC'",
            allow_hyphen_values = true,
            conflicts_with = "objectname"
        )
    )]
    pub coordinates: Option<String>,
    /// Object at whose position to look: M101, 'NGC 104'.
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME"))]
    pub objectname: Option<String>,
    /// How far from the position: 0.02deg, 1.2arcmin, 12arcsec; a number alone is degrees.
    #[cfg_attr(feature = "clap", arg(long, value_name = "ANGLE", default_value_t = QueryOptions::default().radius))]
    pub radius: String,
    /// Who tells the position of a name: NED or SIMBAD [default: whoever knows it first]
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME", requires = "objectname"))]
    pub resolver: Option<String>,
    /// So many observations at most [default: all]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub limit: Option<usize>,
    /// Observations that are asked for at once [default: 50000]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub pagesize: Option<usize>,
    /// One page alone, counted from 1 [default: all]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub page: Option<usize>,
}

impl Default for QueryOptions {
    fn default() -> Self {
        Self {
            criteria: Vec::new(),
            pairs_are_ranges: false,
            conditions: Vec::new(),
            coordinates: None,
            objectname: None,
            radius: "0.2deg".to_owned(),
            resolver: None,
            limit: None,
            pagesize: None,
            page: None,
        }
    }
}

/// Observations, and where they were looked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QueryReport {
    /// One observation a row, with all columns of the service.
    #[serde(serialize_with = "crate::frame::table::serialize")]
    pub table: Table,
    /// The position that a name stood for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved: Option<super::Resolved>,
}

/// Columns that tell observations apart, for a screen.
const USUAL: [&str; 9] = [
    "obsid",
    "obs_id",
    "target_name",
    "instrument_name",
    "filters",
    "t_min",
    "t_exptime",
    "proposal_id",
    "intentType",
];

impl QueryReport {
    /// The table with the columns that tell observations apart, as far as there are any of them.
    ///
    /// # Errors
    /// None that can happen with columns of the table's own.
    pub fn brief(&self) -> Result<Table> {
        super::products::some_columns(&self.table, &USUAL)
    }
}

impl QueryOptions {
    /// Whether anything is asked for.
    pub fn is_empty(&self) -> bool {
        let nothing = self.criteria.is_empty() && self.conditions.is_empty();
        nothing && self.coordinates.is_none() && self.objectname.is_none()
    }

    /// The query, with names turned to positions.
    fn prepare(&self, mast: &Mast) -> Result<(Query, Option<super::Resolved>)> {
        let mut criteria = self.criteria.clone();
        for condition in &self.conditions {
            criteria.push(criterion(condition)?);
        }
        let radius_deg = mast::radius(&self.radius)?;
        let (around, resolved) = match (&self.coordinates, &self.objectname) {
            (Some(_), Some(_)) => {
                let reason = "give either coordinates or objectname, not both";
                return Err(Error::Usage(reason.to_owned()));
            }
            (Some(coordinates), None) => {
                let position: Position = coordinates.parse()?;
                (Some(Where { position, radius_deg }), None)
            }
            (None, Some(name)) => {
                let resolver = self.resolver.clone().map_or(Resolver::First, Resolver::Named);
                let found = mast.resolve(name, &resolver)?.into_iter().next();
                let around = found.as_ref().map(|object| Where {
                    position: object.position(),
                    radius_deg,
                });
                (around, found)
            }
            (None, None) => (None, None),
        };
        let paging = Paging {
            page_size: self.pagesize,
            page: self.page,
            limit: self.limit,
        };
        let lists = if self.pairs_are_ranges {
            Lists::Range
        } else {
            Lists::Values
        };
        Ok((
            Query {
                criteria,
                lists,
                around,
                paging,
            },
            resolved,
        ))
    }
}

/// `column=value` as a criterion.
fn criterion(condition: &str) -> Result<Criterion> {
    let (column, value) = condition.split_once('=').ok_or_else(|| {
        Error::Usage(format!(
            "'{condition}' is no condition; write column=value, as in target_name=DARK"
        ))
    })?;
    Ok(Criterion {
        column: column.trim().to_owned(),
        values: vec![Wanted::Text(value.trim().to_owned())],
    })
}

/// Asks which observations there are. None is no error: the table has no rows then.
///
/// # Errors
/// [`Error::Archive`] for columns, values, positions and names that cannot be asked for, and where the service
/// cannot be reached or fails; [`Error::Usage`] for options that do not go together.
pub fn query(options: &QueryOptions, service: &ServiceOptions) -> Result<QueryReport> {
    let mast = service.service();
    let (query, resolved) = options.prepare(&mast)?;
    let table = mast.query(&query)?;
    Ok(QueryReport { table, resolved })
}

/// Asks how many observations there are.
///
/// # Errors
/// As for [`query`].
pub fn count(options: &QueryOptions, service: &ServiceOptions) -> Result<u64> {
    let mast = service.service();
    let (query, _) = options.prepare(&mast)?;
    Ok(mast.count(&query)?)
}
