//! Reading and writing whole files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    missing_docs
)]

use firstlight_fits::{Array, Error, FitsFile, FitsWriter, HduKind, Header, Overwrite, read_header};

#[test]
fn images_come_back_as_they_were_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.fits");
    let science = Array::new(vec![3, 4], (0..12).map(|v| v as f32 / 4.0).collect()).unwrap();
    let quality = Array::new(vec![3, 4], (0..12).map(|v| v * 5000).collect::<Vec<u16>>()).unwrap();
    let mut primary = Header::new();
    primary.set("TELESCOP", "HST", Some("telescope")).unwrap();
    let mut extension = Header::new();
    extension.set("EXTNAME", "SCI", None).unwrap();
    extension.set("EXTVER", 2, None).unwrap();

    let mut writer = FitsWriter::create(&path, Overwrite::Refuse).unwrap();
    writer.empty_primary(&primary).unwrap();
    writer.image(&extension, &science).unwrap();
    extension.set("EXTNAME", "DQ", None).unwrap();
    writer
        .image(&extension, (quality.data.as_slice(), (3, 4)))
        .unwrap();
    assert!(!path.exists(), "nothing is there before finish");
    writer.finish().unwrap();

    let file = FitsFile::open(&path).unwrap();
    assert_eq!(file.hdus().len(), 3);
    assert_eq!(file.primary().header().text("TELESCOP").as_deref(), Some("HST"));
    assert_eq!(file.hdu("sci,2").unwrap().dimensions(), [4, 3]);
    assert_eq!(file.image::<f32>(("SCI", 2)).unwrap(), science);
    assert_eq!(file.image::<u16>("DQ").unwrap(), quality);
    assert_eq!(file.image_rows::<u16>(2, 1..3).unwrap().data, quality.data[4..]);
    assert_eq!(file.pixels("DQ").unwrap().type_name(), "uint16");
    assert!(matches!(
        file.image::<i16>("DQ").unwrap_err().situation(),
        Error::OutOfRange { index: 7, .. }
    ));
    assert!(matches!(file.hdu(("SCI", 1)), Err(Error::NoSuchHdu { .. })));
    assert!(matches!(
        FitsWriter::create(&path, Overwrite::Refuse),
        Err(Error::Exists { .. })
    ));
    assert_eq!(
        read_header(&path, "DQ").unwrap().text("EXTNAME").as_deref(),
        Some("DQ")
    );
}

#[test]
fn rows_may_be_written_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (folder.path().join("one.fits"), folder.path().join("other.fits"));
    let image = Array::new(vec![50, 30], (0..1500).map(|v| v as f32 / 7.0).collect()).unwrap();
    let bits: Vec<i16> = (0..1500).map(|v| v as i16 - 700).collect();
    let header = Header::new();

    let mut writer = FitsWriter::create(&one, Overwrite::Refuse)
        .unwrap()
        .with_checksums(true);
    let rows = writer.reserve_image::<f32>(&header, &[50, 30]).unwrap();
    let more = writer.reserve_image::<i16>(&header, &[5, 10, 30]).unwrap();
    writer.rows(&rows, 20, &image.data[600..]).unwrap();
    writer.image(&header, &image).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| writer.rows(&more, 0, &bits[..900]).unwrap());
        scope.spawn(|| writer.rows(&more, 30, &bits[900..]).unwrap());
        scope.spawn(|| writer.rows(&rows, 0, &image.data[..600]).unwrap());
    });
    assert!(matches!(
        writer.rows(&rows, 49, &image.data[..60]).unwrap_err().situation(),
        Error::WrongShape { .. }
    ));
    assert!(writer.rows(&rows, 0, &image.data[..31]).is_err());
    assert!(writer.reserve_image::<f32>(&header, &[usize::MAX, 9]).is_err());
    writer.finish().unwrap();

    let mut writer = FitsWriter::create(&other, Overwrite::Refuse)
        .unwrap()
        .with_checksums(true);
    writer.image(&header, &image).unwrap();
    writer
        .image(&header, &Array::new(vec![5, 10, 30], bits.clone()).unwrap())
        .unwrap();
    writer.image(&header, &image).unwrap();
    writer.finish().unwrap();
    assert_eq!(std::fs::read(one).unwrap(), std::fs::read(other).unwrap());
}

