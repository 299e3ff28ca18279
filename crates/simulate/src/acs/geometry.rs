//! Which part of which chip is read through which amplifier, and where it lands in the raw image.

use super::camera::{Amplifier, Detector, Era};
use serde::{Deserialize, Serialize};

/// A subarray of the WFC: a square at the corner of one amplifier, which alone reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[allow(missing_docs)]
pub enum Subarray {
    /// 1024 pixels of chip 1, amplifier B; before SM4.
    #[serde(rename = "wfc1-1k")]
    #[cfg_attr(feature = "clap", value(name = "wfc1-1k"))]
    Chip1Side1k,
    /// 1024 pixels of chip 2, amplifier C; before SM4.
    #[serde(rename = "wfc2-1k")]
    #[cfg_attr(feature = "clap", value(name = "wfc2-1k"))]
    Chip2Side1k,
    /// 2048 pixels of chip 1, amplifier B; before SM4.
    #[serde(rename = "wfc1-2k")]
    #[cfg_attr(feature = "clap", value(name = "wfc1-2k"))]
    Chip1Side2k,
    /// 2048 pixels of chip 2, amplifier C; before SM4.
    #[serde(rename = "wfc2-2k")]
    #[cfg_attr(feature = "clap", value(name = "wfc2-2k"))]
    Chip2Side2k,
    /// 1024 pixels at amplifier A; after SM4.
    #[serde(rename = "wfc1a-1k")]
    #[cfg_attr(feature = "clap", value(name = "wfc1a-1k"))]
    A1k,
    /// 1024 pixels at amplifier B; after SM4.
    #[serde(rename = "wfc1b-1k")]
    #[cfg_attr(feature = "clap", value(name = "wfc1b-1k"))]
    B1k,
    /// 1024 pixels at amplifier C; after SM4.
    #[serde(rename = "wfc2c-1k")]
    #[cfg_attr(feature = "clap", value(name = "wfc2c-1k"))]
    C1k,
    /// 1024 pixels at amplifier D; after SM4.
    #[serde(rename = "wfc2d-1k")]
    #[cfg_attr(feature = "clap", value(name = "wfc2d-1k"))]
    D1k,
    /// 2048 pixels at amplifier A, with virtual overscan; after SM4.
    #[serde(rename = "wfc1a-2k")]
    #[cfg_attr(feature = "clap", value(name = "wfc1a-2k"))]
    A2k,
    /// 2048 pixels at amplifier B, with virtual overscan; after SM4.
    #[serde(rename = "wfc1b-2k")]
    #[cfg_attr(feature = "clap", value(name = "wfc1b-2k"))]
    B2k,
    /// 2048 pixels at amplifier C, with virtual overscan; after SM4.
    #[serde(rename = "wfc2c-2k")]
    #[cfg_attr(feature = "clap", value(name = "wfc2c-2k"))]
    C2k,
    /// 2048 pixels at amplifier D, with virtual overscan; after SM4.
    #[serde(rename = "wfc2d-2k")]
    #[cfg_attr(feature = "clap", value(name = "wfc2d-2k"))]
    D2k,
}

impl Subarray {
    /// Aperture, era and amplifier.
    fn facts(self) -> (&'static str, Era, Amplifier) {
        use Amplifier::{A, B, C, D};
        use Era::{AfterSm4, BeforeSm4};
        match self {
            Subarray::Chip1Side1k => ("WFC1-1K", BeforeSm4, B),
            Subarray::Chip2Side1k => ("WFC2-1K", BeforeSm4, C),
            Subarray::Chip1Side2k => ("WFC1-2K", BeforeSm4, B),
            Subarray::Chip2Side2k => ("WFC2-2K", BeforeSm4, C),
            Subarray::A1k => ("WFC1A-1K", AfterSm4, A),
            Subarray::B1k => ("WFC1B-1K", AfterSm4, B),
            Subarray::C1k => ("WFC2C-1K", AfterSm4, C),
            Subarray::D1k => ("WFC2D-1K", AfterSm4, D),
            Subarray::A2k => ("WFC1A-2K", AfterSm4, A),
            Subarray::B2k => ("WFC1B-2K", AfterSm4, B),
            Subarray::C2k => ("WFC2C-2K", AfterSm4, C),
            Subarray::D2k => ("WFC2D-2K", AfterSm4, D),
        }
    }

