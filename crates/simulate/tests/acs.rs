//! Simulated ACS exposures: what is in them, and that it is what the truth and the reference files say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_fits::{Header, Table};
use firstlight_simulate::acs::{AcsOptions, AcsVisit, Detector, Era, Set, Subarray};
use firstlight_simulate::{Extension, Member, SimulatedFile};

fn small() -> AcsOptions {
    AcsOptions {
        era: Era::AfterSm4,
        subarray: Some(Subarray::C1k),
        members: 1,
        set: Set::Single,
        stars: 150,
        ..AcsOptions::default()
    }
}

fn of_detector(detector: Detector) -> AcsOptions {
    AcsOptions {
        detector,
        ..AcsOptions::default()
    }
}

fn visit(options: &AcsOptions) -> AcsVisit {
    AcsVisit::plan(options).unwrap()
}

fn raw_pixels(file: &SimulatedFile) -> (&Header, (usize, usize), &[u16]) {
    match &file.extensions[0] {
        Extension::Unsigned(header, shape, pixels) => (header, *shape, pixels),
        _ => panic!("not raw pixels"),
    }
}

fn real_pixels(extension: &Extension) -> ((usize, usize), &[f32]) {
    match extension {
        Extension::Real(_, shape, pixels) => (*shape, pixels),
        _ => panic!("no image"),
    }
}

fn reference(visit: &AcsVisit, suffix: &str) -> SimulatedFile {
    let names = visit.reference_names();
    let index = names.iter().position(|name| name.ends_with(suffix)).unwrap();
    visit.reference(index).unwrap().unwrap()
}

fn table(file: &SimulatedFile, extension: usize) -> (&Header, &Table) {
    match &file.extensions[extension] {
        Extension::Table(header, table) => (header, table),
        _ => panic!("no table"),
    }
}

/// Mean and standard deviation.
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
    (mean, variance.sqrt())
}

#[test]
fn the_same_bits_for_any_number_of_threads() {
    let options = small();
    let make = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let visit = visit(&options);
            let exposed = visit.expose(0).unwrap().unwrap();
            let dark = reference(&visit, "_drk.fits");
            (
                raw_pixels(&exposed.raw).2.to_vec(),
                real_pixels(&exposed.truth.extensions[0]).1.to_vec(),
                real_pixels(&dark.extensions[0]).1.to_vec(),
            )
        })
    };
    let one = make(1);
    assert!(one == make(3));
    let other = visit(&AcsOptions { seed: 2, ..options });
    let other = other.expose(0).unwrap().unwrap();
    assert!(raw_pixels(&other.raw).2 != one.0);
}

/// Without losses, a raw frame less its superbias and level, in electrons, is the truth with the read noise.
#[test]
fn raw_is_the_truth_through_the_electronics() {
    let options = AcsOptions {
        era: Era::BeforeSm4,
        subarray: Some(Subarray::Chip1Side1k),
        no_cte: true,
        ..small()
    };
    let visit = visit(&options);
    let exposed = visit.expose(0).unwrap().unwrap();
    let (_, (ny, nx), raw) = raw_pixels(&exposed.raw);
    let (_, electrons) = real_pixels(&exposed.truth.extensions[0]);
    let bias = reference(&visit, "_bia.fits");
    // Chip 1 is the second imset, of three images each.
    let (_, bias) = real_pixels(&bias.extensions[3]);
    let ccd = reference(&visit, "_ccd.fits");
    let (_, ccd) = table(&ccd, 0);
    let gains = ccd.integers("CCDGAIN").unwrap();
    let row = gains.iter().position(|&gain| gain == 2).unwrap();
    let of = |name: &str| ccd.reals(name).unwrap()[row];
    let (gain, level, noise) = (of("ATODGNB"), of("CCDBIASB"), of("READNSEB"));
    assert_eq!(nx, 1046);
    let (mut imaging, mut prescan) = (Vec::new(), Vec::new());
    for y in 0..ny {
        for x in 0..nx {
            let dn = f64::from(raw[y * nx + x]) - f64::from(bias[y * nx + x]);
            let value = (dn - level) * gain;
            if x < 1024 {
                imaging.push(value - f64::from(electrons[y * 1024 + x]));
            } else {
                prescan.push(value);
            }
        }
    }
    // The level drifts by a few tenths of a DN on the way, the superbias is good to a quarter of a DN, and numbers are
    // whole.
    let expected = (noise * noise + gain * gain * (0.25 * 0.25 + 1.0 / 12.0)).sqrt();
    for (name, values) in [("imaging", &imaging), ("prescan", &prescan)] {
        let (mean, spread) = moments(values);
        assert!(mean.abs() < 0.6, "{name} {mean}");
        assert!(
            (spread / expected - 1.0).abs() < 0.02,
            "{name} {spread} {expected}"
        );
    }
    let capped: Vec<f64> = electrons.iter().map(|&e| f64::from(e).min(100.0)).collect();
    let (sky, _) = moments(&capped);
    assert!((sky / (0.115 * 350.0) - 1.0).abs() < 0.15, "{sky}");
}