#[test]
fn headers_are_replaced_by_those_that_take_as_much_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("late.fits");
    let with = |value: f64| {
        let mut header = Header::new();
        header.set("GOODMEAN", value, Some("known in the end")).unwrap();
        header
    };
    let mut writer = FitsWriter::create(&path, Overwrite::Refuse).unwrap();
    writer.empty_primary(&with(0.0)).unwrap();
    let rows = writer.reserve_image::<f32>(&with(0.0), &[2, 3]).unwrap();
    writer.rows(&rows, 0, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
    writer.empty_primary(&with(7.0)).unwrap();
    assert!(writer.replace_primary(&with(1.5)).unwrap());
    assert!(writer.replace_header(&rows, &with(2.5)).unwrap());
    let mut long = with(9.0);
    for n in 0..40 {
        long.set(&format!("MORE{n}"), n, None).unwrap();
    }
    assert!(!writer.replace_header(&rows, &long).unwrap() && !writer.replace_primary(&long).unwrap());
    writer.finish().unwrap();
    let file = FitsFile::open(&path).unwrap();
    let values: Vec<_> = file
        .hdus()
        .iter()
        .map(|hdu| hdu.header().real("GOODMEAN"))
        .collect();
    assert_eq!(values, [Some(1.5), Some(2.5), Some(7.0)]);
    assert_eq!(file.image::<f32>(1).unwrap().data, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);

    let mut writer = FitsWriter::create(folder.path().join("summed.fits"), Overwrite::Refuse)
        .unwrap()
        .with_checksums(true);
    let rows = writer.reserve_image::<f32>(&with(0.0), &[2, 3]).unwrap();
    assert!(!writer.replace_header(&rows, &with(1.0)).unwrap());
}

#[test]
fn blocks_are_parts_of_images() {
    let image = Array::new(vec![5, 4], (0..20).map(|v| v as u16).collect()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.fits");
    let mut writer = FitsWriter::create(&path, Overwrite::Refuse).unwrap();
    writer.image(&Header::new(), &image).unwrap();
    writer.constant(&Header::new(), (5, 4), 7.0, 16).unwrap();
    writer.finish().unwrap();
    let file = FitsFile::open(&path).unwrap();
    let block = file.image_block::<f32>(0, 1..4, 2..4).unwrap();
    assert_eq!(block.shape, [3, 2]);
    assert_eq!(block.data, [6.0, 7.0, 10.0, 11.0, 14.0, 15.0]);
    assert_eq!(file.image_block::<u16>(0, 0..5, 0..4).unwrap().data, image.data);
    assert_eq!(file.image_block::<i32>(1, 3..5, 1..2).unwrap().data, [7, 7]);
    assert!(file.image_block::<u16>(0, 4..5, 4..4).unwrap().data.is_empty());
    for (rows, columns) in [(0..6, 0..4), (0..5, 0..5), (0..5, 3..5)] {
        for hdu in [0, 1] {
            let refused = file.image_block::<u16>(hdu, rows.clone(), columns.clone());
            assert!(matches!(
                refused.unwrap_err().situation(),
                Error::WrongShape { .. }
            ));
        }
    }
}

#[test]
fn wide_and_narrow_blocks_have_the_samples_of_their_place() {
    let (ny, nx) = (300, 700);
    let mut image = Array::new(vec![ny, nx], (0..ny * nx).map(|v| v as i32).collect()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.fits");
    let write = |image: &Array<i32>| {
        let mut writer = FitsWriter::create(&path, Overwrite::Replace).unwrap();
        writer.image(&Header::new(), image).unwrap();
        writer.finish().unwrap();
        FitsFile::open(&path).unwrap()
    };
    let file = write(&image);
    for columns in [0..700, 0..400, 299..700, 350..700, 1..350, 5..6, 9..9] {
        for rows in [0..300, 7..8, 3..299, 20..20] {
            let block = file.image_block::<f64>(0, rows.clone(), columns.clone()).unwrap();
            let place = rows
                .clone()
                .flat_map(|y| columns.clone().map(move |x| (y * nx + x) as f64));
            assert_eq!(block.data, place.collect::<Vec<_>>(), "{rows:?} {columns:?}");
        }
    }
    image.data.fill(5);
    image.data[250 * nx + 650] = 70_000;
    let file = write(&image);
    for columns in [300..700, 640..700] {
        let error = file.image_block::<u16>(0, 10..300, columns.clone()).unwrap_err();
        assert!(
            matches!(error.situation(), Error::OutOfRange { value, .. } if value == "70000"),
            "{error}"
        );
        assert!(file.image_block::<u16>(0, 251..300, columns).is_ok());
    }
}

#[test]
fn what_is_not_fits_says_what_it_is() {
    let reason = |bytes: &[u8]| {
        FitsFile::from_bytes("x.fits", bytes.to_vec())
            .unwrap_err()
            .to_string()
    };
    assert!(reason(b"").contains("it is empty"));
    assert!(reason(b"<!DOCTYPE html><html><body>404 Not Found").contains("looks like an HTML page"));
    assert!(reason(&[0; 2880]).contains("zeros"));
    assert!(reason(b"SIMPLE  =                    T").contains("no END card"));
}

#[test]
fn every_real_file_opens() {
    let Ok(data) = std::env::var("FIRSTLIGHT_DATA") else {
        eprintln!("SKIPPED: FIRSTLIGHT_DATA is not set, so no real files were opened");
        return;
    };
    let mut folders = vec![std::path::PathBuf::from(data)];
    let mut opened = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().contains(".fits") {
                let file = FitsFile::open(&path).unwrap();
                opened += 1;
                for hdu in file.hdus().iter().filter(|h| !h.is_truncated()) {
                    if hdu.has_pixels() {
                        file.pixels(hdu.index()).unwrap();
                    } else if hdu.kind() == HduKind::BinTable {
                        assert_eq!(file.table(hdu.index()).unwrap().rows(), hdu.dimensions()[1]);
                    }
                }
            }
        }
    }
    assert!(opened > 100, "only {opened} files");
}

