//! The CTE correction and its forward model: against a readout written plainly, against each other, and on frames in small.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod ccd_frames;

use ccd_frames::{Files, Layout, READNOISE, raw};
use firstlight_calibrate::Error;
use firstlight_calibrate::acs::acscte::{
    AcscteOptions, ChargeTransferOptions, CteForwardOptions, Register, TrapTable, acscte, columns,
    correct_image, forward, forward_columns, forward_image,
};
use firstlight_calibrate::acs::{Observation, Outcome, Reference};
use firstlight_frame::fits::{Array, Column, FitsWriter, Header, Overwrite, Table};
use firstlight_frame::{Frame, Image};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

const LENGTH: usize = 12;

fn random(seed: &mut u64) -> f64 {
    *seed = seed
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) as f64 / (1u64 << 31) as f64
}

/// Sky, noise and some stars.
fn scene(ny: usize, nx: usize, seed: u64) -> Image<f32> {
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

fn profile() -> Vec<f64> {
    (0..LENGTH).map(|pixel| 0.3 * 0.7f64.powi(pixel as i32)).collect()
}

fn traps() -> TrapTable {
    let levels = [2.0, 10.0, 25.0, 33.0, 36.5, 40.0, 60.0, 200.0, 800.0, 2500.0];
    TrapTable::new(levels.map(|q| (q, 1.5, profile()))).unwrap()
}

/// The readout of one column towards its first pixel, told plainly: for each level from the highest down, what the traps
/// hold is followed from packet to packet.
fn read_plainly(column: &[f32], passes: usize) -> Vec<f64> {
    let mut packets: Vec<f64> = column.iter().map(|v| f64::from(*v)).collect();
    let rows = packets.len() as f64;
    for _ in 0..passes {
        for q in [2500.0, 800.0, 200.0, 60.0, 40.0, 36.5, 33.0, 25.0, 10.0, 2.0] {
            let mut filled: Option<(usize, f64)> = None;
            for (i, packet) in packets.iter_mut().enumerate() {
                let mut change = 0.0;
                let fills = *packet >= q;
                if let Some((at, taken)) = filled.filter(|(at, _)| i - at <= LENGTH) {
                    change += profile()[i - at - 1] * taken;
                    if fills {
                        change += (1.0 - profile()[..i - at].iter().sum::<f64>()) * taken;
                    }
                }
                if fills {
                    let taken = 1.5 * (i + 1) as f64 / rows / passes as f64;
                    change -= taken;
                    filled = Some((i, taken));
                }
                *packet += change;
            }
        }
    }
    packets
}

#[test]
fn the_forward_model_is_the_readout() {
    for (ny, seed) in [(200, 1), (64, 2), (13, 3), (1, 4)] {
        let image = scene(ny, 5, seed);
        let options = ChargeTransferOptions {
            passes: 3,
            ..Default::default()
        };
        let trailed = forward_image(&image, &traps(), &options, None).unwrap();
        for x in 0..image.nx() {
            let column: Vec<f32> = (0..ny).map(|y| image.row(y)[x]).collect();
            for (y, expected) in read_plainly(&column, 3).into_iter().enumerate() {
                let found = f64::from(trailed.row(y)[x]);
                assert!(
                    (found - expected).abs() < 1e-4 + 1e-6 * expected,
                    "{x},{y}: {found}, {expected}"
                );
            }
        }
    }
}

#[test]
fn trails_point_away_from_the_register() {
    let at = 40;
    let star = Image::from_fn(81, 81, |x, y| if (x, y) == (at, at) { 50000.0 } else { 0.0 });
    for (register, dx, dy) in [
        (Register::Bottom, 0, 1),
        (Register::Top, 0, -1),
        (Register::Left, 1, 0),
        (Register::Right, -1, 0),
    ] {
        let options = ChargeTransferOptions {
            register,
            ..Default::default()
        };
        let trailed = forward_image(&star, &traps(), &options, None).unwrap();
        let beside = |n: i64| {
            *trailed
                .get((at as i64 + n * dx) as usize, (at as i64 + n * dy) as usize)
                .unwrap()
        };
        assert!(
            beside(0) < 50000.0 && beside(1) > beside(2) && beside(2) > 0.0,
            "{register}"
        );
        assert_eq!(beside(-1), 0.0, "{register}");
        for (i, (before, after)) in star.as_slice().iter().zip(trailed.as_slice()).enumerate() {
            let on_the_line = if dx == 0 { i % 81 == at } else { i / 81 == at };
            assert!(on_the_line || before == after, "{register} {i}");
        }
    }
}

#[test]
fn weights_of_columns_lie_where_the_image_has_them() {
    let image = Image::filled(60, 4, 500.0);
    for register in [Register::Bottom, Register::Top, Register::Left, Register::Right] {
        let image = match register {
            Register::Bottom | Register::Top => image.clone(),
            _ => Image::filled(4, 60, 500.0),
        };
        let options = ChargeTransferOptions {
            register,
            ..Default::default()
        };
        let trailed = forward_image(&image, &traps(), &options, Some(&[0.0, 1.0, 0.0, 0.0])).unwrap();
        for (i, (before, after)) in image.as_slice().iter().zip(trailed.as_slice()).enumerate() {
            let line = if image.nx() == 4 { i % 4 } else { i / 60 };
            assert!(line == 1 || before == after, "{register} {i}");
        }
        assert_ne!(image, trailed);
    }
}

#[test]
fn correcting_undoes_the_readout() {
    let image = scene(300, 40, 7);
    for register in [Register::Bottom, Register::Right] {
        let options = ChargeTransferOptions {
            register,
            ..Default::default()
        };
        let trailed = forward_image(&image, &traps(), &options, None).unwrap();
        let corrected = correct_image(&trailed, &traps(), &options, None, 0.0).unwrap();
        let rms = |other: &Image<f32>| {
            let squares = image.as_slice().iter().zip(other.as_slice());
            let squares = squares.map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>();
            (squares / image.len() as f64).sqrt()
        };
        assert!(rms(&trailed) > 0.3, "{}", rms(&trailed));
        assert!(
            rms(&corrected) < 0.25 * rms(&trailed),
            "{} {}",
            rms(&corrected),
            rms(&trailed)
        );
    }
}

#[test]
fn pixels_that_are_not_finite_spoil_no_others() {
    let mut image = scene(100, 3, 9);
    image.row_mut(50)[1] = f32::NAN;
    image.row_mut(70)[2] = f32::INFINITY;
    let options = ChargeTransferOptions::default();
    for result in [
        forward_image(&image, &traps(), &options, None).unwrap(),
        correct_image(&image, &traps(), &options, None, 4.0).unwrap(),
    ] {
        assert!(result.row(50)[1].is_nan());
        assert_eq!(result.row(70)[2], f32::INFINITY);
        assert_eq!(result.as_slice().iter().filter(|v| !v.is_finite()).count(), 2);
    }
}

#[test]
fn trap_tables_are_read_and_nonsense_is_refused() {
    let columns = || {
        vec![
            Column::f64("Q", vec![10.0, 100.0]),
            Column::f64("AMOUNT", vec![1.0, 2.0]),
        ]
    };
    let table = |more: Vec<Column>| {
        let mut table = Table::new();
        columns()
            .into_iter()
            .chain(more)
            .for_each(|column| table.push(column).unwrap());
        table
    };
    let scalars = table(vec![
        Column::f64("RELEASE_1", vec![0.5, 0.4]),
        Column::f64("RELEASE_2", vec![0.2, 0.1]),
    ]);
    let data = firstlight_frame::fits::ColumnData::F64(vec![0.5, 0.2, 0.4, 0.1]);
    let arrays = table(vec![Column::array("RELEASE", vec![2], data).unwrap()]);
    let expected = TrapTable::new([(10.0, 1.0, vec![0.5, 0.2]), (100.0, 2.0, vec![0.4, 0.1])]).unwrap();
    assert_eq!(TrapTable::of_table(&scalars).unwrap(), expected);
    assert_eq!(TrapTable::of_table(&arrays).unwrap(), expected);
    assert!(
        TrapTable::of_table(&table(vec![]))
            .unwrap_err()
            .to_string()
            .contains("RELEASE")
    );

    for levels in [
        vec![],
        vec![(1.0, 1.0, vec![])],
        vec![(f64::NAN, 1.0, vec![0.5])],
        vec![(1.0, -1.0, vec![0.5])],
        vec![(1.0, 1.0, vec![0.5, 0.6])],
        vec![(1.0, 1.0, vec![0.5]), (2.0, 1.0, vec![0.5, 0.1])],
    ] {
        assert!(
            matches!(TrapTable::new(levels.clone()), Err(Error::Traps { .. })),
            "{levels:?}"
        );
    }
    let image = scene(10, 10, 1);
    let refused = |options: ChargeTransferOptions, scales: Option<&[f64]>| {
        let found = forward_image(&image, &traps(), &options, scales);
        assert!(matches!(found, Err(Error::Parameter { .. })), "{found:?}");
    };
    refused(
        ChargeTransferOptions {
            passes: 0,
            ..Default::default()
        },
        None,
    );
    refused(
        ChargeTransferOptions {
            transfers: Some(0),
            ..Default::default()
        },
        None,
    );
    refused(
        ChargeTransferOptions {
            fraction: f64::NAN,
            ..Default::default()
        },
        None,
    );
    refused(ChargeTransferOptions::default(), Some(&[1.0; 9]));
    assert!(correct_image(&image, &traps(), &Default::default(), None, -1.0).is_err());
    let empty = Image::filled(0, 5, 0.0);
    assert_eq!(
        forward_image(&empty, &traps(), &Default::default(), None).unwrap(),
        empty
    );
    assert!("sideways".parse::<Register>().is_err());
}

/// Two chips of 40 x 80 pixels without overscan.
fn layouts() -> [Layout; 2] {
    let whole = Layout {
        shape: (40, 80),
        ltv: (0.0, 0.0),
        ampx: 40,
        ..Layout::lower()
    };
    [whole, Layout { number: 1, ..whole }]
}

fn exposure(expstart: f64) -> Observation {
    let scenes = [scene(40, 80, 21), scene(40, 80, 22)];
    let mut exposure = raw("WFC", "ABCD", &layouts(), |x, y, number| {
        scenes[number as usize - 1].row(y)[x]
    });
    for (keyword, value) in [("BLEVCORR", "COMPLETE"), ("PCTECORR", "PERFORM")] {
        exposure.primary.set(keyword, value, None).unwrap();
    }
    exposure.primary.set("EXPSTART", expstart, None).unwrap();
    for chip in &mut exposure.chips {
        chip.frame.err = Image::filled(40, 80, 5.0);
    }
    exposure
}

const BEFORE_SM4: f64 = 53807.0;
const AFTER_SM4: f64 = 57400.0;

/// CCDTAB, and a PCTETAB with a level at every 10 e whose traps take 40 e of a packet that goes through 2048 pixels.
fn files(name: Option<&str>, edit: impl Fn(&mut Header)) -> Files {
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

const NAME: Option<&str> = Some("Par/Serial PixelCTE 2023");

fn threaded<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
        .install(work)
}

fn distance(a: &Frame, b: &Frame) -> f64 {
    a.sci
        .as_slice()
        .iter()
        .zip(b.sci.as_slice())
        .map(|(a, b)| f64::from(a - b).powi(2))
        .sum::<f64>()
        .sqrt()
}

#[test]
fn the_stage_undoes_the_forward_model_on_any_number_of_threads() {
    for (expstart, transfers) in [(BEFORE_SM4, 4), (AFTER_SM4, 8)] {
        let files = files(NAME, |_| ());
        let truth = exposure(expstart);
        let mut trailed = truth.clone();
        let told = AtomicU64::new(0);
        let tell = |n| {
            told.fetch_add(n, Ordering::Relaxed);
            ControlFlow::Continue(())
        };
        let report = forward(
            &mut trailed,
            &files.references,
            &CteForwardOptions::default(),
            &tell,
        )
        .unwrap();
        assert_eq!(report.transfers.len(), transfers);
        assert_eq!(told.swap(0, Ordering::Relaxed), forward_columns(&truth));

        let correct = |threads| {
            let mut corrected = trailed.clone();
            let report = threaded(threads, || {
                acscte(
                    &mut corrected,
                    &files.references,
                    &AcscteOptions::default(),
                    &tell,
                )
                .unwrap()
            });
            (corrected, report)
        };
        let (corrected, report) = correct(1);
        assert_eq!(told.load(Ordering::Relaxed), columns(&trailed));
        assert_eq!(report.outcome, Outcome::Complete);
        assert_eq!(report.corrections.len(), transfers);
        let (again, again_report) = correct(3);
        assert_eq!(report, again_report);
        for (number, chip) in corrected.chips.iter().enumerate() {
            assert_eq!(chip.frame, again.chips[number].frame);
            let of =
                |exposure: &Observation| distance(&exposure.chips[number].frame, &truth.chips[number].frame);
            // Where a change is small beside the readout noise, part of it is left.
            assert!(
                of(&trailed) > 20.0 && of(&corrected) < 0.2 * of(&trailed),
                "{} {}",
                of(&corrected),
                of(&trailed)
            );
            assert_eq!(chip.frame.dq, truth.chips[number].frame.dq);
            let errors = chip
                .frame
                .err
                .as_slice()
                .iter()
                .zip(trailed.chips[number].frame.err.as_slice());
            assert!(
                errors.clone().all(|(after, before)| after >= before) && errors.clone().any(|(a, b)| a > b)
            );
        }
    }
}

#[test]
fn each_amplifier_pulls_to_its_corner() {
    let files = files(NAME, |_| ());
    let mut stars = exposure(AFTER_SM4);
    for chip in &mut stars.chips {
        chip.frame.sci = Image::from_fn(40, 80, |x, y| if (x % 40, y) == (20, 20) { 800.0 } else { 0.0 });
    }
    forward(
        &mut stars,
        &files.references,
        &CteForwardOptions::default(),
        &|_| ControlFlow::Continue(()),
    )
    .unwrap();
    for chip in &stars.chips {
        // Chip 1 is read out upwards, so its trails point down; the right half to the right, so they point left.
        let dy: i64 = if chip.number() == 1 { -1 } else { 1 };
        for (x, dx) in [(20i64, 1i64), (60, -1)] {
            let at = |x: i64, y: i64| *chip.frame.sci.get(x as usize, y as usize).unwrap();
            assert!(
                at(x, 20 + dy) > 0.0 && at(x, 20 - dy) == 0.0,
                "chip {} x {x}",
                chip.number()
            );
            assert!(
                at(x + dx, 20) > 0.0 && at(x - dx, 20) == 0.0,
                "chip {} x {x}",
                chip.number()
            );
        }
    }
}

#[test]
fn what_was_done_is_recorded() {
    let files = files(NAME, |_| ());
    let mut observation = exposure(AFTER_SM4);
    observation.primary.set("PCTENFOR", 3, None).unwrap();
    observation
        .primary
        .set("PCTEFRAC", 0.0, Some("a comment"))
        .unwrap();
    let report = acscte(
        &mut observation,
        &files.references,
        &AcscteOptions::default(),
        &|_| ControlFlow::Continue(()),
    )
    .unwrap();
    let fraction = (AFTER_SM4 - 52334.0) / (57710.0 - 52334.0);
    assert!((report.fraction - fraction).abs() < 1e-12);
    let primary = &observation.primary;
    assert_eq!(primary.text("PCTECORR").unwrap(), "COMPLETE");
    assert_eq!(primary.real("PCTEFRAC").unwrap(), fraction);
    assert_eq!(primary.integer("PCTENFOR").unwrap(), 3);
    assert_eq!(primary.text("CTE_NAME").unwrap(), NAME.unwrap());
    assert_eq!(primary.text("CTE_VER").unwrap(), "3.0");
    let history = primary.commentary("HISTORY");
    for line in [
        "CORRTYPE parallel CTE correction type",
        "CORRTYPE serial - Amp C CTE correction type",
        "FIXROCR            1 fix readout cosmic rays",
        "PCTETRSH  -1.000000000000E+01 CTE over subtraction threshold",
        "PCTENPAR            4 Number of iter in parallel transfer",
        "PCTECORR complete ...",
        "PCTERNOI  3.0000000E+00 Amp 'C' read noise clip limit (from CCDTAB).",
        "  reference table jref$test_cte.fits",
    ] {
        assert!(history.iter().any(|found| found == line), "{line}: {history:#?}");
    }
    assert_eq!(READNOISE[2], 3.0);
    let serial: Vec<_> = history
        .iter()
        .filter(|line| line.starts_with("CORRTYPE serial"))
        .collect();
    assert_eq!(serial.len(), 4);
    assert!(
        !history.iter().any(|line| line.starts_with("PCTENFOR")),
        "it is a keyword"
    );
    // What has been done is not done again.
    let again = acscte(
        &mut observation,
        &files.references,
        &AcscteOptions::default(),
        &|_| ControlFlow::Continue(()),
    );
    assert!(matches!(again, Err(Error::NothingToDo { .. })));
}

#[test]
fn columns_that_nobody_waits_for_are_not_done() {
    let good = files(NAME, |_| ());
    let mut observation = exposure(AFTER_SM4);
    let all = columns(&observation);
    let told = AtomicU64::new(0);
    let two = |n| match told.fetch_add(n, Ordering::Relaxed) {
        0 => ControlFlow::Continue(()),
        _ => ControlFlow::Break(()),
    };
    let stopped = acscte(
        &mut observation,
        &good.references,
        &AcscteOptions::default(),
        &two,
    );
    assert!(matches!(stopped, Err(Error::Interrupted)));
    assert!(told.into_inner() < all / 2, "of {all}");
}

#[test]
fn what_cannot_be_corrected_is_refused_and_left_alone() {
    let good = files(NAME, |_| ());
    let refused = |files: &Files, edit: &dyn Fn(&mut Observation)| {
        let mut observation = exposure(AFTER_SM4);
        edit(&mut observation);
        let before = observation.clone();
        let found = acscte(
            &mut observation,
            &files.references,
            &AcscteOptions::default(),
            &|_| ControlFlow::Continue(()),
        );
        assert_eq!(observation.chips[0].frame, before.chips[0].frame);
        assert!(observation.primary == before.primary);
        found.unwrap_err()
    };
    let set = |keyword: &'static str, value: &'static str| {
        move |observation: &mut Observation| observation.primary.set(keyword, value, None).unwrap()
    };
    assert!(matches!(
        refused(&good, &set("DETECTOR", "HRC")),
        Error::NoCteCorrection { found: "HRC", .. }
    ));
    assert!(matches!(
        refused(&good, &set("DETECTOR", "SBC")),
        Error::NoCteCorrection { found: "SBC", .. }
    ));
    assert!(matches!(
        refused(&good, &set("PCTECORR", "OMIT")),
        Error::NothingToDo { .. }
    ));
    assert!(matches!(
        refused(&good, &set("BLEVCORR", "OMIT")),
        Error::Untrimmed { .. }
    ));
    let overscan = |observation: &mut Observation| observation.chips[1].sci.set("LTV1", 24.0, None).unwrap();
    assert!(matches!(refused(&good, &overscan), Error::Untrimmed { .. }));
    let odd = |observation: &mut Observation| observation.primary.set("FIXROCR", 2, None).unwrap();
    assert!(matches!(refused(&good, &odd), Error::Keyword { .. }));
    let none = |_: &mut Observation| ();
    for name in [None, Some("PixelCTE 2012"), Some("PixelCTE 2017")] {
        let old = files(name, |_| ());
        assert!(
            matches!(refused(&old, &none), Error::OldCteTable { .. }),
            "{name:?}"
        );
    }
    let other_noise = files(NAME, |primary| primary.set("PCTENSMD", 1, None).unwrap());
    assert!(matches!(
        refused(&other_noise, &none),
        Error::ReferenceValue { .. }
    ));
    let other_detector = files(NAME, |primary| primary.set("DETECTOR", "HRC", None).unwrap());
    assert!(matches!(
        refused(&other_detector, &none),
        Error::ReferenceDetector { .. }
    ));
    let mut missing = Files::new();
    missing.ccdtab("WFC", "ABCD", &layouts());
    assert!(refused(&missing, &none).to_string().contains("PCTETAB"));
    assert_eq!(
        columns(&{
            let mut omitted = exposure(AFTER_SM4);
            set("PCTECORR", "OMIT")(&mut omitted);
            omitted
        }),
        0
    );
}

#[test]
fn a_dummy_table_skips_the_correction_and_stops_the_forward_model() {
    let dummy = files(NAME, |primary| primary.set("PEDIGREE", "DUMMY", None).unwrap());
    let mut observation = exposure(AFTER_SM4);
    let frame = observation.chips[0].frame.clone();
    let report = acscte(
        &mut observation,
        &dummy.references,
        &AcscteOptions::default(),
        &|_| ControlFlow::Continue(()),
    )
    .unwrap();
    assert_eq!(report.outcome, Outcome::Dummy);
    assert_eq!(observation.chips[0].frame, frame);
    assert_eq!(observation.primary.text("PCTECORR").unwrap(), "SKIPPED");
    let forward = forward(
        &mut observation,
        &dummy.references,
        &CteForwardOptions::default(),
        &|_| ControlFlow::Continue(()),
    );
    assert!(matches!(forward, Err(Error::ReferenceValue { .. })));
}