    /// As in `APERTURE`.
    pub fn aperture(self) -> &'static str {
        self.facts().0
    }

    /// The era in which it is used.
    pub fn era(self) -> Era {
        self.facts().1
    }

    /// The amplifier that reads it.
    pub fn amplifier(self) -> Amplifier {
        self.facts().2
    }

    /// That of the same size and era on the other chip.
    fn across(self) -> Self {
        use Subarray::{
            A1k, A2k, B1k, B2k, C1k, C2k, Chip1Side1k, Chip1Side2k, Chip2Side1k, Chip2Side2k, D1k, D2k,
        };
        match self {
            Chip1Side1k => Chip2Side1k,
            Chip2Side1k => Chip1Side1k,
            Chip1Side2k => Chip2Side2k,
            Chip2Side2k => Chip1Side2k,
            A1k => C1k,
            B1k => D1k,
            C1k => A1k,
            D1k => B1k,
            A2k => C2k,
            B2k => D2k,
            C2k => A2k,
            D2k => B2k,
        }
    }

    /// Imaging columns and rows, prescan columns, virtual rows.
    fn extent(self) -> (usize, usize, usize, usize) {
        let large = self.aperture().ends_with("2K");
        match (large, self.era()) {
            (false, Era::BeforeSm4) => (1024, 1024, 22, 0),
            (true, Era::BeforeSm4) => (2048, 2046, 22, 0),
            (false, Era::AfterSm4) => (1024, 1024, 24, 0),
            (true, Era::AfterSm4) => (2048, 2048, 24, 20),
        }
    }
}

/// One imset: what is read of one chip.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// EXTVER.
    pub version: i64,
    /// CCDCHIP; `None` where the detector has one chip alone.
    pub chip: Option<i64>,
    /// First imaging column and row on the chip.
    pub origin: (usize, usize),
    /// Imaging pixels `(ny, nx)`.
    pub shape: (usize, usize),
    /// Prescan columns at the left and at the right.
    pub prescan: (usize, usize),
    /// Virtual rows below and above.
    pub virtual_rows: (usize, usize),
    /// What each amplifier reads, from left to right.
    pub regions: Vec<Region>,
}

/// Columns of the raw image that one amplifier reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// The amplifier.
    pub amplifier: Amplifier,
    /// First raw column.
    pub first: usize,
    /// Number of raw columns.
    pub columns: usize,
    /// How many of them are read before the first imaging column.
    pub prescan: usize,
    /// Imaging columns.
    pub imaging: usize,
}

impl Section {
    /// Shape `(ny, nx)` of the raw image.
    pub fn raw_shape(&self) -> (usize, usize) {
        let (ny, nx) = self.shape;
        (
            ny + self.virtual_rows.0 + self.virtual_rows.1,
            nx + self.prescan.0 + self.prescan.1,
        )
    }

    /// `LTV1`, `LTV2` of the raw image.
    pub fn raw_ltv(&self) -> (f64, f64) {
        (
            self.prescan.0 as f64 - self.origin.0 as f64,
            self.virtual_rows.0 as f64 - self.origin.1 as f64,
        )
    }

    /// The raw row that is read `j`-th: rows go towards the amplifiers.
    pub fn raw_row(&self, j: usize) -> usize {
        if self.is_read_from_the_top() {
            self.raw_shape().0 - 1 - j
        } else {
            j
        }
    }

    /// Whether the amplifiers sit above.
    pub fn is_read_from_the_top(&self) -> bool {
        self.regions.iter().any(|region| region.amplifier.is_top())
    }

    /// 1 for the WFC's chip 1, otherwise 2: that with amplifiers C and D.
    pub fn chip_number(&self) -> i64 {
        self.chip.unwrap_or(2)
    }
}

impl Region {
    /// The raw column that is read `i`-th.
    pub fn raw_column(&self, i: usize) -> usize {
        if self.amplifier.is_right() {
            self.first + self.columns - 1 - i
        } else {
            self.first + i
        }
    }
}

/// Rows between the imaging areas of the WFC's chips, pixels.
pub const CHIP_GAP: f64 = 50.0;

/// The imsets of an exposure, in the order of their EXTVER.
pub fn sections(detector: Detector, subarray: Option<Subarray>) -> Vec<Section> {
    match (detector, subarray) {
        (Detector::Wfc, None) => vec![full_wfc(1, 2), full_wfc(2, 1)],
        (Detector::Wfc, Some(subarray)) => vec![corner(subarray)],
        (Detector::Hrc, _) => vec![hrc()],
        (Detector::Sbc, _) => vec![sbc()],
    }
}

/// The imsets of reference images: always of both chips of the WFC, as the instrument's have them and other programs
/// expect: chip 2 is the first, chip 1 the second. Of a subarray the other chip has that of the same size.
pub fn of_both_chips(detector: Detector, subarray: Option<Subarray>) -> Vec<Section> {
    let Some(subarray) = subarray else {
        return sections(detector, None);
    };
    let mut both = [corner(subarray), corner(subarray.across())];
    both.sort_by_key(|section| std::cmp::Reverse(section.chip));
    for (version, section) in (1..).zip(&mut both) {
        section.version = version;
    }
    both.to_vec()
}

/// The whole chip of which a section is a part, overscan included.
pub fn whole(section: &Section) -> Section {
    match section.chip {
        Some(chip) => full_wfc(section.version, chip),
        None => section.clone(),
    }
}

