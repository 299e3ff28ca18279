//! Charge transfer in any camera: its own traps, arrays in, arrays out.

use super::amplifier::{Along, AmplifierReadout};
use super::parameters::{CteParameters, TRANSFERS};
use super::quadrant::{Direction, Quadrant};
use super::traps::{TrapLevel, Traps};
use crate::acs::Amplifier;
use crate::{Error, Result};
use firstlight_frame::{Frame, Image, Table};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::ControlFlow;
use std::str::FromStr;

/// The side of an image that its charge is moved to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Register {
    /// The first row: trails point up.
    #[default]
    Bottom,
    /// The last row.
    Top,
    /// The first column: trails point to the right.
    Left,
    /// The last column.
    Right,
}

impl Register {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Bottom, "bottom"),
        (Self::Top, "top"),
        (Self::Left, "left"),
        (Self::Right, "right"),
    ];

    fn direction(self) -> Direction {
        match self {
            Register::Bottom | Register::Top => Direction::Parallel,
            Register::Left | Register::Right => Direction::Serial,
        }
    }
}

impl fmt::Display for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(register, _)| register == self);
        f.write_str(name.map_or("", |(_, name)| name))
    }
}

impl FromStr for Register {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL
            .iter()
            .find(|(_, name)| name.eq_ignore_ascii_case(text.trim()));
        found
            .map(|(register, _)| *register)
            .ok_or_else(|| Error::Unreadable {
                expected: "the side of the register: bottom, top, left or right",
                found: text.to_owned(),
            })
    }
}

/// How a camera moves its charge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct ChargeTransferOptions {
    /// The side that charge is moved to: bottom, top, left or right.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = Self::default().register))]
    pub register: Register,
    /// Transfers that the amounts of the table are quoted for: rows (columns) of the detector. By default those of the image.
    #[cfg_attr(feature = "clap", arg(long))]
    pub transfers: Option<usize>,
    /// Steps that the whole transfer is simulated in.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = Self::default().passes))]
    pub passes: usize,
    /// Traps there are, as a share of the table's: 1 for all of them.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = Self::default().fraction))]
    pub fraction: f64,
}

impl Default for ChargeTransferOptions {
    fn default() -> Self {
        Self {
            register: Register::Bottom,
            transfers: None,
            passes: 7,
            fraction: 1.0,
        }
    }
}

/// The charge traps of a camera. As a table (FITS, ECSV, CSV) each row is a level:
///
/// | column | unit | |
/// |---|---|---|
/// | `Q` | e | charge that a packet must have to meet the traps of this level |
/// | `AMOUNT` | e | charge that they take of a packet that goes all the way |
/// | `RELEASE`, or `RELEASE_1`, `RELEASE_2`, … | | share of it that comes out 1, 2, … pixels behind; their sum is at most 1 |
///
/// What has not come out by the next packet that fills the traps joins that packet; what has not by the end of the profile
/// is lost.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TrapTable {
    levels: Vec<OwnLevel>,
}

#[derive(Debug, Clone, PartialEq)]
struct OwnLevel {
    q_e: f64,
    amount_e: f64,
    release: Vec<f32>,
    held: Vec<f32>,
}

impl TrapTable {
    /// Takes levels, each of Q (e), amount (e) and profile, in any order.
    ///
    /// # Errors
    /// [`Error::Traps`] where there are none, profiles differ in length or are empty, a number is negative or not finite,
    /// or a profile gives back more than all.
    pub fn new(levels: impl IntoIterator<Item = (f64, f64, Vec<f64>)>) -> Result<Self> {
        let wrong = |what: String| Err(Error::Traps { what });
        let mut own: Vec<OwnLevel> = Vec::new();
        for (number, (q_e, amount_e, profile)) in levels.into_iter().enumerate() {
            let sum: f64 = profile.iter().sum();
            let sensible = |number: f64| number.is_finite() && number >= 0.0;
            if !sensible(q_e) || !sensible(amount_e) || !profile.iter().all(|share| sensible(*share)) {
                return wrong(format!(
                    "level {number} has a number that is negative or not finite"
                ));
            }
            if sum > 1.0 + 1e-6 {
                return wrong(format!(
                    "the profile of level {number} gives back {sum} of what is trapped, more than all"
                ));
            }
            let length = own.first().map_or(profile.len(), |level| level.release.len());
            if profile.is_empty() || profile.len() != length {
                return wrong(format!(
                    "the profile of level {number} has {} pixels; all need as many, and one at least",
                    profile.len()
                ));
            }
            let held = profile.iter().scan(1.0, |held, share| {
                *held = f64::max(*held - share, 0.0);
                Some(*held as f32)
            });
            own.push(OwnLevel {
                q_e,
                amount_e,
                held: held.collect(),
                release: profile.iter().map(|share| *share as f32).collect(),
            });
        }
        if own.is_empty() {
            return wrong("there are no levels".to_owned());
        }
        own.sort_by(|a, b| a.q_e.total_cmp(&b.q_e));
        Ok(Self { levels: own })
    }

    /// Reads a table of the form above.
    ///
    /// # Errors
    /// As [`TrapTable::new`], and where a column is missing or has no numbers.
    pub fn of_table(table: &Table) -> Result<Self> {
        let numbers = |name: &str| {
            table.reals(name).map_err(|error| Error::Traps {
                what: format!(
                    "{error}; a trap table has the columns Q, AMOUNT and RELEASE (or RELEASE_1, RELEASE_2, …)"
                ),
            })
        };
        let (q, amount) = (numbers("Q")?, numbers("AMOUNT")?);
        let profiles: Vec<Vec<f64>> = match table.find("RELEASE") {
            Some(column) => {
                let shares = numbers("RELEASE")?;
                (0..table.rows())
                    .map(|row| shares.get(column.elements(row)).unwrap_or_default().to_vec())
                    .collect()
            }
            None => {
                let mut columns = vec![numbers("RELEASE_1")?];
                while table.find(&format!("RELEASE_{}", columns.len() + 1)).is_some() {
                    columns.push(numbers(&format!("RELEASE_{}", columns.len() + 1))?);
                }
                (0..table.rows())
                    .map(|row| columns.iter().map(|column| column[row]).collect())
                    .collect()
            }
        };
        Self::new(
            q.into_iter()
                .zip(amount)
                .zip(profiles)
                .map(|((q, amount), profile)| (q, amount, profile)),
        )
    }