/// Charge that losses take from stars comes back behind them, further from the amplifier.
#[test]
fn losses_move_charge_away_from_the_amplifier() {
    let with = AcsOptions {
        no_cosmic_rays: true,
        ..small()
    };
    let without = AcsOptions {
        no_cte: true,
        ..with.clone()
    };
    let exposed = [&with, &without].map(|options| visit(options).expose(0).unwrap().unwrap());
    let [(_, (ny, nx), trailed), (_, _, clean)] = [&exposed[0], &exposed[1]].map(|e| raw_pixels(&e.raw));
    assert_eq!((ny, nx), (1024, 1048));
    let moved = |x: usize, y: usize| f64::from(trailed[y * nx + x]) - f64::from(clean[y * nx + x]);
    let truth = visit(&with).truth();
    let (mut at, mut behind, mut before, mut stars) = (0.0, 0.0, 0.0, 0.0);
    for star in &truth.stars {
        let (x, y) = (star.x.round() as usize + 24, star.y.round() as usize);
        let total = star.rate * 350.0;
        let far = (500..950).contains(&y) && (40..1000).contains(&x);
        if far && (2000.0..60_000.0).contains(&total) {
            stars += 1.0;
            at += moved(x, y) + moved(x, y - 1);
            behind += (4..20).map(|step| moved(x, y + step)).sum::<f64>();
            before += (4..20).map(|step| moved(x, y - step)).sum::<f64>();
        }
    }
    assert!(stars > 10.0, "{stars}");
    assert!(at / stars < -5.0, "{}", at / stars);
    assert!(behind / stars > 5.0, "{}", behind / stars);
    let (behind, before) = (behind / stars, before / stars);
    assert!(before.abs() < 0.4 * behind, "{before} {behind}");
    // Nothing is lost but for what the traps hold in the end.
    let sum = |pixels: &[u16]| pixels.iter().map(|&v| f64::from(v)).sum::<f64>();
    let signal = sum(clean) - 2361.0 * (ny * nx) as f64;
    assert!((sum(trailed) - sum(clean)).abs() < 0.02 * signal, "{signal}");
}

/// Every file that the header names is made, and every switch that is on has its file.
#[test]
fn headers_name_what_there_is() {
    let flashed = AcsOptions {
        flash: 5.0,
        set: Set::Dither,
        members: 2,
        no_cte: true,
        ..small()
    };
    for options in [
        small(),
        flashed,
        of_detector(Detector::Hrc),
        of_detector(Detector::Sbc),
    ] {
        let visit = visit(&options);
        let exposed = visit.expose(0).unwrap().unwrap();
        let primary = &exposed.raw.primary;
        let made = visit.reference_names();
        let texts = primary.cards().iter().filter_map(|card| match card.value() {
            Ok(Some(value)) => Some(value.to_string()),
            _ => None,
        });
        let named: Vec<String> = texts
            .filter_map(|text| {
                let text = text.trim_matches('\'').trim().to_owned();
                text.strip_prefix("jref$").map(str::to_owned)
            })
            .collect();
        assert_eq!(named.len(), made.len(), "{named:?} {made:?}");
        assert!(named.iter().all(|name| made.contains(name)), "{named:?} {made:?}");
        for (switch, keyword) in [
            ("DQICORR", "BPIXTAB"),
            ("DARKCORR", "DARKFILE"),
            ("FLATCORR", "PFLTFILE"),
            ("BIASCORR", "BIASFILE"),
            ("BLEVCORR", "OSCNTAB"),
            ("FLSHCORR", "FLSHFILE"),
            ("PCTECORR", "DRKCFILE"),
            ("SINKCORR", "SNKCFILE"),
            ("GLINCORR", "MLINTAB"),
        ] {
            if primary.text(switch).as_deref() == Some("PERFORM") {
                let file = primary.text(keyword).unwrap();
                assert!(file.starts_with("jref$"), "{switch} {keyword} {file}");
            }
        }
        let extensions = exposed.raw.extensions.len() as i64;
        assert_eq!(primary.integer("NEXTEND"), Some(extensions));
        for (index, name) in made.iter().enumerate() {
            let file = visit.reference(index).unwrap().unwrap();
            assert_eq!(&file.name, name);
            assert_eq!(file.primary.text("FILENAME").as_ref(), Some(name));
        }
        assert!(visit.reference(made.len()).is_none() && visit.expose(options.members).is_none());
    }
}

