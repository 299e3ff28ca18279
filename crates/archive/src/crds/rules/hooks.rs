//! What no rule can say: values that some types change before they are looked up, and what they are asked with
//! when nothing is found.
//!
//! A mapping names its hooks in its header; where it names none, those of the first generation of rules apply.

use super::condition::{condition_value, real};
use super::dates::Moment;
use super::outcome::Reason;
use super::parameters::Parameters;

/// Changes values before they are looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Precondition {
    /// Bias frames of ACS, which CDBS selected by readout size.
    AcsBias(AcsBias),
    /// Bias frames of WFC3: custom subarrays have no aperture of their own.
    Wfc3Bias,
}

/// Generations of the rules for bias frames of ACS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AcsBias {
    /// Sizes in NUMCOLS and NUMROWS.
    First,
    /// Sizes in NAXIS1 and NAXIS2.
    Second,
    /// As the second, but not for WFC exposures whose subarray has a name.
    Third,
}

/// Values for a second look, where the first found nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fallback {
    /// The full frame; the keywords of the overscan are `LTV1`, `LTV2` or their `RAW_` form.
    AcsFullFrame(AcsBias),
    /// WFPC2's two filters the other way round.
    Wfpc2Filters,
}

impl Precondition {
    /// The hook of this name that belongs to an instrument.
    pub fn named(instrument: &str, name: &str) -> Option<Self> {
        match (instrument, name) {
            ("acs", "precondition_header_acs_biasfile_v1") => Some(Self::AcsBias(AcsBias::First)),
            ("acs", "precondition_header_acs_biasfile_v2") => Some(Self::AcsBias(AcsBias::Second)),
            ("acs", "precondition_header_acs_biasfile_v3") => Some(Self::AcsBias(AcsBias::Third)),
            ("wfc3", "precondition_header_wfc3_biasfile_v1") => Some(Self::Wfc3Bias),
            _ => None,
        }
    }

    /// Changes the values.
    pub fn apply(self, parameters: &mut Parameters) -> Result<(), Reason> {
        match self {
            Self::AcsBias(generation) => acs_bias(generation, parameters),
            Self::Wfc3Bias => {
                let custom = required(parameters, "SUBARRAY")? == "T"
                    && !required(parameters, "APERTURE")?.contains("SUB");
                if custom {
                    parameters.set("APERTURE", "N/A");
                }
                Ok(())
            }
        }
    }
}

impl Fallback {
    /// The hook of this name that belongs to an instrument.
    pub fn named(instrument: &str, name: &str) -> Option<Self> {
        match (instrument, name) {
            ("acs", "fallback_header_acs_biasfile_v2") => Some(Self::AcsFullFrame(AcsBias::Second)),
            ("acs", "fallback_header_acs_biasfile_v3") => Some(Self::AcsFullFrame(AcsBias::Third)),
            ("wfpc2", "fallback_header_wfpc2_flatfile_v1") => Some(Self::Wfpc2Filters),
            _ => None,
        }
    }

    /// Changes the values, which are those before any precondition.
    pub fn apply(self, parameters: &mut Parameters) -> Result<(), Reason> {
        match self {
            Self::AcsFullFrame(generation) => acs_full_frame(generation, parameters),
            Self::Wfpc2Filters => {
                let (first, second) = (required(parameters, "FILTER1")?, required(parameters, "FILTER2")?);
                parameters.set("FILTER1", &second);
                parameters.set("FILTER2", &first);
                Ok(())
            }
        }
    }
}

/// The value of a keyword that the hook cannot do without.
fn required(parameters: &Parameters, keyword: &str) -> Result<String, Reason> {
    let value = parameters.get(keyword).map(str::to_owned);
    value.ok_or_else(|| Reason::Undefined {
        keyword: keyword.to_owned(),
    })
}

