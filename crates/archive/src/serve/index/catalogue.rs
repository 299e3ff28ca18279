//! From files to observations and their products.

use super::Contents;
use super::facts::Facts;
use super::product;
use super::store::{Area, Stored};
use crate::Result;
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The files of one root name.
#[derive(Default)]
struct Group<'a> {
    files: Vec<(&'a Stored, &'a Facts)>,
}

impl<'a> Group<'a> {
    /// The file whose headers speak for the exposure: the most calibrated one that knows its time.
    fn speaker(&self) -> Option<&'a Facts> {
        let rank = |facts: &Facts| {
            (
                facts.start.is_some(),
                facts.instrument.is_some(),
                product::of(&facts.suffix).rank,
            )
        };
        self.files
            .iter()
            .map(|(_, facts)| *facts)
            .max_by_key(|facts| rank(facts))
    }
}

/// Makes the tables of observations and products anew from the records of files.
pub fn rebuild(connection: &Connection, files: &[Stored], contents: &mut Contents) -> Result<()> {
    connection.execute_batch(TABLES)?;
    let mut groups: BTreeMap<&str, Group> = BTreeMap::new();
    let mut names = HashSet::new();
    for file in files {
        match (file.area, &file.facts, &file.problem) {
            (Area::Data, Some(facts), None) if names.insert((file.area, file.name.as_str())) => {
                groups.entry(&facts.root).or_default().files.push((file, facts));
                contents.files += 1;
                contents.bytes += file.size;
            }
            (Area::Mappings, _, None) => contents.mappings += 1,
            (Area::References, _, None) if names.insert((file.area, file.name.as_str())) => {
                contents.references += 1
            }
            _ => {}
        }
    }
    let members = memberships(&groups);
    let taken: HashSet<&str> = members.values().flatten().copied().collect();
    let numbers = numbers(groups.keys().copied());
    for (root, group) in &groups {
        // The exposures of an association are part of it, and no observations of their own.
        if taken.contains(root) {
            continue;
        }
        let exposures = members.get(root).map_or(&[][..], Vec::as_slice);
        let parts: Vec<(&str, &Group)> = exposures
            .iter()
            .filter_map(|name| Some((*name, groups.get(name)?)))
            .collect();
        observe(connection, (root, group), &parts, &numbers)?;
        contents.observations += 1;
    }
    Ok(())
}

const TABLES: &str = "
    DROP TABLE IF EXISTS observations;
    DROP TABLE IF EXISTS products;
    CREATE TABLE observations (obsid INTEGER PRIMARY KEY, intentType TEXT, obs_collection TEXT, provenance_name TEXT,
        instrument_name TEXT, project TEXT, filters TEXT, wavelength_region TEXT, target_name TEXT,
        target_classification TEXT, obs_id TEXT, s_ra REAL, s_dec REAL, dataproduct_type TEXT, proposal_pi TEXT,
        calib_level INTEGER, t_min REAL, t_max REAL, t_exptime REAL, em_min REAL, em_max REAL, obs_title TEXT,
        t_obs_release REAL, proposal_id TEXT, proposal_type TEXT, sequence_number INTEGER, s_region TEXT,
        jpegURL TEXT, dataURL TEXT, dataRights TEXT, mtFlag INTEGER, srcDen REAL, objID INTEGER);
    CREATE TABLE products (parent_obsid INTEGER, obsID INTEGER, obs_collection TEXT, dataproduct_type TEXT,
        obs_id TEXT, description TEXT, type TEXT, dataURI TEXT, productType TEXT, productGroupDescription TEXT,
        productSubGroupDescription TEXT, productDocumentationURL TEXT, project TEXT, prvversion TEXT,
        proposal_id TEXT, productFilename TEXT, size INTEGER, dataRights TEXT, calib_level INTEGER, filters TEXT);
    CREATE INDEX products_by_parent ON products (parent_obsid);";

/// The exposures of each association that has any of them here.
fn memberships<'a>(groups: &BTreeMap<&'a str, Group<'a>>) -> HashMap<&'a str, Vec<&'a str>> {
    let of_group = |(root, group): (&&'a str, &Group<'a>)| {
        let listed = group.files.iter().find_map(|(_, facts)| facts.members.as_ref())?;
        let here = listed.iter().map(String::as_str).filter(|name| name != root);
        Some((*root, here.filter(|name| groups.contains_key(name)).collect()))
    };
    groups.iter().filter_map(of_group).collect()
}

/// The number of each root name: the same wherever and whenever it is served.
fn numbers<'a>(roots: impl Iterator<Item = &'a str>) -> HashMap<&'a str, i64> {
    let mut used = HashSet::new();
    roots
        .map(|root| {
            // FNV-1a.
            let hash = root.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
            let mut number = 20_000_000 + (hash % 980_000_000) as i64;
            while !used.insert(number) {
                number += 1;
            }
            (root, number)
        })
        .collect()
}

/// Sums and extremes over the exposures of an observation.
struct Times {
    start: Option<f64>,
    end: Option<f64>,
    exptime: Option<f64>,
}

fn times(speakers: &[&Facts]) -> Times {
    let known = |of: fn(&Facts) -> Option<f64>| speakers.iter().filter_map(move |facts| of(facts));
    let end = |facts: &Facts| {
        facts
            .end
            .or_else(|| Some(facts.start? + facts.exptime? / 86400.0))
    };
    Times {
        start: known(|facts| facts.start).reduce(f64::min),
        end: known(end).reduce(f64::max),
        exptime: known(|facts| facts.exptime).reduce(|a, b| a + b),
    }
}

