//! Calibrating a simulated association of the HRC: products, their names and headers, and where frames wait.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight::calibrate::{
    Acs2dOptions, AcsccdOptions, AcscteOptions, AcsrejOptions, CalibrateOptions, CalibrateReport,
    CombineOptions, StageOptions, acs2d, acsccd, acscte, acsrej, acssum, calibrate,
};
use firstlight::fits::{FitsFile, Header};
use firstlight::frame::{Association, Exposure, Frame};
use firstlight::progress::{Progress, Silent};
use firstlight::simulate::{AcsDetector, AcsOptions, AcsReport, AcsSet, acs};
use firstlight_simulate::acs::Subarray;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;

/// Three exposures of the HRC to be freed of cosmic rays, with their reference files; made once.
fn visit() -> &'static (TempDir, AcsReport) {
    static VISIT: OnceLock<(TempDir, AcsReport)> = OnceLock::new();
    VISIT.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let options = AcsOptions {
            detector: AcsDetector::Hrc,
            set: AcsSet::CrSplit,
            members: 3,
            stars: 50,
            ..AcsOptions::default()
        };
        let report = acs(folder.path(), &options, false, &Silent).unwrap();
        (folder, report)
    })
}

fn into(folder: &Path) -> CalibrateOptions {
    CalibrateOptions {
        ref_dir: Some(visit().1.reference_folder.clone()),
        output_dir: Some(folder.to_owned()),
        ..CalibrateOptions::default()
    }
}

fn table() -> PathBuf {
    visit().1.association.clone().unwrap()
}

fn run(inputs: &[PathBuf], options: &CalibrateOptions) -> CalibrateReport {
    calibrate(inputs, options, &Silent).unwrap()
}

fn frame(path: &Path) -> Frame {
    Exposure::open(path).unwrap().load(1).unwrap()
}

