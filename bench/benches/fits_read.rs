//! Pixels against a plain read and byte swap, and headers of many files.
//!
//! `cargo bench -p firstlight-bench --bench fits_read`

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use divan::{Bencher, black_box};
use firstlight_fits::{FitsFile, FitsWriter, Header, Overwrite, read_header};

fn main() {
    divan::main();
}

/// A folder that is removed at the end, with one exposure of two 4096 × 2048 chips (SCI and ERR in f32,
/// DQ in i16: 168 MB) and 1,000 files of two headers with 250 cards each and few pixels.
struct Inputs {
    folder: tempfile::TempDir,
    exposure: PathBuf,
    small: Vec<PathBuf>,
}

static INPUTS: LazyLock<Inputs> = LazyLock::new(|| make_inputs().expect("a temporary folder can be written"));

fn make_inputs() -> firstlight_fits::Result<Inputs> {
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    let exposure = folder.path().join("wfc_flt.fits");
    let (ny, nx) = (2048, 4096);
    let science: Vec<f32> = (0..ny * nx).map(|i| (i % 1000) as f32 / 7.0).collect();
    let quality: Vec<i16> = (0..ny * nx).map(|i| (i % 300) as i16).collect();
    let mut writer = FitsWriter::create(&exposure, Overwrite::Refuse)?;
    writer.empty_primary(&long_header("PRIMARY")?)?;
    for _chip in 0..2 {
        writer.image(&long_header("SCI")?, (science.as_slice(), (ny, nx)))?;
        writer.image(&long_header("ERR")?, (science.as_slice(), (ny, nx)))?;
        writer.image(&long_header("DQ")?, (quality.as_slice(), (ny, nx)))?;
    }
    writer.finish()?;
    let first = folder.path().join("small_0.fits");
    let mut writer = FitsWriter::create(&first, Overwrite::Refuse)?;
    writer.empty_primary(&long_header("PRIMARY")?)?;
    writer.image(&long_header("SCI")?, (&science[..10_000], (100, 100)))?;
    writer.finish()?;
    let mut small = vec![first.clone()];
    for number in 1..1000 {
        let copy = folder.path().join(format!("small_{number}.fits"));
        std::fs::copy(&first, &copy).expect("a file can be copied");
        small.push(copy);
    }
    Ok(Inputs {
        folder,
        exposure,
        small,
    })
}

fn long_header(name: &str) -> firstlight_fits::Result<Header> {
    let mut header = Header::new();
    header.set("EXTNAME", name, Some("extension"))?;
    for number in 0..250 {
        header.set(
            &format!("KEY{number}"),
            f64::from(number) / 3.0,
            Some("a keyword of many"),
        )?;
    }
    Ok(header)
}

/// What nothing can be faster than by much: one read of the whole file, and a swap of every sample.
#[divan::bench(sample_count = 10)]
fn plain_read_and_swap(bencher: Bencher) {
    let path = &INPUTS.exposure;
    let hdus: Vec<(u64, u64, bool)> = spans(path);
    bencher.bench_local(|| {
        let bytes = std::fs::read(path).expect("the file is there");
        let (mut floats, mut integers) = (Vec::new(), Vec::new());
        for &(offset, length, float) in &hdus {
            let data = &bytes[offset as usize..(offset + length) as usize];
            if float {
                floats.push(
                    data.as_chunks()
                        .0
                        .iter()
                        .map(|&b| f32::from_be_bytes(b))
                        .collect::<Vec<f32>>(),
                );
            } else {
                integers.push(
                    data.as_chunks()
                        .0
                        .iter()
                        .map(|&b| i16::from_be_bytes(b))
                        .collect::<Vec<i16>>(),
                );
            }
        }
        black_box((floats, integers))
    });
}

/// Offset and length of each image's data, and whether they are floats.
fn spans(path: &Path) -> Vec<(u64, u64, bool)> {
    let file = FitsFile::open(path).expect("the file opens");
    let images = file.hdus().iter().skip(1);
    images
        .map(|hdu| {
            (
                hdu.data_offset(),
                hdu.data_bytes(),
                hdu.header().integer("BITPIX") == Some(-32),
            )
        })
        .collect()
}

#[divan::bench(sample_count = 10)]
fn exposure_pixels(bencher: Bencher) {
    let path = &INPUTS.exposure;
    bencher.bench_local(|| {
        let file = FitsFile::open(path).expect("the file opens");
        let floats = [1usize, 2, 4, 5].map(|hdu| file.image::<f32>(hdu).expect("there are pixels"));
        let integers = [3usize, 6].map(|dq| file.image::<i16>(dq).expect("there are pixels"));
        black_box((floats, integers))
    });
}

#[divan::bench(sample_count = 10)]
fn first_headers_of_1000_files(bencher: Bencher) {
    let inputs = &*INPUTS;
    assert!(inputs.folder.path().exists());
    bencher.bench_local(|| {
        for path in &inputs.small {
            black_box(read_header(path, 0).expect("the header is read"));
        }
    });
}

#[divan::bench(sample_count = 10)]
fn extension_headers_of_1000_files(bencher: Bencher) {
    let inputs = &*INPUTS;
    bencher.bench_local(|| {
        for path in &inputs.small {
            let header = read_header(path, "SCI").expect("the header is read");
            black_box(header.real("KEY249"));
        }
    });
}