fn observe(
    connection: &Connection,
    (root, group): (&str, &Group),
    parts: &[(&str, &Group)],
    numbers: &HashMap<&str, i64>,
) -> Result<()> {
    let number = |name: &str| numbers.get(name).copied().unwrap_or_default();
    let exposures: Vec<&Facts> = parts.iter().filter_map(|(_, part)| part.speaker()).collect();
    let Some(own) = group.speaker() else { return Ok(()) };
    let speaker = exposures.first().copied().unwrap_or(own);
    let times = times(if exposures.is_empty() {
        std::slice::from_ref(&own)
    } else {
        &exposures
    });
    let all = || [(root, group)].into_iter().chain(parts.iter().copied());
    let kinds = all()
        .flat_map(|(_, group)| &group.files)
        .map(|(_, facts)| product::of(&facts.suffix));
    let best = kinds.max_by_key(|kind| (kind.rank, kind.level));
    let rank = best.map_or(0, |kind| kind.rank);
    let level = if parts.is_empty() {
        best.map_or(1, |kind| kind.level)
    } else {
        3
    };
    let best_file = all()
        .flat_map(|(_, group)| &group.files)
        .find(|(_, f)| product::of(&f.suffix).rank == rank);
    let region = own.region.clone().or_else(|| {
        let regions: Vec<&str> = exposures
            .iter()
            .filter_map(|facts| facts.region.as_deref())
            .collect();
        (!regions.is_empty()).then(|| regions.join(" "))
    });
    let program = speaker.instrument.as_deref().and_then(pipeline);
    let kind = if speaker.spectrum { "spectrum" } else { "image" };
    connection.execute(
        "INSERT INTO observations VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, NULL, ?10, ?11, ?12, ?13, ?14, ?15,
            ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, NULL, NULL, ?24, NULL, ?25, 'PUBLIC', 0, NULL, ?1)",
        params![
            number(root),
            if speaker.science { "science" } else { "calibration" },
            speaker.collection,
            program,
            speaker.instrument,
            speaker.collection,
            filters(&exposures).or_else(|| speaker.filters.clone()),
            speaker.wavelengths.map(|(from, to)| band(0.5 * (from + to))),
            own.target.as_ref().or(speaker.target.as_ref()),
            root,
            own.ra.or(speaker.ra),
            own.dec.or(speaker.dec),
            kind,
            speaker.investigator,
            level,
            times.start,
            times.end,
            times.exptime,
            speaker.wavelengths.map(|(from, _)| from),
            speaker.wavelengths.map(|(_, to)| to),
            speaker.title,
            times.end,
            own.proposal.as_ref().or(speaker.proposal.as_ref()),
            region,
            best_file.map(|(file, facts)| uri(facts, &file.name)),
        ],
    )?;
    let mut insert = connection.prepare(
        "INSERT INTO products VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, NULL, ?12, ?13, ?14, ?15, ?16,
            'PUBLIC', ?17, ?18)",
    )?;
    for (name, group) in all() {
        for (file, facts) in &group.files {
            let product = product::of(&facts.suffix);
            let recommended = rank > 0 && product.rank == rank;
            insert.execute(params![
                number(root),
                number(name),
                facts.collection,
                kind,
                name,
                product.description,
                type_of(&facts.suffix, parts.is_empty(), name == root),
                uri(facts, &file.name),
                product.product_type,
                recommended.then_some("Minimum Recommended Products"),
                facts.suffix,
                program,
                facts.version,
                facts.proposal.as_ref().or(speaker.proposal.as_ref()),
                file.name,
                i64::try_from(file.size).unwrap_or(i64::MAX),
                product.level,
                facts.filters.as_ref().or(speaker.filters.as_ref()),
            ])?;
        }
    }
    Ok(())
}

/// `S` for a single exposure, `C` for a composite one, `D` for what was derived from several.
fn type_of(suffix: &str, single: bool, own: bool) -> &'static str {
    match (single, own, suffix) {
        (false, true, "ASN") => "C",
        (false, true, _) => "D",
        _ => "S",
    }
}

fn uri(facts: &Facts, name: &str) -> String {
    format!("mast:{}/product/{name}", facts.collection)
}

/// All elements that any exposure looked through.
fn filters(exposures: &[&Facts]) -> Option<String> {
    let mut found: Vec<&str> = Vec::new();
    for name in exposures
        .iter()
        .filter_map(|facts| facts.filters.as_deref())
        .flat_map(|names| names.split(';'))
    {
        if !found.contains(&name) {
            found.push(name);
        }
    }
    (!found.is_empty()).then(|| found.join(";"))
}

/// The program that calibrates an instrument's exposures.
fn pipeline(instrument: &str) -> Option<&'static str> {
    let name = instrument.split('/').next().unwrap_or_default();
    [
        ("ACS", "CALACS"),
        ("STIS", "CALSTIS"),
        ("WFC3", "CALWF3"),
        ("COS", "CALCOS"),
        ("NICMOS", "CALNIC"),
        ("WFPC2", "CALWFPC2"),
    ]
    .iter()
    .find(|(instrument, _)| *instrument == name)
    .map(|(_, program)| *program)
}

/// The part of the spectrum of a wavelength in nm.
fn band(wavelength: f64) -> &'static str {
    match wavelength {
        w if w < 300.0 => "UV",
        w if w < 1000.0 => "OPTICAL",
        _ => "INFRARED",
    }
}
