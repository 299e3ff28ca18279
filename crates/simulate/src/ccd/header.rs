//! Headers as programs of amateur cameras write them: one HDU, no world coordinates.

use super::CcdNights;
use super::cluster::TARGET_DEG;
use super::detector::SET_TEMPERATURE_C;
use super::expose::PIXEL_UM;
use super::plan::{Frame, Kind};
use super::weather::{SCALE_ARCSEC, SITE_DEG, altitude_deg};
use crate::Result;
use crate::calendar::date_and_time;
use crate::cards::Cards;
use firstlight_fits::Header;

/// `PICTTYPE` and `IMAGETYP`.
fn kind(frame: &Frame) -> (i64, &'static str) {
    match frame.kind {
        Kind::Light => (1, "Light Frame"),
        Kind::Bias => (2, "Bias Frame"),
        Kind::Dark => (3, "Dark Frame"),
        Kind::Flat => (4, "Flat Field"),
    }
}

/// Of a raw frame.
pub fn raw(nights: &CcdNights, frame: &Frame) -> Result<Header> {
    let mut cards = Cards(Header::new());
    let (number, name) = kind(frame);
    let (date, time) = date_and_time(frame.start_mjd);
    cards
        .card("DATE-OBS", format!("{date}T{time}"), "start of exposure, UTC")?
        .card(
            "JD",
            frame.start_mjd + 2_400_000.5,
            "Julian date of start of exposure",
        )?
        .card(
            "MJD-OBS",
            frame.start_mjd,
            "modified Julian date of start of exposure",
        )?
        .card("EXPTIME", frame.exptime_s, "exposure time in seconds")?
        .card("EXPOSURE", frame.exptime_s, "exposure time in seconds")?
        .card("PICTTYPE", number, "image type: 1 light, 2 bias, 3 dark, 4 flat")?
        .card("IMAGETYP", name, "type of image")?;
    if let Some(filter) = frame.filter {
        cards.card("FILTER", filter.name(), "filter used")?;
    }
    target(&mut cards, frame)?;
    camera(&mut cards, nights, frame)?;
    Ok(cards.0)
}

fn target(cards: &mut Cards, frame: &Frame) -> Result<()> {
    let object = match frame.kind {
        Kind::Light => "NGC 3201",
        _ => "",
    };
    cards.card("OBJECT", object, "name of object")?;
    if let Some(weather) = frame.weather {
        let altitude = altitude_deg(frame.start_mjd, TARGET_DEG);
        cards
            .card(
                "OBJCTRA",
                sexagesimal(TARGET_DEG.0 / 15.0, 1),
                "nominal right ascension",
            )?
            .card("OBJCTDEC", sexagesimal(TARGET_DEG.1, 0), "nominal declination")?
            .card(
                "OBJCTALT",
                rounded(altitude, 1.0e4),
                "nominal altitude in degrees",
            )?
            .card(
                "AIRMASS",
                rounded(weather.airmass, 1.0e4),
                "airmass of the target",
            )?;
    }
    Ok(())
}

fn camera(cards: &mut Cards, nights: &CcdNights, frame: &Frame) -> Result<()> {
    let options = &nights.options;
    // The pixel's side seen from the focal length is the scale on the sky.
    let focal_mm = PIXEL_UM * 1.0e-3 / (SCALE_ARCSEC / 3600.0).to_radians();
    cards
        .card("TELESCOP", "0.43 m f/6.8", "telescope used")?
        .card("INSTRUME", "Simulated CCD", "camera used")?
        .card("FOCALLEN", rounded(focal_mm, 10.0), "focal length in mm")?
        .card("APTDIA", 431.8, "aperture diameter in mm")?
        .card(
            "SITELAT",
            sexagesimal(SITE_DEG.0, 0),
            "latitude of the imaging location",
        )?
        .card(
            "SITELONG",
            sexagesimal(SITE_DEG.1, 0),
            "longitude of the imaging location",
        )?
        .card(
            "SET-TEMP",
            SET_TEMPERATURE_C,
            "CCD temperature setpoint in degrees C",
        )?
        .card("CCD-TEMP", frame.temperature_c, "CCD temperature in degrees C")?
        .card("XPIXSZ", PIXEL_UM, "pixel width in microns, after binning")?
        .card("YPIXSZ", PIXEL_UM, "pixel height in microns, after binning")?
        .card("XBINNING", 1, "binning factor in width")?
        .card("YBINNING", 1, "binning factor in height")?
        .card("XORGSUBF", 0, "subframe X position in binned pixels")?
        .card("YORGSUBF", 0, "subframe Y position in binned pixels")?
        .card("EGAIN", options.gain, "electronic gain in electrons per ADU")?
        .card("RDNOISE", options.readnoise, "read noise in electrons")?;
    if options.overscan > 0 {
        let (width, height) = (options.width, options.height);
        let bias = format!("[{}:{},1:{height}]", width + 1, width + options.overscan);
        cards.card("BIASSEC", bias, "overscan")?.card(
            "TRIMSEC",
            format!("[1:{width},1:{height}]"),
            "imaging area",
        )?;
    }
    cards.card(
        "SWCREATE",
        "firstlight simulate ccd",
        "program that wrote this file",
    )?;
    Ok(())
}

/// `hh mm ss`, with tenths of seconds where they are asked for.
fn sexagesimal(value: f64, decimals: u32) -> String {
    let unit = 10_i64.pow(decimals);
    let all = (value.abs() * 3600.0 * unit as f64).round() as i64;
    let (seconds, part) = (all / unit, all % unit);
    let sign = if value < 0.0 { "-" } else { "" };
    let text = format!(
        "{sign}{:02} {:02} {:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    );
    if decimals == 0 {
        text
    } else {
        format!("{text}.{part}")
    }
}

fn rounded(value: f64, unit: f64) -> f64 {
    (value * unit).round() / unit
}

#[cfg(test)]
mod tests {
    use super::sexagesimal;

    #[test]
    fn places_of_the_sky() {
        assert_eq!(sexagesimal(154.4034 / 15.0, 1), "10 17 36.8");
        assert_eq!(sexagesimal(-46.4125, 0), "-46 24 45");
        assert_eq!(sexagesimal(-0.5, 0), "-00 30 00");
    }
}