fn primary(path: &Path) -> Header {
    Exposure::open(path).unwrap().primary().clone()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn raw_bytes() -> Vec<Vec<u8>> {
    visit()
        .1
        .raw
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

#[test]
fn an_association_becomes_its_exposures_and_one_without_cosmic_rays() {
    let folder = tempfile::tempdir().unwrap();
    let (before, asn) = (raw_bytes(), std::fs::read(table()).unwrap());
    let report = run(&[table()], &into(folder.path()));
    let kinds: Vec<&str> = report.products.iter().map(|product| product.kind).collect();
    assert_eq!(kinds, ["flt", "flt", "flt", "crj"]);
    assert_eq!(report.products[3].inputs, visit().1.raw);
    let association = Association::open(table()).unwrap();
    let members: Vec<&str> = association
        .exposures()
        .map(|member| member.name.as_str())
        .collect();
    let product = association.product().unwrap();
    let mut expected: Vec<String> = members.iter().map(|name| format!("{name}_flt.fits")).collect();
    expected.push(format!("{product}_crj.fits"));
    expected.push(table().file_name().unwrap().to_str().unwrap().to_owned());
    expected.sort();
    assert_eq!(names(folder.path()), expected);

    let crj = folder.path().join(format!("{product}_crj.fits"));
    let header = primary(&crj);
    assert_eq!(header.text("FILENAME").unwrap(), format!("{product}_crj.fits"));
    assert_eq!(header.text("ROOTNAME").unwrap(), product.to_uppercase());
    assert_eq!(header.text("ASN_MTYP").unwrap(), "PROD-CRJ");
    assert!(header.text("CAL_VER").unwrap().starts_with("firstlight "));
    for switch in [
        "DQICORR", "BIASCORR", "BLEVCORR", "CRCORR", "DARKCORR", "FLATCORR", "PHOTCORR",
    ] {
        assert_eq!(header.text(switch).unwrap(), "COMPLETE", "{switch}");
    }
    let exptime = primary(&visit().1.raw[0]).real("EXPTIME").unwrap();
    assert_eq!(header.real("EXPTIME"), Some(3.0 * exptime));
    // Rejected pixels are flagged in the exposures, and free of cosmic rays in the product.
    let flt = frame(&folder.path().join(format!("{}_flt.fits", members[0])));
    let hit: Vec<usize> = (0..flt.dq.len())
        .filter(|&at| flt.dq.as_slice()[at] & 8192 != 0)
        .collect();
    assert!(hit.len() > 100, "{}", hit.len());
    let combined = frame(&crj);
    let sum = |image: &[f32]| hit.iter().map(|&at| f64::from(image[at])).sum::<f64>();
    assert!(sum(combined.sci.as_slice()) < sum(flt.sci.as_slice()));

    // The table beside the products tells of them, the one given is as it was, and so are the exposures.
    let told = Association::open(folder.path().join(table().file_name().unwrap())).unwrap();
    assert!(told.members.iter().all(|member| member.present));
    assert_eq!(std::fs::read(table()).unwrap(), asn);
    assert_eq!(raw_bytes(), before);
}

#[test]
fn products_do_not_depend_on_memory_or_threads_and_nothing_is_left_lying_about() {
    let (ample, scarce) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    run(&[table()], &into(ample.path()));
    let options = CalibrateOptions {
        max_memory: Some("1M".parse().unwrap()),
        ..into(scarce.path())
    };
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    one.install(|| run(&[table()], &options));
    assert_eq!(names(ample.path()), names(scarce.path()));
    // Where the stages' files are kept the product is made by one stage after the other, else in one go.
    let kept = tempfile::tempdir().unwrap();
    let options = CalibrateOptions {
        keep_intermediates: true,
        ..into(kept.path())
    };
    run(&[table()], &options);
    for name in names(ample.path()) {
        let of = |folder: &TempDir| std::fs::read(folder.path().join(&name)).unwrap();
        assert!(of(&ample) == of(&scarce), "{name} differs");
        assert!(of(&ample) == of(&kept), "{name} differs where stages are kept");
    }
}

#[test]
fn single_exposures_and_switches_of_the_user() {
    let folder = tempfile::tempdir().unwrap();
    let options = CalibrateOptions {
        switch: vec!["DARKCORR=OMIT".parse().unwrap(), "flatcorr=omit".parse().unwrap()],
        keep_intermediates: true,
        log: Some(folder.path().join("log.json")),
        ..into(folder.path())
    };
    let raw = visit().1.raw[0].clone();
    let report = run(&[raw], &options);
    let [product] = report.products.as_slice() else {
        panic!("{:?}", report.products)
    };
    assert_eq!(product.switches["DARKCORR"], "OMIT");
    assert_eq!(product.switches["PHOTCORR"], "COMPLETE");
    assert_eq!(product.meandark_e, [0.0]);
    let root = product
        .path
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .replace("_flt.fits", "");
    let expected = [
        format!("{root}_blv_tmp.fits"),
        format!("{root}_flt.fits"),
        "log.json".to_owned(),
    ];
    assert_eq!(names(folder.path()), expected);
    let log = std::fs::read_to_string(folder.path().join("log.json")).unwrap();
    assert!(log.contains(&format!("{root}_flt.fits")));
    // Without dark and flat, only keywords lie between the two.
    let blv = frame(&folder.path().join(&expected[0]));
    assert_eq!(blv.sci, frame(&product.path).sci);
}

#[test]
fn the_stages_by_hand_make_what_the_pipeline_makes() {
    let (whole, parts) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    run(&[table()], &into(whole.path()));
    let stage = StageOptions {
        ref_dir: Some(visit().1.reference_folder.clone()),
        output: Some(parts.path().to_owned()),
        ..StageOptions::default()
    };
    let blv = acsccd(&visit().1.raw, &stage, &AcsccdOptions::default(), &Silent).unwrap();
    let blv: Vec<PathBuf> = blv.products.into_iter().map(|product| product.path).collect();
    assert!(
        blv.iter()
            .all(|path| path.to_str().unwrap().ends_with("_blv_tmp.fits")),
        "{blv:?}"
    );
    let association = Association::open(table()).unwrap();
    let crj_tmp = parts
        .path()
        .join(format!("{}_crj_tmp.fits", association.product().unwrap()));
    let combine = CombineOptions {
        ref_dir: stage.ref_dir.clone(),
        ..CombineOptions::default()
    };
    // Without --crmask the inputs stay as they are, whatever the table says.
    let before: Vec<Vec<u8>> = blv.iter().map(|path| std::fs::read(path).unwrap()).collect();
    acsrej(&blv, &crj_tmp, &combine, &AcsrejOptions::default(), &Silent).unwrap();
    assert!(
        blv.iter()
            .zip(&before)
            .all(|(path, before)| std::fs::read(path).unwrap() == *before)
    );
    let flagging = AcsrejOptions {
        crmask: Some(true),
        ..AcsrejOptions::default()
    };
    let again = CombineOptions {
        overwrite: true,
        ..combine
    };
    acsrej(&blv, &crj_tmp, &again, &flagging, &Silent).unwrap();
    let inputs: Vec<PathBuf> = blv.into_iter().chain([crj_tmp]).collect();
    let made = acs2d(&inputs, &stage, &Acs2dOptions::default(), &Silent).unwrap();
    assert_eq!(made.products.len(), 4);
    for product in &made.products {
        let name = product.path.file_name().unwrap();
        let of_pipeline = whole.path().join(name);
        assert!(frame(&product.path) == frame(&of_pipeline), "{name:?}");
    }
    let flts: Vec<PathBuf> = made.products[..3]
        .iter()
        .map(|product| product.path.clone())
        .collect();
    let sfl = parts.path().join("sum_sfl.fits");
    acssum(&flts, &sfl, &again, &Silent).unwrap();
    let (sum, first) = (
        frame(&sfl),
        flts.iter().map(|path| frame(path)).collect::<Vec<_>>(),
    );
    let at = (300, 400);
    assert_eq!(
        sum.sci[at],
        first[0].sci[at] + first[1].sci[at] + first[2].sci[at]
    );
}

#[test]
fn constant_planes_stand_without_pixels_and_checksums_are_not_stale() {
    let folder = tempfile::tempdir().unwrap();
    let raw = folder.path().join("jxxx01aaq_raw.fits");
    std::fs::copy(&visit().1.raw[0], &raw).unwrap();
    firstlight::fits::edit(&raw, |edit| {
        for hdu in 0..=1 {
            edit.update_checksums(hdu)?;
        }
        Ok(())
    })
    .unwrap();
    let options = CalibrateOptions {
        switch: [
            "DQICORR", "BIASCORR", "DARKCORR", "FLATCORR", "PHOTCORR", "SINKCORR",
        ]
        .map(|switch| format!("{switch}=OMIT").parse().unwrap())
        .to_vec(),
        ..into(folder.path())
    };
    let report = run(&[raw], &options);
    let file = FitsFile::open(&report.products[0].path).unwrap();
    let dq = file.hdu("DQ").unwrap();
    assert_eq!(dq.constant(), Some((vec![1024, 1024], 0.0)));
    assert!(dq.header().get("NPIX1").is_some() && dq.dimensions().is_empty());
    assert!(file.hdus().iter().all(|hdu| !hdu.header().contains("CHECKSUM")));
}

/// Adds up what is told of progress.
#[derive(Default)]
struct Told {
    announced: AtomicU64,
    done: AtomicU64,
    times: AtomicU64,
}

impl Progress for Told {
    fn start(&self, _: &str, units: Option<u64>) {
        self.announced.store(units.unwrap(), Ordering::Relaxed);
    }
    fn advance(&self, units: u64) {
        self.done.fetch_add(units, Ordering::Relaxed);
        self.times.fetch_add(1, Ordering::Relaxed);
    }
    fn finish(&self) {}
}

#[test]
fn the_cte_stage_tells_of_its_columns() {
    let folder = tempfile::tempdir().unwrap();
    let options = AcsOptions {
        set: AcsSet::Single,
        subarray: Some(Subarray::Chip1Side1k),
        members: 1,
        stars: 10,
        ..AcsOptions::default()
    };
    let made = acs(&folder.path().join("visit"), &options, false, &Silent).unwrap();
    let stage = StageOptions {
        ref_dir: Some(made.reference_folder.clone()),
        output: Some(folder.path().join("products")),
        switch: vec!["PCTECORR=PERFORM".parse().unwrap()],
        ..StageOptions::default()
    };
    let blv = acsccd(&made.raw, &stage, &AcsccdOptions::default(), &Silent).unwrap();
    let told = Told::default();
    let paths = [blv.products[0].path.clone()];
    let blc = acscte(&paths, &stage, &AcscteOptions::default(), &told).unwrap();
    assert!(!blc.products[0].report.corrections.is_empty());
    let [announced, done, times] = [told.announced, told.done, told.times].map(AtomicU64::into_inner);
    assert_eq!(done, announced);
    assert!(times > 100, "told {times} times");
}
