//! Which files observations have.

use super::answer::Answer;
use super::invoke::{Invocation, Mast, Paging};
use super::known;
use crate::{Error, Result};
use firstlight_frame::table::{Column, Table, cell_text};
use serde_json::{Value, json};
use std::collections::HashSet;

/// Where the public copies are: the bucket `stpubdata` of Amazon's S3, <https://registry.opendata.aws/hst/>.
pub const PUBLIC_COPIES: &str = "https://stpubdata.s3.us-east-1.amazonaws.com";
/// Observations whose products are asked for at once.
const BATCH: usize = 250;

/// Products, each once.
#[derive(Debug, Clone, PartialEq)]
pub struct Unique {
    /// The products.
    pub products: Table,
    /// How many were left out, being there already.
    pub duplicates: usize,
}

/// The request for the products of observations.
fn invocation(obsids: &[String]) -> Invocation {
    Invocation::new("Mast.Caom.Products", json!({ "obsid": obsids.join(",") }))
}

impl Mast {
    /// The products of observations (by `obsid`, the service's number), one a row; those of several
    /// observations are there several times. `told` is called after each batch with how many observations
    /// it was about.
    ///
    /// # Errors
    /// [`Error::BadCriterion`] for what is no `obsid`, [`Error::Nothing`] where there is none at all, and
    /// those of [`Mast::invoke`].
    pub fn products(&self, obsids: &[String], told: &dyn Fn(u64)) -> Result<Table> {
        let mut seen = HashSet::new();
        let obsids = obsids.iter().map(|id| id.trim()).filter(|id| !id.is_empty());
        let obsids: Vec<String> = obsids.filter(|id| seen.insert(*id)).map(str::to_owned).collect();
        if let Some(other) = obsids
            .iter()
            .find(|id| !id.bytes().all(|byte| byte.is_ascii_digit()))
        {
            return Err(Error::BadCriterion {
                column: "obsid".to_owned(),
                value: other.clone(),
                reason: "an obsid is a number; a name such as J9L960010 is an obs_id, which a query finds"
                    .to_owned(),
            });
        }
        if obsids.is_empty() {
            return Err(Error::Nothing);
        }
        let mut all = Answer::default();
        for batch in obsids.chunks(BATCH) {
            all.join(self.answer(&invocation(batch), Paging::default())?);
            told(batch.len() as u64);
        }
        all.table(&known::products())
    }

    /// Where files lie in the archive's public copy, by `dataURI`, in the order asked: the key in the
    /// bucket, or none where there is no copy.
    ///
    /// # Errors
    /// Those of the transport, and [`Error::BadAnswer`].
    pub fn public_paths(&self, uris: &[String]) -> Result<Vec<Option<String>>> {
        let mut paths = Vec::with_capacity(uris.len());
        // Longer addresses are refused.
        for batch in uris.chunks(50) {
            let asked: Vec<String> = batch
                .iter()
                .map(|uri| format!("uri={}", super::plan::quoted(uri)))
                .collect();
            let url = format!("{}/api/v0.1/path_lookup/?{}", self.server(), asked.join("&"));
            let answer = super::answer::json(&url, &self.client().get(&url)?)?;
            paths.extend(batch.iter().map(|uri| public_path(&answer, uri)));
        }
        Ok(paths)
    }
}

/// The key in the public bucket that stands for the path the service tells.
pub(super) fn public_path(answer: &Value, uri: &str) -> Option<String> {
    let path = answer.get(uri)?.get("path")?.as_str()?;
    let key = if let Some(rest) = path.strip_prefix("/mast/").filter(|_| path.contains("galex")) {
        rest.to_owned()
    } else if path.contains("/ps1/") {
        path.replace("/ps1/", "panstarrs/ps1/public/")
    } else if path.contains("hlsp") {
        path.replace("/hlsp_local/public/", "mast/")
    } else {
        path.trim_start_matches('/').to_owned()
    };
    (!key.is_empty()).then_some(key)
}

/// Each product once, by its `dataURI`: the first of several stays. Products without one stay too.
///
/// # Errors
/// [`Error::NotProducts`] where the table has no `dataURI`.
pub fn unique(products: &Table) -> Result<Unique> {
    let uris = column(products, "dataURI", "it tells which file is meant")?;
    let mut seen = HashSet::new();
    let first = |row: &usize| uris.is_null(*row) || seen.insert(cell_text(uris, *row));
    let rows: Vec<usize> = (0..products.rows()).filter(first).collect();
    Ok(Unique {
        duplicates: products.rows() - rows.len(),
        products: products.take(&rows),
    })
}

pub(super) fn column<'a>(table: &'a Table, name: &'static str, reason: &'static str) -> Result<&'a Column> {
    table
        .find(name)
        .ok_or(Error::NotProducts { column: name, reason })
}