    /// The levels as the transfer of an image needs them; `scales` weigh the columns (rows, where charge is moved along
    /// them) in the order of the image.
    fn parameters(
        &self,
        shape: (usize, usize),
        options: &ChargeTransferOptions,
        scales: Option<&[f64]>,
    ) -> Result<CteParameters> {
        let (columns, rows) = match options.register.direction() {
            Direction::Parallel => (shape.1, shape.0),
            Direction::Serial => shape,
        };
        let out_of_range = |parameter, expected, found: String| Error::Parameter {
            parameter,
            expected,
            found,
        };
        let transfers = options.transfers.unwrap_or(rows.max(1));
        if transfers == 0 || options.passes == 0 {
            let found = format!("{transfers} and {}", options.passes);
            return Err(out_of_range("transfers and passes", "at least 1", found));
        }
        if !options.fraction.is_finite() || options.fraction < 0.0 {
            return Err(out_of_range(
                "fraction",
                "0 or more",
                options.fraction.to_string(),
            ));
        }
        let mut scales = match scales {
            None => vec![[1.0; 4]; columns],
            Some(scales)
                if scales.len() == columns
                    && scales.iter().all(|scale| scale.is_finite() && *scale >= 0.0) =>
            {
                scales.iter().map(|scale| [*scale; 4]).collect()
            }
            Some(scales) => {
                let found = format!("{} numbers for {columns}", scales.len());
                return Err(out_of_range(
                    "scales",
                    "a number of 0 or more for each column of packets",
                    found,
                ));
            }
        };
        if options.register.direction() == Direction::Serial {
            // There the column that is farthest from the parallel register comes first.
            scales.reverse();
        }
        let levels = self.levels.iter().map(|level| TrapLevel {
            q_e: level.q_e,
            amount_e: level.amount_e,
            release: &level.release,
            held: &level.held,
        });
        let length = self.levels.first().map_or(0, |level| level.release.len());
        Ok(CteParameters {
            traps: Traps::new(levels, length, options.passes)?,
            scales,
            date0_mjd: 0.0,
            date1_mjd: 0.0,
            fraction: options.fraction * TRANSFERS / transfers as f64,
            iterations: ITERATIONS,
            fix_cosmic_rays: false,
            threshold_e: 0.0,
        })
    }
}

/// How often the readout is simulated to take trails off.
const ITERATIONS: usize = 5;

/// Draws the trails that reading an image (e) out makes. Pixels that are not finite stay so and count as empty.
///
/// `scales` weigh the traps of each column, or of each row where charge is moved along rows.
///
/// # Errors
/// [`Error::Parameter`] where an option is out of its range or `scales` do not fit the image; [`Error::Traps`].
pub fn forward_image(
    image: &Image<f32>,
    table: &TrapTable,
    options: &ChargeTransferOptions,
    scales: Option<&[f64]>,
) -> Result<Image<f32>> {
    let parameters = table.parameters(image.shape(), options, scales)?;
    transferred(image, options.register, 0.0, |readout, frame| {
        let along = Along::new(options.register.direction(), &parameters);
        readout.trail(frame, along, &|_| ControlFlow::Continue(()))?;
        Ok(())
    })
}

/// Takes the trails off that reading an image (e) out made, the inverse of [`forward_image`]. With a `readnoise_e` above
/// 0.1 e noise is taken out first, and put back, for it has no trails.
///
/// # Errors
/// As [`forward_image`]; [`Error::Parameter`] where `readnoise_e` is negative or not finite.
pub fn correct_image(
    image: &Image<f32>,
    table: &TrapTable,
    options: &ChargeTransferOptions,
    scales: Option<&[f64]>,
    readnoise_e: f32,
) -> Result<Image<f32>> {
    let parameters = table.parameters(image.shape(), options, scales)?;
    if !readnoise_e.is_finite() || readnoise_e < 0.0 {
        return Err(Error::Parameter {
            parameter: "readnoise_e",
            expected: "0 or more",
            found: readnoise_e.to_string(),
        });
    }
    transferred(image, options.register, readnoise_e, |readout, frame| {
        let along = Along::new(options.register.direction(), &parameters);
        readout.correct(frame, along, &|_| ControlFlow::Continue(()))?;
        Ok(())
    })
}

fn transferred(
    image: &Image<f32>,
    register: Register,
    readnoise_e: f32,
    act: impl FnOnce(&AmplifierReadout, &mut Frame) -> Result<()>,
) -> Result<Image<f32>> {
    let (ny, nx) = image.shape();
    let mut frame = Frame {
        sci: image.clone(),
        err: Image::filled(ny, nx, 0.0),
        dq: Image::filled(0, 0, 0),
    };
    if ny > 0 && nx > 0 {
        let readout = AmplifierReadout {
            amplifier: Amplifier::C,
            quadrant: Quadrant {
                x0: 0,
                nx,
                ny,
                right: register == Register::Right,
                top: register == Register::Top,
            },
            first_index: 0,
            readnoise_e,
        };
        act(&readout, &mut frame)?;
    }
    Ok(frame.sci)
}