/// The exposure's start, in the form that is compared with other dates as text.
fn exposure_start(parameters: &Parameters) -> Result<String, Reason> {
    let text = format!(
        "{} {}",
        required(parameters, "DATE-OBS")?,
        required(parameters, "TIME-OBS")?
    );
    match Moment::parse(&text) {
        Some(moment) => Ok(moment.to_string()),
        None => Err(Reason::Date { found: text }),
    }
}

/// The end of servicing mission 4.
const SM4: &str = "2009-05-14 00:00:00";

/// From this day on, subarrays of the WFC have names.
const NAMED_SUBARRAYS: &str = "2002-03-30 00:00:00";

const HALF_CHIP_COLUMNS: f64 = 2048.0;

fn acs_bias(generation: AcsBias, parameters: &mut Parameters) -> Result<(), Reason> {
    let start = exposure_start(parameters)?;
    if generation == AcsBias::Third && !old_subarray(parameters, &start)? {
        return Ok(());
    }
    let (columns, rows) = if generation == AcsBias::First {
        ("NUMCOLS", "NUMROWS")
    } else {
        ("NAXIS1", "NAXIS2")
    };
    let before_sm4 = start.as_str() < SM4;
    if before_sm4 {
        parameters.set("APERTURE", "N/A");
    }
    if let Some(wide) = whole_number(&required(parameters, columns)?) {
        parameters.set(columns, &condition_value(&wide.to_string()));
        if before_sm4 && wide > HALF_CHIP_COLUMNS {
            match required(parameters, "CCDAMP")?.as_str() {
                "A" | "D" => parameters.set("CCDAMP", "AD"),
                "B" | "C" => parameters.set("CCDAMP", "BC"),
                _ => {}
            }
        }
    }
    let corner = required(parameters, "DETECTOR")? == "WFC"
        && required(parameters, "XCORNER")? == "0.0"
        && required(parameters, "YCORNER")? == "0.0";
    if corner && let Some(high) = whole_number(&required(parameters, rows)?) {
        parameters.set(rows, &condition_value(&(high / 2.0).to_string()));
    }
    Ok(())
}

/// Whether an exposure is selected as before subarrays of the WFC had names, gains and amplifiers of their own.
fn old_subarray(parameters: &Parameters, start: &str) -> Result<bool, Reason> {
    if required(parameters, "DETECTOR")? != "WFC" || start < NAMED_SUBARRAYS {
        return Ok(true);
    }
    if parameters
        .get("APERTURE")
        .is_none_or(|aperture| aperture == "UNDEFINED")
    {
        return Ok(true);
    }
    let gain = required(parameters, "CCDGAIN")?;
    let Some(gain) = real(&gain) else {
        return Err(Reason::Value {
            keyword: "CCDGAIN".to_owned(),
            value: gain,
            known: vec!["numbers".to_owned()],
        });
    };
    Ok(gain == 4.0 || gain == 8.0 || matches!(required(parameters, "CCDAMP")?.as_str(), "AD" | "BC"))
}

/// A number without its fraction.
fn whole_number(text: &str) -> Option<f64> {
    real(text).filter(|value| value.is_finite()).map(f64::trunc)
}

fn acs_full_frame(generation: AcsBias, parameters: &mut Parameters) -> Result<(), Reason> {
    acs_bias(generation, parameters)?;
    let (ltv1, ltv2) = if generation == AcsBias::Third {
        ("RAW_LTV1", "RAW_LTV2")
    } else {
        ("LTV1", "LTV2")
    };
    for keyword in ["NAXIS1", "NAXIS2", ltv1, ltv2] {
        required(parameters, keyword)?;
    }
    let size = if required(parameters, "DETECTOR")? == "WFC" {
        ["4144.0", "2068.0", "24.0", "0.0"]
    } else {
        let lower = matches!(required(parameters, "CCDAMP")?.as_str(), "C" | "D");
        ["1062.0", "1044.0", "19.0", if lower { "0.0" } else { "20.0" }]
    };
    for (keyword, value) in ["NAXIS1", "NAXIS2", ltv1, ltv2].into_iter().zip(size) {
        parameters.set(keyword, value);
    }
    Ok(())
}