/// A file with one extension of these cards and data.
fn file_of(cards: &[&str], data: &[u8]) -> FitsFile {
    let mut bytes = Vec::new();
    let mut header = |cards: &[&str]| {
        for card in cards.iter().chain(&["END"]) {
            bytes.extend(format!("{card:<80}").into_bytes());
        }
        bytes.resize(bytes.len().next_multiple_of(2880), b' ');
    };
    header(&["SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 0"]);
    header(cards);
    bytes.extend_from_slice(data);
    bytes.resize(bytes.len().next_multiple_of(2880), 0);
    FitsFile::from_bytes("x.fits", bytes).unwrap()
}

#[test]
fn constant_arrays_are_filled() {
    let file = file_of(
        &[
            "XTENSION= 'IMAGE   '",
            "BITPIX  = -32",
            "NAXIS   = 0",
            "NPIX1   = 3",
            "NPIX2   = 2",
            "PIXVALUE= 1.5",
        ],
        &[],
    );
    assert!(file.hdu(1).unwrap().has_pixels());
    let image = file.image::<f32>(1).unwrap();
    assert_eq!((image.shape, image.data), (vec![2, 3], vec![1.5; 6]));
    assert_eq!(file.image_rows::<f64>(1, 1..2).unwrap().data, [1.5; 3]);
    assert!(matches!(
        file.image::<u16>(1).unwrap_err().situation(),
        Error::OutOfRange { .. }
    ));
    assert!(matches!(
        file.image::<f32>(0).unwrap_err().situation(),
        Error::WrongKind { .. }
    ));
}

#[test]
fn scale_zero_and_blank_make_physical_values() {
    let cards = [
        "XTENSION= 'IMAGE   '",
        "BITPIX  = 16",
        "NAXIS   = 1",
        "NAXIS1  = 3",
        "PCOUNT  = 0",
        "GCOUNT  = 1",
    ];
    let data: Vec<u8> = [-1i16, 4, 100].iter().flat_map(|v| v.to_be_bytes()).collect();
    let with = |more: &[&str]| file_of(&[&cards, more].concat(), &data);
    let scaled = with(&["BSCALE  = 0.5", "BZERO   = 10", "BLANK   = -1"]);
    let values = scaled.image::<f64>(1).unwrap().data;
    assert!(values[0].is_nan());
    assert_eq!(values[1..], [12.0, 60.0]);
    assert_eq!(scaled.pixels(1).unwrap().type_name(), "float32");
    assert_eq!(with(&[]).pixels(1).unwrap().type_name(), "int16");
    assert_eq!(with(&["BLANK   = 4"]).image::<i16>(1).unwrap().data, [-1, 4, 100]);
    assert_eq!(with(&["BLANK   = 4"]).pixels(1).unwrap().type_name(), "float32");
    assert!(matches!(
        with(&[]).image::<u8>(1).unwrap_err().situation(),
        Error::OutOfRange { index: 0, .. }
    ));
}

