//! The columns of observations as options.

use super::{Criterion, Wanted};

/// Makes the struct with a field per column: field, its column, the column's name where options can be
/// written as the service writes them, the value's name, the doc comment.
macro_rules! criteria {
    ($($(#[doc = $doc:literal])* $field:ident $column:literal $value:literal $([$alias:literal])?;)*) => {
        /// What observations are to be like: all of it, for each column any of the values.
        ///
        /// Values may be lists `a,b`, patterns with `*`, and ranges `A..B`, `A..`, `..B`; options may be repeated.
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        #[cfg_attr(feature = "clap", derive(clap::Args))]
        pub struct Criteria {$(
            $(#[doc = $doc])*
            #[cfg_attr(feature = "clap", arg(
                long,
                $(alias = $alias,)?
                value_name = $value,
                allow_hyphen_values = true,
                help_heading = "Observations (values, lists a,b, patterns 'a*', ranges A..B; may be repeated)"
            ))]
            pub $field: Vec<String>,
        )*}

        impl Criteria {
            /// The criteria that are given.
            pub fn given(&self) -> Vec<Criterion> {
                let mut given = Vec::new();
                $(
                    if !self.$field.is_empty() {
                        let values = self.$field.iter().cloned().map(Wanted::Text).collect();
                        given.push(Criterion { column: $column.to_owned(), values });
                    }
                )*
                given
            }
        }
    };
}

criteria! {
    /// Observation, as the mission names it: J9L960010, 'JCMC11*'.
    obs_id "obs_id" "ID" ["obs_id"];
    /// Number of the proposal: 13655.
    proposal_id "proposal_id" "NUMBER" ["proposal_id"];
    /// Target, as the proposal names it: DARK, NGC-104.
    target_name "target_name" "NAME" ["target_name"];
    /// Instrument and channel: ACS/SBC, STIS/CCD, 'WFC3*'.
    instrument_name "instrument_name" "NAME" ["instrument_name"];
    /// Filters and gratings: F125LP, G750M.
    filters "filters" "NAME";
    /// Begin of the observation: 57084.2..57090, 2015-03-03, 2015-03-01..2015-03-31.
    t_min "t_min" "MJD|DATE" ["t_min"];
    /// End of the observation.
    t_max "t_max" "MJD|DATE" ["t_max"];
    /// When the data become public.
    t_obs_release "t_obs_release" "MJD|DATE" ["t_obs_release"];
    /// Exposure time: 1000, 1099..1101, 500.. .
    t_exptime "t_exptime" "SECONDS" ["t_exptime"];
    /// science, cal or all [default: all]
    obstype "obstype" "KIND";
    /// science or calibration.
    intent_type "intentType" "KIND" ["intentType"];
    /// Mission or collection: HST, HLA, JWST.
    obs_collection "obs_collection" "NAME" ["obs_collection"];
    /// image, spectrum, timeseries, cube.
    dataproduct_type "dataproduct_type" "KIND" ["dataproduct_type"];
    /// 0 raw, 1 uncalibrated, 2 calibrated, 3 combined, 4 contributed.
    calib_level "calib_level" "LEVEL" ["calib_level"];
    /// Principal investigator: 'Sarajedini*'; a comma is part of the name.
    proposal_pi "proposal_pi" "NAME" ["proposal_pi"];
    /// Title of the proposal; a comma is part of it.
    obs_title "obs_title" "TEXT" ["obs_title"];
    /// Type of the target; a comma is part of it.
    target_classification "target_classification" "TEXT" ["target_classification"];
    /// Wave band: OPTICAL, UV.
    wavelength_region "wavelength_region" "NAME" ["wavelength_region"];
    /// Project that processed the data.
    project "project" "NAME";
    /// Pipeline that made the data: CALACS, CALSTIS, HAP.
    provenance_name "provenance_name" "NAME" ["provenance_name"];
    /// PUBLIC, EXCLUSIVE_ACCESS or RESTRICTED.
    data_rights "dataRights" "KIND" ["dataRights"];
    /// Right ascension; for a cone use --coordinates.
    s_ra "s_ra" "DEGREES" ["s_ra"];
    /// Declination: -73..-72.
    s_dec "s_dec" "DEGREES" ["s_dec"];
    /// Shortest wavelength.
    em_min "em_min" "NANOMETRES" ["em_min"];
    /// Longest wavelength.
    em_max "em_max" "NANOMETRES" ["em_max"];
    /// Distance from the position that is asked for.
    distance "distance" "ARCSEC";
    /// The service's own number of the observation.
    obsid "obsid" "NUMBER";
    /// The service's own number among the objects.
    obj_id "objID" "NUMBER" ["objID"];
    /// Whether the target moves: true, false.
    mt_flag "mtFlag" "BOOL" ["mtFlag"];
    /// Number of catalogued sources.
    src_den "srcDen" "NUMBER" ["srcDen"];
    /// Number in a sequence: a TESS sector, a Kepler quarter.
    sequence_number "sequence_number" "NUMBER" ["sequence_number"];
    /// Footprint on the sky as STC-S text.
    s_region "s_region" "TEXT" ["s_region"];
    /// Address of a preview.
    jpeg_url "jpegURL" "URL" ["jpegURL"];
    /// Address of the data.
    data_url "dataURL" "URL" ["dataURL"];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_is_asked_for() {
        let criteria = Criteria {
            intent_type: vec!["calibration".to_owned()],
            t_min: vec!["57000..57010".to_owned()],
            ..Criteria::default()
        };
        let columns: Vec<String> = criteria
            .given()
            .into_iter()
            .map(|criterion| criterion.column)
            .collect();
        assert_eq!(columns, ["t_min", "intentType"]);
    }

    #[test]
    fn every_column_has_an_option() {
        let source = include_str!("criteria.rs");
        for column in firstlight_archive::mast::observation_columns().names() {
            assert!(source.contains(&format!(" \"{column}\" \"")), "{column}");
        }
    }
}