#[test]
fn associations_tell_what_belongs_together() {
    let of = |set, members| {
        let visit = visit(&AcsOptions {
            set,
            members,
            ..small()
        });
        let file = visit.association().unwrap()?;
        match &file.extensions[0] {
            Extension::Members(_, members) => Some(members.clone()),
            _ => panic!("no members"),
        }
    };
    let member = |name: &str, kind: &str, present| Member {
        name: name.to_owned(),
        kind: kind.to_owned(),
        present,
    };
    assert_eq!(of(Set::Single, 2), None);
    assert_eq!(of(Set::CrSplit, 1), None);
    let split = of(Set::CrSplit, 2).unwrap();
    assert_eq!(split[0], member("JFLT01A1Q", "EXP-CRJ", true));
    assert_eq!(split[2], member("JFLT01011", "PROD-CRJ", false));
    let dither = of(Set::Dither, 4).unwrap();
    assert_eq!(dither[4], member("JFLT02010", "PROD-DTH", false));
}

/// A dither moves the field on the detector and not on the sky.
#[test]
fn dithers_move_stars_by_what_the_truth_says() {
    let visit = visit(&AcsOptions {
        set: Set::Dither,
        members: 3,
        ..small()
    });
    let truth = visit.truth();
    let of = |rootname: &str, star: usize| {
        let mut stars = truth.stars.iter();
        let found = stars.find(|s| s.rootname == rootname && s.star == star);
        found.map(|s| (s.x, s.y))
    };
    let first = &truth.exposures[0].rootname;
    let mut compared = 0;
    for exposure in &truth.exposures[1..] {
        for star in 1..=150 {
            if let (Some(a), Some(b)) = (of(first, star), of(&exposure.rootname, star)) {
                assert!((b.0 - a.0 - exposure.dither.0).abs() < 0.01);
                assert!((b.1 - a.1 - exposure.dither.1).abs() < 0.01);
                compared += 1;
            }
        }
    }
    assert!(compared > 200);
}

#[test]
fn bias_frames_see_nothing() {
    let visit = visit(&AcsOptions {
        set: Set::Bias,
        members: 2,
        ..small()
    });
    let exposed = visit.expose(0).unwrap().unwrap();
    let primary = &exposed.raw.primary;
    assert_eq!(primary.real("EXPTIME"), Some(0.0));
    assert_eq!(primary.text("TARGNAME").as_deref(), Some("BIAS"));
    assert_eq!(primary.text("DARKCORR").as_deref(), Some("OMIT"));
    let (_, electrons) = real_pixels(&exposed.truth.extensions[0]);
    assert!(electrons.iter().all(|&e| e == 0.0));
    match &exposed.truth.extensions[1] {
        Extension::Bytes(_, _, hit) => assert!(hit.iter().all(|&h| h == 0)),
        _ => panic!("no mask"),
    }
}

