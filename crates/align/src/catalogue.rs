//! Lists of positions on the sky, and which of them are taken.

use crate::{Error, FluxUnits, Result};

const MAS_PER_RADIAN: f64 = 180.0 * 3600.0e3 / std::f64::consts::PI;

/// How the positions of a catalogue move.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Motions {
    /// Along right ascension, times the cosine of declination, mas a year. NaN is taken as zero.
    pub pmra_mas: Vec<f64>,
    /// Along declination, mas a year. NaN is taken as zero.
    pub pmdec_mas: Vec<f64>,
    /// The year that the positions are of: 2016.0 for Gaia DR3.
    pub epoch: f64,
}

/// Positions on the sky.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SkyCatalogue {
    /// What it is called in reports.
    pub name: String,
    /// Right ascension, degrees.
    pub ra: Vec<f64>,
    /// Declination, degrees.
    pub dec: Vec<f64>,
    /// Brightness, greater for brighter sources; empty where it is not known.
    pub brightness: Vec<f64>,
    /// Proper motions, where they are known.
    pub motions: Option<Motions>,
}

impl SkyCatalogue {
    /// Whether all columns have the same length.
    ///
    /// # Errors
    /// [`Error::ColumnLength`].
    pub fn check(&self) -> Result<()> {
        let expected = self.ra.len();
        let mut columns = vec![("dec", self.dec.len())];
        if !self.brightness.is_empty() {
            columns.push(("brightness", self.brightness.len()));
        }
        if let Some(motions) = &self.motions {
            columns.push(("pmra", motions.pmra_mas.len()));
            columns.push(("pmdec", motions.pmdec_mas.len()));
        }
        match columns.into_iter().find(|(_, found)| *found != expected) {
            None => Ok(()),
            Some((column, found)) => Err(Error::ColumnLength {
                what: self.name.clone(),
                column,
                expected,
                found,
            }),
        }
    }

    /// `(ra, dec)` in degrees in another year: along great circles, without parallax or change of the
    /// motion. Without motions, or without a year, as the catalogue has them.
    pub fn at_epoch(&self, year: Option<f64>) -> (Vec<f64>, Vec<f64>) {
        let (Some(motions), Some(year)) = (&self.motions, year) else {
            return (self.ra.clone(), self.dec.clone());
        };
        let years = year - motions.epoch;
        let positions = self.ra.iter().zip(&self.dec);
        positions
            .zip(motions.pmra_mas.iter().zip(&motions.pmdec_mas))
            .map(|((&ra, &dec), (&east, &north))| moved(ra, dec, east * years, north * years))
            .unzip()
    }
}

/// A position moved by so many mas towards east and north.
fn moved(ra: f64, dec: f64, east_mas: f64, north_mas: f64) -> (f64, f64) {
    let finite = |mas: f64| {
        if mas.is_finite() {
            mas / MAS_PER_RADIAN
        } else {
            0.0
        }
    };
    let (east, north) = (finite(east_mas), finite(north_mas));
    if east == 0.0 && north == 0.0 {
        return (ra, dec);
    }
    let ((sin_ra, cos_ra), (sin_dec, cos_dec)) = (ra.to_radians().sin_cos(), dec.to_radians().sin_cos());
    let x = cos_dec * cos_ra - east * sin_ra - north * sin_dec * cos_ra;
    let y = cos_dec * sin_ra + east * cos_ra - north * sin_dec * sin_ra;
    let z = sin_dec + north * cos_dec;
    (
        y.atan2(x).to_degrees().rem_euclid(360.0),
        z.atan2(x.hypot(y)).to_degrees(),
    )
}

/// The rows of a catalogue between limits of flux, then the brightest of these.
///
/// In magnitudes `faintest` is the greater number. The rows are in the catalogue's order, or where
/// `brightest` says how many in that of brightness. NaN is outside any limits.
pub fn select_by_flux(
    fluxes: &[f64],
    faintest: Option<f64>,
    brightest_allowed: Option<f64>,
    units: FluxUnits,
    brightest: Option<usize>,
) -> Vec<usize> {
    let bright = |flux: f64| if units == FluxUnits::Mag { -flux } else { flux };
    let mut rows: Vec<usize> = (0..fluxes.len())
        .filter(|&row| {
            faintest.is_none_or(|limit| bright(fluxes[row]) >= bright(limit))
                && brightest_allowed.is_none_or(|limit| bright(fluxes[row]) <= bright(limit))
        })
        .collect();
    if let Some(most) = brightest {
        rows.retain(|&row| !fluxes[row].is_nan());
        rows.sort_by(|&a, &b| bright(fluxes[b]).total_cmp(&bright(fluxes[a])));
        rows.truncate(most);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn motions_move_along_the_sky() {
        let catalogue = SkyCatalogue {
            name: "gaia".to_owned(),
            ra: vec![359.999_999, 10.0, 10.0],
            dec: vec![60.0, -30.0, 5.0],
            brightness: Vec::new(),
            motions: Some(Motions {
                pmra_mas: vec![1000.0, 0.0, f64::NAN],
                pmdec_mas: vec![0.0, -3600.0, f64::NAN],
                epoch: 2016.0,
            }),
        };
        let (ra, dec) = catalogue.at_epoch(Some(2006.0));
        // Ten seconds of arc westwards are twenty of right ascension at 60 degrees.
        assert!((ra[0] - (359.999_999 - 20.0 / 3600.0)).abs() < 1e-8);
        assert!((dec[0] - 60.0).abs() < 1e-6);
        assert!((dec[1] - (-30.0 + 0.01)).abs() < 1e-9 && (ra[1] - 10.0).abs() < 1e-12);
        assert_eq!((ra[2], dec[2]), (10.0, 5.0));
        assert_eq!(catalogue.at_epoch(None).0, catalogue.ra);
    }

    #[test]
    fn limits_in_magnitudes_and_counts() {
        let fluxes = [20.0, 15.0, f64::NAN, 18.0];
        let rows = |units| select_by_flux(&fluxes, Some(18.0), None, units, None);
        assert_eq!(rows(FluxUnits::Mag), [1, 3]);
        assert_eq!(rows(FluxUnits::Counts), [0, 3]);
        assert_eq!(
            select_by_flux(&fluxes, None, None, FluxUnits::Mag, Some(2)),
            [1, 3]
        );
        assert_eq!(
            select_by_flux(&fluxes, None, Some(18.0), FluxUnits::Cps, Some(9)),
            [3, 1]
        );
        assert_eq!(
            select_by_flux(&[], None, None, FluxUnits::Mag, Some(2)),
            Vec::<usize>::new()
        );
    }

    #[test]
    fn columns_have_to_agree() {
        let catalogue = SkyCatalogue {
            ra: vec![1.0, 2.0],
            dec: vec![1.0],
            ..SkyCatalogue::default()
        };
        let error = catalogue.check().unwrap_err();
        assert!(matches!(
            error,
            Error::ColumnLength {
                column: "dec",
                expected: 2,
                found: 1,
                ..
            }
        ));
    }
}
