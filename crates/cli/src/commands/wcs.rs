//! `firstlight wcs`

use crate::Global;
use crate::output::{self, Outcome};
use clap::{Args, Subcommand};
use firstlight::Result;
use firstlight::wcs::{self, Description, Position};
use std::path::PathBuf;

/// Between pixels and the sky.
#[derive(Args)]
pub struct WcsCommand {
    #[command(subcommand)]
    direction: Direction,
}

#[derive(Subcommand)]
enum Direction {
    /// Sky positions of pixels.
    Sky(Sky),
    /// Pixels of sky positions.
    Pixel(Pixel),
}

#[derive(Args)]
#[command(after_help = "Examples:\n  firstlight wcs sky j8bt06nyq_flt.fits 511,511 0,0")]
struct Sky {
    /// FITS file.
    file: PathBuf,
    /// Pixel positions x,y; 0-based, integers are pixel centres. Put -- before one that begins with a minus.
    #[arg(required = true, value_name = "X,Y")]
    pixels: Vec<String>,
    #[command(flatten)]
    which: Description,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight wcs pixel j8bt06nyq_flt.fits 5.655,-72.073 00:22:37.2,-72:04:14"
)]
struct Pixel {
    /// FITS file.
    file: PathBuf,
    /// Sky positions ra,dec: degrees, or hh:mm:ss.s,±dd:mm:ss.s.
    #[arg(required = true, value_name = "RA,DEC")]
    positions: Vec<String>,
    #[command(flatten)]
    which: Description,
}

impl WcsCommand {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let positions = match self.direction {
            Direction::Sky(Sky { file, pixels, which }) => {
                let pixels = pixels
                    .iter()
                    .map(|text| wcs::parse_pixel(text))
                    .collect::<Result<Vec<_>>>()?;
                wcs::sky(file, &which, &pixels)?
            }
            Direction::Pixel(Pixel {
                file,
                positions,
                which,
            }) => {
                let sky = positions
                    .iter()
                    .map(|text| wcs::parse_sky(text))
                    .collect::<Result<Vec<_>>>()?;
                wcs::pixel(file, &which, &sky)?
            }
        };
        output::result(&positions, global.json, || as_text(&positions));
        Ok(Outcome::Done)
    }
}

/// Pixels to 0.0001, positions to 1e-9 degrees: what the transformations are tested to, and finer.
fn as_text(positions: &[Position]) -> String {
    let mut text = format!("{:>14} {:>14} {:>15} {:>15}\n", "x", "y", "ra", "dec");
    for Position { x, y, ra, dec } in positions {
        text.push_str(&format!("{x:14.4} {y:14.4} {ra:15.9} {dec:15.9}\n"));
    }
    text
}