#[test]
fn the_mama_counts_photons() {
    let options = AcsOptions {
        exptime: 500.0,
        stars: 200,
        ..of_detector(Detector::Sbc)
    };
    let visit = visit(&options);
    assert_eq!(visit.options().set, Set::Repeat);
    let exposed = visit.expose(1).unwrap().unwrap();
    let (header, shape, counts) = raw_pixels(&exposed.raw);
    assert_eq!(shape, (1024, 1024));
    let sum: f64 = counts.iter().map(|&count| f64::from(count)).sum();
    assert!((header.real("GLOBRATE").unwrap() - sum / 500.0).abs() < 1e-6);
    let truth = visit.truth();
    let stars = truth.stars.iter().filter(|star| star.rootname.ends_with("a2q"));
    let stars: f64 = stars.map(|star| star.rate).sum();
    let sky = 2.5e-4 * 1024.0 * 1024.0;
    let rate = sum / 500.0;
    assert!((rate / (stars + sky) - 1.0).abs() < 0.06, "{rate} {stars} {sky}");
    assert_eq!(exposed.raw.primary.text("RPTCORR").as_deref(), Some("PERFORM"));
}

#[test]
fn traps_let_go_what_they_took() {
    let visit = visit(&small());
    let file = reference(&visit, "_cte.fits");
    assert_eq!(file.extensions.len(), 20);
    for group in 0..5 {
        let (header, levels) = table(&file, 4 * group);
        assert_eq!(header.integer("EXTVER"), Some(group as i64 + 1));
        assert_eq!(levels.rows(), 9999);
        let levels = levels.integers("QLEV_Q").unwrap();
        let traps = levels.iter().filter(|&&level| level < 999_999).count();
        assert!(levels[..traps].windows(2).all(|l| l[0] <= l[1]));
        assert_eq!(table(&file, 4 * group + 1).1.rows(), 8192);
        let ((rows, columns), released) = real_pixels(&file.extensions[4 * group + 2]);
        let (_, kept) = real_pixels(&file.extensions[4 * group + 3]);
        assert_eq!((rows, columns), (100, traps));
        for w in [0, traps / 2, traps - 1] {
            let mut so_far = 0.0;
            for t in 0..rows {
                so_far += f64::from(released[t * columns + w]);
                let left = f64::from(kept[t * columns + w]);
                assert!((1.0 - so_far - left).abs() < 1e-5, "{t} {so_far} {left}");
            }
        }
    }
}

#[test]
fn contradictions_are_refused() {
    let wrong_era = AcsOptions {
        era: Era::BeforeSm4,
        ..small()
    };
    let error = AcsVisit::plan(&wrong_era).unwrap_err().to_string();
    assert!(
        error.starts_with("subarray wfc2c-1k") && error.contains("--era after-sm4"),
        "{error}"
    );
    let hint = AcsOptions {
        era: Era::AfterSm4,
        ..wrong_era
    };
    AcsVisit::plan(&hint).unwrap();
    type Change = fn(&mut AcsOptions);
    let changes: [Change; 9] = [
        |o| o.members = 0,
        |o| o.members = 10,
        |o| o.exptime = -1.0,
        |o| o.exptime = f64::NAN,
        |o| o.gain = 1,
        |o| o.stars = 1_000_000,
        |o| o.flash = 500.0,
        |o| o.detector = Detector::Hrc,
        |o| {
            *o = of_detector(Detector::Sbc);
            o.set = Set::Bias;
        },
    ];
    for change in changes {
        let mut options = small();
        change(&mut options);
        assert!(AcsVisit::plan(&options).is_err(), "{options:?}");
    }
}

/// Full wells overflow along columns, and the converter ends at gain 1.
#[test]
fn bright_stars_saturate() {
    let options = AcsOptions {
        era: Era::BeforeSm4,
        subarray: Some(Subarray::Chip1Side1k),
        gain: 1,
        stars: 800,
        no_cosmic_rays: true,
        exptime: 1000.0,
        ..small()
    };
    let exposed = visit(&options).expose(0).unwrap().unwrap();
    assert!(raw_pixels(&exposed.raw).2.contains(&65_535));
    let ((ny, nx), electrons) = real_pixels(&exposed.truth.extensions[0]);
    let most = electrons.iter().fold(0.0_f32, |a, &b| a.max(b));
    assert!((75_000.0..95_000.0).contains(&most), "{most}");
    let full = |x: usize, y: usize| electrons[y * nx + x] > 70_000.0;
    let longest = (0..nx).map(|x| (0..ny).filter(|&y| full(x, y)).count()).max();
    let widest = (0..ny).map(|y| (0..nx).filter(|&x| full(x, y)).count()).max();
    let (longest, widest) = (longest.unwrap(), widest.unwrap());
    assert!(longest > 8 && longest > widest, "{longest} {widest}");
}
