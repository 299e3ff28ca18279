//! The image photometry table: sensitivity, pivot wavelength and bandwidth by mode and date.

use super::table;
use crate::acs::AcsVisit;
use crate::acs::camera::Detector;
use crate::columns::{doubles, shorts};
use crate::{Error, Extension, Result};
use firstlight_fits::{Column, ColumnData, Value};

/// Dates of the table, MJD.
const DATES: [f64; 4] = [52_334.0, 53_920.0, 54_976.0, 59_214.0];
/// Loss of sensitivity per day.
const FADING: f64 = 1.2e-6;

/// What the primary header says besides.
pub fn primary_cards() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("PARNUM", 1.into(), "number of parameterised variables"),
        ("PHOTZPT", (-21.1).into(), "photometric zero point of STMAG"),
        ("EXTRAP", true.into(), "extrapolation allowed"),
    ]
}

/// Mode, inverse sensitivity, pivot wavelength, bandwidth.
fn mode(detector: Detector) -> (&'static str, [f64; 3]) {
    match detector {
        Detector::Wfc => ("acs,wfc1,f606w,mjd#", [7.81e-20, 5921.2, 672.3]),
        Detector::Hrc => ("acs,hrc,f555w,mjd#", [3.02e-19, 5356.0, 357.2]),
        Detector::Sbc => ("acs,sbc,f150lp,mjd#", [3.25e-17, 1605.7, 91.3]),
    }
}

/// `PHOTFLAM`, `PHOTPLAM` and `PHOTBW`.
pub fn tables(visit: &AcsVisit) -> Result<Vec<Extension>> {
    let (mode, values) = mode(visit.options.detector);
    let names = ["PHOTFLAM", "PHOTPLAM", "PHOTBW"];
    let units = ["flam", "angstrom", "angstrom"];
    let mut all = Vec::new();
    for (index, name) in names.into_iter().enumerate() {
        let fading = if index == 0 { FADING } else { 0.0 };
        let of_date = DATES.map(|date| values[index] * (1.0 + fading * (date - DATES[0])));
        let dated = format!("{name}1");
        let array = |name: &str, values: [f64; 4]| {
            Column::array(name, vec![4], ColumnData::F64(values.to_vec())).map_err(Error::Header)
        };
        all.push(table(
            name,
            1,
            vec![
                Column::text("OBSMODE", [mode]).width(40),
                Column::text("DATACOL", [dated.as_str()]).width(12),
                doubles(name, [0.0]).unit(units[index]),
                array(&dated, of_date)?.unit(units[index]),
                shorts("NELEM1", [4]),
                Column::text("PAR1NAMES", ["mjd#"]).width(12),
                array("PAR1VALUES", DATES)?,
                Column::text("PEDIGREE", ["MODEL"]).width(30),
                Column::text("DESCRIP", ["Simulated by firstlight"]).width(40),
            ],
        )?);
    }
    Ok(all)
}
