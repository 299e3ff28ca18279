//! Scenes, traps and exposures with the files that their correction asks for.

use crate::ccd_frames::{Files, Layout, raw};
use firstlight_calibrate::acs::acscte::TrapTable;
use firstlight_calibrate::acs::{Observation, Reference};
use firstlight_frame::Image;
use firstlight_frame::fits::{Array, Column, FitsWriter, Header, Overwrite, Table};

pub const LENGTH: usize = 12;

pub fn random(seed: &mut u64) -> f64 {
    *seed = seed
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) as f64 / (1u64 << 31) as f64
}

/// Sky, noise and some stars.
pub fn scene(ny: usize, nx: usize, seed: u64) -> Image<f32> {
    let mut state = seed;
    Image::from_fn(ny, nx, |_, _| {
        let star = if random(&mut state) > 0.99 {
            3000.0 * random(&mut state)
        } else {
            0.0
        };
        (30.0 + 12.0 * random(&mut state) + star) as f32
    })
}

pub fn profile() -> Vec<f64> {
    (0..LENGTH).map(|pixel| 0.3 * 0.7f64.powi(pixel as i32)).collect()
}

pub fn traps() -> TrapTable {
    let levels = [2.0, 10.0, 25.0, 33.0, 36.5, 40.0, 60.0, 200.0, 800.0, 2500.0];
    TrapTable::new(levels.map(|q| (q, 1.5, profile()))).unwrap()
}

/// Two chips of 40 x 80 pixels without overscan.
pub fn layouts() -> [Layout; 2] {
    let whole = Layout {
        shape: (40, 80),
        ltv: (0.0, 0.0),
        ampx: 40,
        ..Layout::lower()
    };
    [whole, Layout { number: 1, ..whole }]
}

pub fn exposure(expstart: f64) -> Observation {
    let scenes = [scene(40, 80, 21), scene(40, 80, 22)];
    let mut exposure = raw("WFC", "ABCD", &layouts(), |x, y, number| {
        scenes[number as usize - 1].row(y)[x]
    });
    for (keyword, value) in [("BLEVCORR", "COMPLETE"), ("PCTECORR", "PERFORM")] {
        exposure.primary.set(keyword, value, None).unwrap();
    }
    exposure.primary.set("EXPSTART", expstart, None).unwrap();
    for chip in &mut exposure.chips {
        chip.sci.set("BUNIT", "ELECTRONS", None).unwrap();
        chip.frame.err = Image::filled(40, 80, 5.0);
    }
    exposure
}

pub const BEFORE_SM4: f64 = 53807.0;
pub const AFTER_SM4: f64 = 57400.0;

/// CCDTAB, and a PCTETAB with a level at every 10 e whose traps take 40 e of a packet that goes through 2048 pixels.
pub fn files(name: Option<&str>, edit: impl Fn(&mut Header)) -> Files {
    let mut files = Files::new();
    files.ccdtab("WFC", "ABCD", &layouts());
    let mut primary = Files::primary("WFC", "INFLIGHT");
    if let Some(name) = name {
        primary.set("CTE_NAME", name, None).unwrap();
    }
    primary.set("CTE_VER", "3.0", None).unwrap();
    for (keyword, value) in [("PCTERNOI", 4.3), ("PCTETRSH", -10.0)] {
        primary.set(keyword, value, None).unwrap();
    }
    for (keyword, value) in [("PCTENSMD", 0), ("FIXROCR", 1)] {
        primary.set(keyword, value, None).unwrap();
    }
    edit(&mut primary);
    let levels = 90;
    let mut writer = FitsWriter::create(files.path("PCTETAB"), Overwrite::Replace).unwrap();
    writer.empty_primary(&primary).unwrap();
    for version in 1i64..=5 {
        let header = |name: &str| {
            let mut header = Header::new();
            header.set("EXTNAME", name, None).unwrap();
            header.set("EXTVER", version, None).unwrap();
            for (keyword, value) in [("CTEDATE0", 52334.0), ("CTEDATE1", 57710.0)] {
                header.set(keyword, value, None).unwrap();
            }
            for (keyword, value) in [("PCTETLEN", LENGTH as i64), ("PCTENFOR", 5), ("PCTENPAR", 4)] {
                header.set(keyword, value, None).unwrap();
            }
            header
        };
        let mut q: Vec<i32> = (1..=levels).map(|level| 10 * level).collect();
        q.push(999_999);
        let n = q.len();
        let qprof = Table::new().with(Column::i32("QLEV_Q", q)).unwrap();
        let qprof = qprof.with(Column::f32("DPDE_W", vec![40.0; n])).unwrap();
        writer.table(&header("QPROF"), &qprof).unwrap();
        let mut scales = Table::new().with(Column::i16("IZ", (0..8192).collect())).unwrap();
        for row in ["0512", "1024", "1536", "2048"] {
            scales
                .push(Column::f32(format!("SENS_{row}"), vec![1.0; 8192]))
                .unwrap();
        }
        writer.table(&header("SCLBYCOL"), &scales).unwrap();
        let mut held = 1.0;
        let mut cumulative = Vec::new();
        let mut differential = Vec::new();
        for share in profile() {
            held -= share;
            differential.extend(vec![share as f32; n]);
            cumulative.extend(vec![held as f32; n]);
        }
        for (name, data) in [("RPROF", differential), ("CPROF", cumulative)] {
            writer
                .image(
                    &header(name),
                    &Array {
                        shape: vec![LENGTH, n],
                        data,
                    },
                )
                .unwrap();
        }
    }
    writer.finish().unwrap();
    let reference = Reference::open("PCTETAB", "jref$test_cte.fits", &files.path("PCTETAB")).unwrap();
    files.references.add(reference);
    files
}

pub const NAME: Option<&str> = Some("Par/Serial PixelCTE 2023");
