//! The columns that observations and products have, so that names and kinds are known without a request.
//!
//! After the fields' documentation of the service, <https://mast.stsci.edu/api/v0/_c_a_o_mfields.html> and
//! <https://mast.stsci.edu/api/v0/_productsfields.html>.

use super::column::{ColumnConfig, Columns, Kind};
use Kind::{Integer, Logical, Real, Text};

/// Name, label, kind, unit, separator of several values in one cell, description.
type Known = (
    &'static str,
    &'static str,
    Kind,
    &'static str,
    &'static str,
    &'static str,
);

#[rustfmt::skip]
const OBSERVATIONS: &[Known] = &[
    ("intentType", "Observation Type", Text, "", "", "science or calibration"),
    ("obs_collection", "Mission", Text, "", ";", "collection: HST, JWST, HLA, TESS, GALEX, …"),
    ("provenance_name", "Provenance Name", Text, "", ";", "pipeline or project that made the data: CALACS, CALSTIS, HAP, …"),
    ("instrument_name", "Instrument", Text, "", "", "instrument and channel: ACS/SBC, STIS/CCD, WFC3/UVIS, …"),
    ("project", "Project", Text, "", ";", "project that processed the data"),
    ("filters", "Filters", Text, "", ";", "filters and gratings"),
    ("wavelength_region", "Waveband", Text, "", ";", "wave bands: OPTICAL, UV, …"),
    ("target_name", "Target Name", Text, "", "", "target, as the proposal names it"),
    ("target_classification", "Target Classification", Text, "", ";", "type of the target"),
    ("obs_id", "Observation ID", Text, "", "", "observation, as the mission names it: J9L960010, jcmc11ctq"),
    ("s_ra", "RA", Real, "deg", "", "right ascension (ICRS)"),
    ("s_dec", "Dec", Real, "deg", "", "declination (ICRS)"),
    ("obs_title", "Observation Title", Text, "", "", "title of the proposal"),
    ("proposal_pi", "Principal Investigator", Text, "", "", "principal investigator"),
    ("proposal_id", "Proposal ID", Text, "", "", "number of the proposal"),
    ("dataproduct_type", "Product Type", Text, "", "", "image, spectrum, timeseries, cube, …"),
    ("calib_level", "Calibration Level", Integer, "", "", "0 raw, 1 uncalibrated, 2 calibrated, 3 combined, 4 contributed"),
    ("t_min", "Start Time", Real, "MJD", "", "begin of the observation"),
    ("t_max", "End Time", Real, "MJD", "", "end of the observation"),
    ("t_obs_release", "Release Date", Real, "MJD", "", "when the data become public"),
    ("t_exptime", "Exposure Length", Real, "sec", "", "exposure time"),
    ("em_min", "Min. Wavelength", Real, "nm", "", "shortest wavelength"),
    ("em_max", "Max. Wavelength", Real, "nm", "", "longest wavelength"),
    ("objID", "Object ID", Integer, "", "", "number of the observation among the objects"),
    ("s_region", "Footprint", Text, "ICRS Shape", "", "footprint on the sky as STC-S text"),
    ("jpegURL", "Preview", Text, "", "", "address of a preview"),
    ("distance", "Distance", Real, "arcsec", "", "distance from the position that was asked for"),
    ("obsid", "Product Group ID", Integer, "", "", "number under which the service lists the products"),
    ("dataRights", "Data Rights", Text, "", "", "PUBLIC, EXCLUSIVE_ACCESS or RESTRICTED"),
    ("mtFlag", "Moving Target", Logical, "", "", "whether the target moves"),
    ("srcDen", "Source Density", Real, "", "", "number of catalogued sources"),
    ("dataURL", "Data URL", Text, "", "", "address of the data"),
    ("sequence_number", "Sequence Number", Integer, "", "", "number in a sequence: a TESS sector, a Kepler quarter"),
];

#[rustfmt::skip]
const PRODUCTS: &[Known] = &[
    ("obsID", "Product Group ID", Integer, "", "", "number under which the service lists the products"),
    ("obs_collection", "Mission", Text, "", "", "collection: HST, JWST, HLA, …"),
    ("dataproduct_type", "Product Type", Text, "", "", "image, spectrum, timeseries, cube, …"),
    ("obs_id", "Observation ID", Text, "", "", "observation, as the mission names it"),
    ("description", "Description", Text, "", "", "what the file holds"),
    ("type", "Type", Text, "", "", "S a simple observation, C a combined one, D a dependent"),
    ("dataURI", "Data URI", Text, "", "", "the file's name in the archive: mast:HST/product/jcmc11ctq_flt.fits"),
    ("productType", "Type", Text, "", "", "SCIENCE, PREVIEW, INFO, AUXILIARY, THUMBNAIL, CATALOG, CALIBRATION"),
    ("productGroupDescription", "Group", Text, "", "", "Minimum Recommended Products, or nothing"),
    ("productSubGroupDescription", "Subgroup", Text, "", "", "the file's suffix: RAW, FLT, ASN, DRZ, …"),
    ("productDocumentationURL", "Documentation", Text, "", "", "address of a description"),
    ("project", "Project", Text, "", "", "project that made the file"),
    ("prvversion", "Version", Text, "", "", "version of the software that made it"),
    ("proposal_id", "Proposal ID", Text, "", "", "number of the proposal"),
    ("productFilename", "Filename", Text, "", "", "the file's name"),
    ("size", "File Size", Integer, "bytes", "", "the file's length"),
    ("parent_obsid", "Parent ID", Integer, "", "", "observation that the file was listed for"),
    ("dataRights", "Data Rights", Text, "", "", "PUBLIC, EXCLUSIVE_ACCESS or RESTRICTED"),
    ("calib_level", "Calibration Level", Integer, "", "", "0 raw, 1 uncalibrated, 2 calibrated, 3 combined, 4 contributed"),
    ("filters", "Filters", Text, "", "", "filters and gratings"),
];

/// The columns of observations.
pub fn observations() -> Columns {
    Columns(OBSERVATIONS.iter().map(column).collect())
}

/// The columns of products.
pub fn products() -> Columns {
    Columns(PRODUCTS.iter().map(column).collect())
}

fn column(&(name, label, kind, unit, separator, description): &Known) -> ColumnConfig {
    ColumnConfig {
        name: name.to_owned(),
        label: label.to_owned(),
        kind,
        continuous: kind == Real,
        unit: unit.to_owned(),
        description: description.to_owned(),
        example: String::new(),
        separator: Some(separator.to_owned()).filter(|separator| !separator.is_empty()),
        ignore: None,
        removed: false,
    }
}
