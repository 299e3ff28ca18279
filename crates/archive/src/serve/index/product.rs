//! What a suffix of a file name says about the file.

/// Properties of one kind of product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Suffix, upper case.
    pub suffix: &'static str,
    /// `SCIENCE`, `AUXILIARY` or `INFO`.
    pub product_type: &'static str,
    /// 1 raw, 2 calibrated, 3 combined.
    pub level: i64,
    /// How a person would call it.
    pub description: &'static str,
    /// Rank among what is recommended: the products of the highest rank of an observation are; 0 never is.
    pub rank: u8,
}

const fn kind(
    suffix: &'static str,
    product_type: &'static str,
    level: i64,
    rank: u8,
    description: &'static str,
) -> Kind {
    Kind {
        suffix,
        product_type,
        level,
        description,
        rank,
    }
}

const SCIENCE: &str = "SCIENCE";
const AUXILIARY: &str = "AUXILIARY";

/// Suffixes of HST's products, after the instruments' data handbooks.
const KINDS: [Kind; 31] = [
    kind("ASN", AUXILIARY, 1, 0, "Association table"),
    kind("RAW", SCIENCE, 1, 1, "Raw exposure"),
    kind("RAWACCUM", SCIENCE, 1, 1, "Raw exposure"),
    kind("RAWTAG", SCIENCE, 1, 1, "Raw list of events"),
    kind("RAWTAG_A", SCIENCE, 1, 1, "Raw list of events, segment A"),
    kind("RAWTAG_B", SCIENCE, 1, 1, "Raw list of events, segment B"),
    kind("TAG", SCIENCE, 1, 1, "Raw list of events"),
    kind("WAV", AUXILIARY, 1, 0, "Associated wavelength calibration"),
    kind("SPT", AUXILIARY, 1, 0, "Support, planning and telemetry"),
    kind("TRL", AUXILIARY, 1, 0, "Log of the calibration"),
    kind("JIT", AUXILIARY, 1, 0, "Pointing in the course of the exposure"),
    kind(
        "JIF",
        AUXILIARY,
        1,
        0,
        "Two-dimensional histogram of the pointing",
    ),
    kind("BLV_TMP", AUXILIARY, 2, 0, "Bias and overscan subtracted"),
    kind("IMA", SCIENCE, 2, 0, "Calibrated intermediate reads"),
    kind("CORRTAG", SCIENCE, 2, 0, "Calibrated list of events"),
    kind("FLT", SCIENCE, 2, 2, "Calibrated exposure"),
    kind(
        "FLC",
        SCIENCE,
        2,
        3,
        "Calibrated exposure, corrected for charge transfer",
    ),
    kind("CAL", SCIENCE, 2, 2, "Calibrated exposure"),
    kind("C0M", SCIENCE, 2, 2, "Calibrated exposure"),
    kind("C1M", AUXILIARY, 2, 0, "Data quality of the calibrated exposure"),
    kind("CRJ", SCIENCE, 2, 4, "Cosmic rays rejected"),
    kind(
        "CRC",
        SCIENCE,
        2,
        4,
        "Cosmic rays rejected, corrected for charge transfer",
    ),
    kind("SFL", SCIENCE, 2, 4, "Sum of repeated exposures"),
    kind("X1D", SCIENCE, 2, 5, "Extracted spectrum"),
    kind("X2D", SCIENCE, 2, 5, "Rectified spectral image"),
    kind(
        "SX1",
        SCIENCE,
        2,
        5,
        "Extracted spectrum of the combined exposures",
    ),
    kind(
        "SX2",
        SCIENCE,
        2,
        5,
        "Rectified spectral image of the combined exposures",
    ),
    kind("X1DSUM", SCIENCE, 3, 5, "Sum of extracted spectra"),
    kind("DRZ", SCIENCE, 3, 6, "Combined, rectified image"),
    kind(
        "DRC",
        SCIENCE,
        3,
        6,
        "Combined, rectified image, corrected for charge transfer",
    ),
    kind("MOS", SCIENCE, 3, 6, "Mosaic"),
];

/// What is known of files with other suffixes: nothing.
const OTHER: Kind = kind("", AUXILIARY, 1, 0, "File");

/// The kind of product of a suffix.
pub fn of(suffix: &str) -> Kind {
    KINDS
        .into_iter()
        .find(|kind| kind.suffix == suffix)
        .unwrap_or(OTHER)
}
