//! Which observations there are.

use super::answer::Answer;
use super::column::Columns;
use super::criterion::{Criterion, Lists, filters};
use super::invoke::{Invocation, Mast, Paging};
use super::known;
use super::position::Position;
use crate::{Error, Result};
use firstlight_frame::table::Table;
use serde_json::{Value, json};
use std::collections::HashSet;

/// Where on the sky observations are to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Where {
    /// The centre.
    pub position: Position,
    /// How far from it, degrees.
    pub radius_deg: f64,
}

/// What observations are wanted: those for which all criteria hold.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    /// What columns are to hold.
    pub criteria: Vec<Criterion>,
    /// What several values of a column of numbers mean.
    pub lists: Lists,
    /// Where on the sky.
    pub around: Option<Where>,
    /// Which of the rows.
    pub paging: Paging,
}

/// The service that has the configuration of the columns of observations.
const CONFIG: &str = "Mast.Caom.Cone";
/// What a request asks for in order to count.
const COUNT: &str = "COUNT_BIG(*)";

impl Query {
    /// The requests it makes: one, unless a column is given several patterns.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`], [`Error::BadCriterion`]; [`Error::Nothing`] where neither criterion nor
    /// position is given.
    pub fn invocations(&self, columns: &Columns) -> Result<Vec<Invocation>> {
        let requests = filters(&self.criteria, columns, self.lists)?;
        let made = requests.into_iter().map(|filters| self.invocation(filters, "*"));
        made.collect()
    }

    fn invocation(&self, filters: Vec<Value>, columns: &str) -> Result<Invocation> {
        let Some(Where { position, radius_deg }) = self.around else {
            if filters.is_empty() {
                return Err(Error::Nothing);
            }
            let params = json!({ "columns": columns, "filters": filters });
            return Ok(Invocation::new("Mast.Caom.Filtered", params));
        };
        let Position { ra_deg, dec_deg } = position;
        if filters.is_empty() && columns != COUNT {
            let params = json!({ "ra": ra_deg, "dec": dec_deg, "radius": radius_deg });
            return Ok(Invocation::new(CONFIG, params));
        }
        let position = format!("{ra_deg:?}, {dec_deg:?}, {radius_deg:?}");
        let params = json!({ "columns": columns, "filters": filters, "position": position });
        Ok(Invocation::new("Mast.Caom.Filtered.Position", params))
    }
}

impl Mast {
    /// The observations of a query, one a row, in the service's order.
    ///
    /// # Errors
    /// As for [`Query::invocations`] and [`Mast::invoke`].
    pub fn query(&self, query: &Query) -> Result<Table> {
        let columns = self.columns_for(query)?;
        let invocations = query.invocations(&columns)?;
        let mut all = Answer::default();
        for invocation in &invocations {
            all.join(self.answer(invocation, query.paging)?);
        }
        if invocations.len() > 1 {
            // What two patterns match is found twice.
            let mut seen = HashSet::new();
            all.rows
                .retain(|row| row.get("obsid").is_none_or(|id| seen.insert(id.to_string())));
            all.rows.truncate(query.paging.limit.unwrap_or(usize::MAX));
        }
        all.table(&columns)
    }

    /// How many observations a query has, without fetching them.
    ///
    /// # Errors
    /// As for [`Mast::query`].
    pub fn count(&self, query: &Query) -> Result<u64> {
        let columns = self.columns_for(query)?;
        let requests = filters(&query.criteria, &columns, query.lists)?;
        let [filters] = requests.as_slice() else {
            return Ok(self.query(query)?.rows() as u64);
        };
        let invocation = query.invocation(filters.clone(), COUNT)?;
        let answer = self.answer(&invocation, Paging::default())?;
        let cell = answer.rows.first().and_then(|row| row.values().next());
        let number = cell.and_then(|cell| cell.as_u64().or_else(|| cell.as_str()?.trim().parse().ok()));
        number.ok_or_else(|| Error::BadAnswer {
            url: self.server().to_owned(),
            reason: "there is no number in the answer to a request to count".to_owned(),
        })
    }

    /// The columns that are known; those of the service where a criterion names another.
    fn columns_for(&self, query: &Query) -> Result<Columns> {
        let known = known::observations();
        let named = |criterion: &Criterion| {
            known.find(&criterion.column).is_some() || criterion.column.eq_ignore_ascii_case("obstype")
        };
        if query.criteria.iter().all(named) || self.client().options().offline {
            return Ok(known);
        }
        match self.columns(CONFIG) {
            Ok(columns) => Ok(columns),
            // A server without configurations has the columns that all have.
            Err(Error::BadAnswer { .. } | Error::Status { .. }) => Ok(known),
            Err(error) => Err(error),
        }
    }
}
