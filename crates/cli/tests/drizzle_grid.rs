//! Values of pixfrac tried from the command line: the report as table and JSON, files, refusals.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::path::Path;
use std::process::Command;

/// Exit code, standard output and standard error of a command line in a folder.
fn run(folder: &Path, line: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_firstlight"))
        .args(line)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code().unwrap(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// A small visit, made by the command itself; its first filter has two exposures.
fn visit() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (code, _, text) = run(
        folder.path(),
        &["simulate", "sbc", ".", "--size", "256", "--darks", "0"],
    );
    assert_eq!(code, 0, "{text}");
    folder
}

const PAIR: &str = "jsim11010_asn.fits";

#[test]
fn values_are_tried_and_told_of() {
    let folder = visit();
    let path = folder.path();
    let line = [
        "drizzle-grid",
        PAIR,
        "--pixfrac",
        "0.2,0.6,1.0",
        "--combine-only",
        "--output",
        "tried",
    ];
    let (code, table, text) = run(path, &line);
    assert_eq!(code, 0, "{text}");
    for part in ["RMS/median", "pixfrac 0.2", "pixfrac 1", "wrote tried_grid.html"] {
        assert!(table.contains(part), "{table}");
    }
    assert!(
        table.contains("is recommended") || table.contains("no value passes"),
        "{table}"
    );
    for name in ["tried_grid.html", "tried_grid_rms.png", "tried_grid_shapes.png"] {
        assert!(path.join(name).metadata().unwrap().len() > 1000, "{name}");
    }
    assert!(!path.join("tried_0.2_drz_sci.fits").exists());
    let (code, _, text) = run(path, &line);
    assert_eq!(code, 2);
    assert!(
        text.contains("tried_grid") && text.contains("--overwrite"),
        "{text}"
    );

    let more = [
        "--json",
        "--overwrite",
        "--keep",
        "--box",
        "60,160,60,160",
        "--kernel",
        "square,gaussian",
    ];
    let (code, json, text) = run(path, &[&line[..], &more].concat());
    assert_eq!(code, 0, "{text}");
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    let trials = report["trials"].as_array().unwrap();
    assert_eq!(trials.len(), 6);
    assert_eq!(trials[4]["kernel"], "gaussian");
    let ratio = |k: usize| trials[k]["rms_over_median"].as_f64();
    assert!(ratio(0).is_none() || ratio(0) > ratio(2));
    assert!(path.join("tried_gaussian_0.6_drz_sci.fits").exists());
    // What is kept is what drizzle makes.
    let alone = [
        "drizzle",
        PAIR,
        "--final-pixfrac",
        "0.6",
        "--combine-only",
        "--output",
        "alone",
    ];
    assert_eq!(run(path, &alone).0, 0);
    let data = |name: &str| {
        let file = firstlight::fits::FitsFile::open(path.join(name)).unwrap();
        file.image::<f32>(0).unwrap().data
    };
    let bits = |name: &str| data(name).iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits("tried_square_0.6_drz_sci.fits"), bits("alone_drz_sci.fits"));
}

#[test]
fn one_exposure_is_told_of() {
    let folder = visit();
    let line = [
        "drizzle-grid",
        "jsim11ctq_flt.fits",
        "--pixfrac",
        "0.5,1",
        "--output",
        "one",
    ];
    let (code, table, text) = run(folder.path(), &line);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("one exposure alone"), "{text}");
    assert!(table.contains("pixfrac 0.5"), "{table}");
}

#[test]
fn what_cannot_be_is_refused_before_any_work() {
    let folder = visit();
    for (more, part) in [
        (["--pixfrac", "0.1:1"], "first:last:step"),
        (["--pixfrac", "0.5:1.5:0.5"], "up to 1"),
        (["--box", "0,10,0"], "no box"),
        (["--box", "9000,9100,0,10"], "not wholly on the output"),
        (["--star", "9000,3"], "no room"),
        (["--star", "200d,10d"], "200d,10d"),
        (["--scale", "0"], "over 0"),
        (["--max-rms", "nan"], "max_rms"),
        (["--stamp-half", "1"], "stamp_half"),
        (["--write-dq", "--overwrite"], "write_dq"),
    ] {
        let line = [
            &["drizzle-grid", PAIR, "--combine-only", "--output", "bad"],
            &more[..],
        ]
        .concat();
        let (code, _, text) = run(folder.path(), &line);
        assert!(text.contains(part), "{more:?}: {text}");
        assert_eq!(code, 2, "{more:?}: {text}");
    }
    assert!(!folder.path().join("bad_grid.html").exists());
}
