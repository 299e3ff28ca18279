//! What cannot be drizzled.

/// Why an input cannot be drizzled, or an output not be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Arrays of one input do not agree in size.
    #[error("the {what} has {found} samples, but {expected} are needed")]
    Shape {
        /// Which array.
        what: &'static str,
        /// Samples that are needed.
        expected: usize,
        /// Samples that are there.
        found: usize,
    },
    /// A number is outside the range in which it means something.
    #[error("{what} is {value}, but has to be {range}")]
    OutOfRange {
        /// Which number.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What it has to be.
        range: &'static str,
    },
    /// The ratio of pixel scales was to be found from the pixel map, but the map is not finite there.
    #[error("the ratio of pixel scales cannot be estimated: the pixel map is not finite at the centre")]
    NoScaleRatio,
    /// An output of this size does not fit in memory.
    #[error("an output of {nx} x {ny} pixels does not fit in memory")]
    TooLarge {
        /// Columns.
        nx: usize,
        /// Rows.
        ny: usize,
    },
    /// No kernel has this name.
    #[error("there is no kernel {name:?}; the kernels are {}", crate::Kernel::NAMES.join(", "))]
    UnknownKernel {
        /// The name that was given.
        name: String,
    },
    /// No interpolation has this name.
    #[error(
        "there is no interpolation {name:?}; they are {}",
        crate::blot::Interpolation::NAMES.join(", ")
    )]
    UnknownInterpolation {
        /// The name that was given.
        name: String,
    },
}