fn full_wfc(version: i64, chip: i64) -> Section {
    let (left, right) = if chip == 1 {
        (Amplifier::A, Amplifier::B)
    } else {
        (Amplifier::C, Amplifier::D)
    };
    let region = |amplifier, first| Region {
        amplifier,
        first,
        columns: 24 + 2048,
        prescan: 24,
        imaging: 2048,
    };
    Section {
        version,
        chip: Some(chip),
        origin: (0, 0),
        shape: Detector::Wfc.chip_shape(),
        prescan: (24, 24),
        virtual_rows: if chip == 1 { (20, 0) } else { (0, 20) },
        regions: vec![region(left, 0), region(right, 24 + 2048)],
    }
}

fn corner(subarray: Subarray) -> Section {
    let (columns, rows, prescan, virtual_rows) = subarray.extent();
    let amplifier = subarray.amplifier();
    let (chip_ny, chip_nx) = Detector::Wfc.chip_shape();
    let x0 = if amplifier.is_right() {
        chip_nx - columns
    } else {
        0
    };
    let y0 = if amplifier.is_top() { chip_ny - rows } else { 0 };
    Section {
        version: 1,
        chip: Some(if amplifier.is_top() { 1 } else { 2 }),
        origin: (x0, y0),
        shape: (rows, columns),
        prescan: if amplifier.is_right() {
            (0, prescan)
        } else {
            (prescan, 0)
        },
        virtual_rows: if amplifier.is_top() {
            (virtual_rows, 0)
        } else {
            (0, virtual_rows)
        },
        regions: vec![Region {
            amplifier,
            first: 0,
            columns: prescan + columns,
            prescan,
            imaging: columns,
        }],
    }
}

fn hrc() -> Section {
    Section {
        version: 1,
        chip: None,
        origin: (0, 0),
        shape: Detector::Hrc.chip_shape(),
        prescan: (19, 19),
        virtual_rows: (0, 20),
        regions: vec![Region {
            amplifier: Amplifier::C,
            first: 0,
            columns: 19 + 1024 + 19,
            prescan: 19,
            imaging: 1024,
        }],
    }
}

fn sbc() -> Section {
    Section {
        version: 1,
        chip: None,
        origin: (0, 0),
        shape: Detector::Sbc.chip_shape(),
        prescan: (0, 0),
        virtual_rows: (0, 0),
        regions: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_raw_pixel_is_read_once_and_through_the_near_amplifier() {
        let after = [Subarray::A1k, Subarray::B2k, Subarray::C2k, Subarray::D1k];
        let before = [Subarray::Chip1Side1k, Subarray::Chip2Side2k];
        let mut all = sections(Detector::Wfc, None);
        all.extend(sections(Detector::Hrc, None));
        for subarray in after.into_iter().chain(before) {
            all.extend(sections(Detector::Wfc, Some(subarray)));
        }
        for section in all {
            let (ny, nx) = section.raw_shape();
            let mut reads = vec![0; nx];
            for region in &section.regions {
                (0..region.columns).for_each(|i| reads[region.raw_column(i)] += 1);
                let first = region.raw_column(0);
                assert_eq!(first, if region.amplifier.is_right() { nx - 1 } else { 0 });
                let row = section.raw_row(0);
                assert_eq!(row, if region.amplifier.is_top() { ny - 1 } else { 0 });
            }
            assert!(reads.iter().all(|&n| n == 1), "{section:?}");
        }
    }

    #[test]
    fn references_have_both_chips_in_their_order() {
        let after = [Subarray::A1k, Subarray::B1k, Subarray::C2k, Subarray::D2k];
        let before = [Subarray::Chip1Side1k, Subarray::Chip2Side2k];
        for subarray in after.into_iter().chain(before) {
            let own = &sections(Detector::Wfc, Some(subarray))[0];
            let both = of_both_chips(Detector::Wfc, Some(subarray));
            let named: Vec<_> = both.iter().map(|of| (of.version, of.chip)).collect();
            assert_eq!(named, [(1, Some(2)), (2, Some(1))]);
            assert_eq!(both[0].shape, both[1].shape);
            let same = both.iter().find(|of| of.chip == own.chip).unwrap();
            assert_eq!(
                (same.origin, &same.regions, same.prescan),
                (own.origin, &own.regions, own.prescan)
            );
        }
    }

    #[test]
    fn shapes_are_those_of_the_instrument() {
        let shape = |subarray| {
            let section = &sections(Detector::Wfc, Some(subarray))[0];
            (section.raw_shape(), section.raw_ltv())
        };
        assert_eq!(shape(Subarray::Chip1Side1k), ((1024, 1046), (-3072.0, -1024.0)));
        assert_eq!(shape(Subarray::A2k), ((2068, 2072), (24.0, 20.0)));
        assert_eq!(shape(Subarray::D1k), ((1024, 1048), (-3072.0, 0.0)));
        let full = sections(Detector::Wfc, None);
        assert_eq!(full[0].raw_shape(), (2068, 4144));
        assert_eq!((full[0].chip, full[1].raw_ltv()), (Some(2), (24.0, 20.0)));
        assert_eq!(sections(Detector::Hrc, None)[0].raw_shape(), (1044, 1062));
    }
}