#[test]
fn a_file_that_ends_early_opens_but_gives_no_pixels() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.fits");
    let mut writer = FitsWriter::create(&path, Overwrite::Refuse).unwrap();
    writer
        .image(&Header::new(), (vec![1.0f32; 10_000].as_slice(), (100, 100)))
        .unwrap();
    writer.finish().unwrap();
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..20_000]).unwrap();
    let file = FitsFile::open(&path).unwrap();
    assert!(file.primary().is_truncated());
    let error = file.image::<f32>(0).unwrap_err();
    assert!(
        matches!(
            error.situation(),
            Error::Truncated {
                expected: 40_000,
                found: 17_120
            }
        ),
        "{error}"
    );
    assert!(error.to_string().contains("a.fits[0]"), "{error}");
}

#[test]
fn headers_that_claim_more_than_there_is_are_refused_before_room_is_made() {
    let huge = [
        "XTENSION= 'IMAGE   '",
        "BITPIX  = -64",
        "NAXIS   = 2",
        "NAXIS1  = 99999999",
        "NAXIS2  = 99999999",
    ];
    let file = file_of(&huge, &[0; 100]);
    assert!(matches!(
        file.image::<f64>(1).unwrap_err().situation(),
        Error::Truncated { .. }
    ));
    assert!(file.image_rows::<f64>(1, 0..1).is_err());
    let mut bytes = b"SIMPLE  = T".to_vec();
    bytes.resize(80, b' ');
    for card in [
        "BITPIX  = 64",
        "NAXIS   = 3",
        "NAXIS1  = 9999999999",
        "NAXIS2  = 9999999999",
        "NAXIS3  = 9999999999",
        "END",
    ] {
        bytes.extend(format!("{card:<80}").into_bytes());
    }
    bytes.resize(2880, b' ');
    assert!(FitsFile::from_bytes("x", bytes).is_err());
}

#[test]
fn gzipped_files_are_read_as_they_are() {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.fits.gz");
    let plain = folder.path().join("a.fits");
    let mut writer = FitsWriter::create(&plain, Overwrite::Refuse).unwrap();
    writer.empty_primary(&Header::new()).unwrap();
    writer
        .image(&Header::new(), (vec![7i16; 5000].as_slice(), (50, 100)))
        .unwrap();
    writer.finish().unwrap();
    let mut packer =
        flate2::write::GzEncoder::new(std::fs::File::create(&path).unwrap(), flate2::Compression::fast());
    packer.write_all(&std::fs::read(&plain).unwrap()).unwrap();
    packer.finish().unwrap();
    let file = FitsFile::open(&path).unwrap();
    assert_eq!(file.image::<i16>(1).unwrap().data, vec![7; 5000]);
    assert!(firstlight_fits::edit(&path, |edit| edit.set(0, "A", 1, None)).is_err());
    let mut cut = std::fs::read(&path).unwrap();
    cut.truncate(cut.len() - 20);
    std::fs::write(&path, cut).unwrap();
    assert!(FitsFile::open(&path).is_err());
}

#[test]
fn compressed_images_are_read_as_images() {
    use fits_well::compress::{Compression, CompressionConfig};
    use fits_well::image::{Data, Image, Scaling};
    let samples: Vec<i16> = (0..64 * 48).map(|i| ((i * 7919) % 1000) as i16).collect();
    for compression in [Compression::Rice, Compression::GZIP, Compression::GZIP_SHUFFLED] {
        let image = Image::new(vec![64, 48], Data::I16(samples.clone()), Scaling::IDENTITY).unwrap();
        let mut writer = fits_well::FitsWriter::new(std::io::Cursor::new(Vec::new()));
        let config = CompressionConfig::new(compression).with_tiles([64, 16]);
        writer
            .write_compressed_image(image.view(), &config, None)
            .unwrap();
        let bytes = writer.into_inner().into_inner();
        let file = FitsFile::from_bytes("c.fits", bytes.clone()).unwrap();
        let hdu = file.hdus().last().unwrap();
        assert_eq!(
            (hdu.kind(), hdu.dimensions()),
            (HduKind::CompressedImage, [64, 48].as_slice())
        );
        assert_eq!(hdu.header().integer("BITPIX"), Some(16));
        assert!(!hdu.header().contains("TFIELDS") && hdu.stored_header().contains("TFIELDS"));
        let index = hdu.index();
        let read = file.image::<i16>(index).unwrap();
        assert_eq!((read.shape, read.data), (vec![48, 64], samples.clone()));
        assert_eq!(
            file.image_rows::<f32>(index, 10..20).unwrap().data[0],
            f32::from(samples[640])
        );
        let mut damaged = bytes;
        let end = damaged.len() - 2880;
        damaged[end..].fill(0xff);
        let _ = FitsFile::from_bytes("c.fits", damaged)
            .unwrap()
            .image::<i16>(index);
    }
}
