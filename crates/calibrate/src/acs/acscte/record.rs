//! What is recorded of the CTE correction in the primary header.

use super::parameters::CteParameters;
use super::pctetab::{CTE_NAME, CTE_VER, PcteTable};
use crate::Result;
use crate::acs::{Amplifier, Outcome, Reference, history, put, record_switch, record_table, set};
use firstlight_frame::fits::{Header, Value};

/// Records the parameters of the parallel transfer: in keywords where the header has them, else in HISTORY.
///
/// # Errors
/// [`crate::Error::Frame`] where a keyword cannot be written.
pub fn record_parallel(primary: &mut Header, table: &PcteTable, parameters: &CteParameters) -> Result<()> {
    note(primary, "CTE_NAME", Note::Text(&table.name), "CTE algorithm name")?;
    note(
        primary,
        "CTE_VER",
        Note::Text(&table.version),
        "CTE algorithm version",
    )?;
    note(primary, "CORRTYPE", Note::Text("parallel"), "CTE correction type")?;
    let fix = i64::from(parameters.fix_cosmic_rays);
    note(primary, "FIXROCR", Note::Integer(fix), "fix readout cosmic rays")?;
    note(
        primary,
        "PCTETRSH",
        Note::Real(parameters.threshold_e),
        "CTE over subtraction threshold",
    )?;
    note(
        primary,
        "PCTEFRAC",
        Note::Real(parameters.fraction),
        "CTE scaling factor",
    )?;
    record_model(primary, parameters)
}

/// Records the parameters of the serial transfer to an amplifier.
///
/// # Errors
/// As [`record_parallel`].
pub fn record_serial(primary: &mut Header, amplifier: Amplifier, parameters: &CteParameters) -> Result<()> {
    let kind = format!("serial - Amp {}", amplifier.letter());
    note(primary, "CORRTYPE", Note::Text(&kind), "CTE correction type")?;
    record_model(primary, parameters)
}

fn record_model(primary: &mut Header, parameters: &CteParameters) -> Result<()> {
    let traps = &parameters.traps;
    note(
        primary,
        "CTEDATE0",
        Note::Real(parameters.date0_mjd),
        "Date of instrument installation",
    )?;
    note(
        primary,
        "CTEDATE1",
        Note::Real(parameters.date1_mjd),
        "Date of CTE model pinning",
    )?;
    note(
        primary,
        "PCTETLEN",
        Note::Integer(traps.length() as i64),
        "max length of CTE trail",
    )?;
    let iterations = Note::Integer(parameters.iterations as i64);
    note(primary, "PCTENFOR", iterations, "Number of iter in forward model")?;
    note(
        primary,
        "PCTENPAR",
        Note::Integer(traps.passes() as i64),
        "Number of iter in parallel transfer",
    )
}

/// Records that PCTECORR was done: the switch, the readout noise of the amplifiers (e) and the table.
///
/// # Errors
/// As [`record_parallel`].
pub fn record_pctecorr(primary: &mut Header, pctetab: &Reference, readnoise_e: [f32; 4]) -> Result<()> {
    record_switch(primary, "PCTECORR", Outcome::Complete)?;
    for (amplifier, noise) in Amplifier::ALL.into_iter().zip(readnoise_e) {
        let letter = amplifier.letter();
        let noise = exponential(f64::from(noise), 14, 7);
        history(
            primary,
            &format!("PCTERNOI {noise} Amp '{letter}' read noise clip limit (from CCDTAB)."),
        )?;
    }
    history(primary, "CTE parameters table: ")?;
    record_table(primary, pctetab, "")?;
    put(primary, "CTE_NAME", CTE_NAME, "name of CTE algorithm")?;
    put(primary, "CTE_VER", CTE_VER, "version of CTE algorithm")
}

enum Note<'a> {
    Text(&'a str),
    Integer(i64),
    Real(f64),
}

fn note(primary: &mut Header, keyword: &str, value: Note, meaning: &str) -> Result<()> {
    let (value, text): (Value, String) = match value {
        Note::Text(text) => (text.into(), text.to_owned()),
        Note::Integer(number) => (number.into(), format!("{number:12}")),
        Note::Real(number) => (number.into(), exponential(number, 20, 12)),
    };
    if primary.contains(keyword) {
        return set(primary, keyword, value);
    }
    history(primary, &format!("{keyword} {text} {meaning}"))
}

/// A number as C's `%E` writes it, in so many characters.
fn exponential(number: f64, width: usize, digits: usize) -> String {
    let text = format!("{number:.digits$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text.as_str(), "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    let text = format!("{mantissa}E{sign}{:02}", exponent.abs());
    format!("{text:>width$}")
}

#[cfg(test)]
mod tests {
    use super::exponential;

    #[test]
    fn numbers_are_written_as_the_headers_have_them() {
        assert_eq!(exponential(-10.0, 20, 12), " -1.000000000000E+01");
        assert_eq!(exponential(0.27387505371503, 20, 12), "  2.738750537150E-01");
        assert_eq!(exponential(f64::from(5.08f32), 14, 7), " 5.0799999E+00");
    }
}
