//! Editing in place: what is not named keeps every byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::path::{Path, PathBuf};

use firstlight_fits::{
    Array, Column, ColumnData, Error, FitsFile, FitsWriter, Header, Overwrite, Table, Verdict, edit,
};

fn sample(folder: &Path) -> PathBuf {
    let path = folder.join("sample.fits");
    let mut primary = Header::new();
    primary.set("OBSERVER", "Leavitt", Some("who")).unwrap();
    let mut science = Header::new();
    science.set("EXTNAME", "SCI", None).unwrap();
    let mut writer = FitsWriter::create(&path, Overwrite::Refuse).unwrap();
    writer.empty_primary(&primary).unwrap();
    writer
        .image(
            &science,
            &Array::new(vec![2, 3], vec![1u16, 2, 3, 4, 5, 6]).unwrap(),
        )
        .unwrap();
    let table = Table::new()
        .with(Column::i32("ID", vec![1, 2, 3]))
        .unwrap()
        .with(Column::text("NAME", ["one", "two", "three"]))
        .unwrap();
    let mut catalogue = Header::new();
    catalogue.set("EXTNAME", "CAT", None).unwrap();
    writer.table(&catalogue, &table).unwrap();
    writer.finish().unwrap();
    path
}

fn differing_bytes(a: &[u8], b: &[u8]) -> Vec<usize> {
    assert_eq!(a.len(), b.len());
    (0..a.len()).filter(|&i| a[i] != b[i]).collect()
}

#[test]
fn one_keyword_changes_one_card() {
    let folder = tempfile::tempdir().unwrap();
    let path = sample(folder.path());
    let before = std::fs::read(&path).unwrap();
    edit(&path, |edit| edit.set(0, "OBSERVER", "Cannon", None)).unwrap();
    let after = std::fs::read(&path).unwrap();
    let card = FitsFile::open(&path)
        .unwrap()
        .primary()
        .header()
        .position("OBSERVER")
        .unwrap();
    assert!(
        differing_bytes(&before, &after)
            .iter()
            .all(|byte| byte / 80 == card)
    );
    assert_eq!(
        FitsFile::open(&path)
            .unwrap()
            .primary()
            .header()
            .text("OBSERVER")
            .as_deref(),
        Some("Cannon")
    );
    edit(&path, |edit| edit.set(0, "OBSERVER", "Leavitt", None)).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_header_that_outgrows_its_blocks_moves_the_data_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let path = sample(folder.path());
    let before = std::fs::read(&path).unwrap();
    edit(&path, |edit| {
        (0..60).try_for_each(|n| edit.set(0, &format!("KEY{n}"), n, None))
    })
    .unwrap();
    let after = std::fs::read(&path).unwrap();
    assert_eq!(after.len(), before.len() + 2880);
    assert_eq!(after[5760..], before[2880..]);
}

#[test]
fn failing_or_changing_nothing_leaves_the_file_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = sample(folder.path());
    let before = (
        std::fs::read(&path).unwrap(),
        std::fs::metadata(&path).unwrap().modified().unwrap(),
    );
    edit(&path, |edit| edit.set(0, "OBSERVER", "Leavitt", None)).unwrap();
    let error = edit(&path, |edit| {
        edit.set(0, "OBSERVER", "Nobody", None)?;
        edit.set(7, "X", 1, None)
    });
    assert!(matches!(error, Err(Error::NoSuchHdu { .. })));
    let error = edit(&path, |edit| edit.set("SCI", "NAXIS1", 4, None)).unwrap_err();
    assert!(error.to_string().contains("[SCI,1]"), "{error}");
    let after = (
        std::fs::read(&path).unwrap(),
        std::fs::metadata(&path).unwrap().modified().unwrap(),
    );
    assert_eq!(before, after);
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "no temporary file is left"
    );
}

#[test]
fn pixels_and_rows_are_replaced_as_they_are_stored() {
    let folder = tempfile::tempdir().unwrap();
    let path = sample(folder.path());
    let before = std::fs::read(&path).unwrap();
    edit(&path, |edit| edit.image_rows("SCI", 1..2, &[65535u16, 0, 7])).unwrap();
    let file = FitsFile::open(&path).unwrap();
    assert_eq!(file.image::<u16>("SCI").unwrap().data, [1, 2, 3, 65535, 0, 7]);
    assert!(differing_bytes(&before, &std::fs::read(&path).unwrap()).len() <= 6);
    edit(&path, |edit| {
        edit.pixels("SCI", &Array::new(vec![2, 3], vec![9.0f64; 6]).unwrap())
    })
    .unwrap();
    assert_eq!(
        FitsFile::open(&path).unwrap().image::<u16>("SCI").unwrap().data,
        [9; 6]
    );
    let refused = edit(&path, |edit| edit.image_rows("SCI", 0..1, &[-1.0f32, 0.0, 0.0])).unwrap_err();
    assert!(matches!(refused.situation(), Error::OutOfRange { index: 0, .. }));
    let refused = edit(&path, |edit| edit.image_rows("SCI", 1..3, &[0u16; 6])).unwrap_err();
    assert!(matches!(refused.situation(), Error::WrongShape { .. }));
}

#[test]
fn table_cells_are_replaced_where_they_fit() {
    let folder = tempfile::tempdir().unwrap();
    let path = sample(folder.path());
    edit(&path, |edit| {
        edit.cells("CAT", 1, &Column::text("name", ["2"]))?;
        edit.cells("CAT", 0, &Column::i32("ID", vec![10, 20, 30]))
    })
    .unwrap();
    let table = FitsFile::open(&path).unwrap().table("CAT").unwrap();
    assert_eq!(table.texts("NAME").unwrap(), ["one", "2", "three"]);
    assert_eq!(
        table.column("ID").unwrap().data(),
        &ColumnData::I32(vec![10, 20, 30])
    );
    let refused = |column: Column, row| {
        let error = edit(&path, |edit| edit.cells("CAT", row, &column)).unwrap_err();
        matches!(
            error.situation(),
            Error::WrongColumn { .. } | Error::WrongShape { .. } | Error::NoSuchColumn { .. }
        )
    };
    assert!(refused(Column::text("NAME", ["too long for it"]), 0));
    assert!(refused(Column::i64("ID", vec![1]), 0));
    assert!(refused(Column::i32("ID", vec![1, 2]), 2));
    assert!(refused(Column::i32("X", vec![1]), 0));
}

#[test]
fn hdus_are_spliced_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = sample(folder.path());
    let source = FitsFile::open(&path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let copy = folder.path().join("copy.fits");
    let mut writer = FitsWriter::create(&copy, Overwrite::Refuse).unwrap();
    for hdu in 0..3 {
        writer.copy_hdu(&source, hdu).unwrap();
    }
    writer.finish().unwrap();
    assert_eq!(std::fs::read(&copy).unwrap(), bytes);

    edit(&copy, |edit| {
        edit.replace_hdu("SCI", &source, "CAT")?;
        edit.append_hdu(&source, 0)?;
        edit.append_image(&Header::new(), &Array::new(vec![1], vec![2.5f32]).unwrap())
    })
    .unwrap();
    let file = FitsFile::open(&copy).unwrap();
    let names: Vec<_> = file.hdus().iter().map(|hdu| hdu.name().to_owned()).collect();
    assert_eq!(names, ["PRIMARY", "CAT", "CAT", "", ""]);
    assert_eq!(
        file.hdu(3).unwrap().header().text("XTENSION").as_deref(),
        Some("IMAGE")
    );
    assert_eq!(
        file.hdu(3).unwrap().header().text("OBSERVER").as_deref(),
        Some("Leavitt")
    );
    assert_eq!(file.image::<f32>(4).unwrap().data, [2.5]);
    assert!(edit(&copy, |edit| edit.remove_hdu(0)).is_err());

    let alone = folder.path().join("alone.fits");
    let mut writer = FitsWriter::create(&alone, Overwrite::Refuse).unwrap();
    writer.copy_hdu(&source, "SCI").unwrap();
    writer.finish().unwrap();
    let alone = FitsFile::open(&alone).unwrap();
    assert_eq!(alone.primary().header().logical("SIMPLE"), Some(true));
    assert_eq!(alone.image::<u16>(0).unwrap().data, [1, 2, 3, 4, 5, 6]);
}

#[test]
fn checksums_follow_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = sample(folder.path());
    edit(&path, |edit| edit.update_checksums("SCI")).unwrap();
    let verdict = || {
        let sums = FitsFile::open(&path).unwrap().checksums("SCI").unwrap();
        (sums.hdu, sums.data)
    };
    assert_eq!(verdict(), (Verdict::Correct, Verdict::Correct));
    edit(&path, |edit| edit.image_rows("SCI", 0..1, &[0u16; 3])).unwrap();
    assert_eq!(verdict(), (Verdict::Wrong, Verdict::Wrong));
    edit(&path, |edit| edit.update_checksums("SCI")).unwrap();
    assert_eq!(verdict(), (Verdict::Correct, Verdict::Correct));
    edit(&path, |edit| edit.set("SCI", "EXPTIME", 1.5, None)).unwrap();
    assert_eq!(verdict(), (Verdict::Wrong, Verdict::Correct));
    assert_eq!(
        FitsFile::open(&path).unwrap().checksums(0).unwrap().hdu,
        Verdict::Absent
    );
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = sample(folder.path());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let link = folder.path().join("link.fits");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    edit(&link, |edit| edit.set(0, "A", 1, None)).unwrap();
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o640
    );
    assert!(FitsFile::open(&path).unwrap().primary().header().contains("A"));
}

#[test]
fn a_file_that_changed_since_it_was_opened_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = sample(folder.path());
    let file = FitsFile::open(&path).unwrap();
    edit(&path, |edit| {
        (0..60).try_for_each(|n| edit.set(0, &format!("KEY{n}"), n, None))
    })
    .unwrap();
    assert!(matches!(file.image::<u16>("SCI"), Err(Error::Changed { .. })));
}

/// Large enough to be written into instead of anew.
fn large(folder: &Path) -> PathBuf {
    let path = folder.join("large.fits");
    let mut primary = Header::new();
    primary.set("OBSERVER", "Leavitt", None).unwrap();
    let mut science = Header::new();
    science.set("EXTNAME", "SCI", None).unwrap();
    let mut writer = FitsWriter::create(&path, Overwrite::Refuse).unwrap();
    writer.empty_primary(&primary).unwrap();
    let pixels = (0..2 << 20).map(|n| n as f32).collect();
    let image = Array::new(vec![1024, 2048], pixels).unwrap();
    writer.image(&science, &image).unwrap();
    writer
        .image(&Header::new(), &Array::new(vec![2], vec![1u8, 2]).unwrap())
        .unwrap();
    writer.finish().unwrap();
    path
}

#[cfg(unix)]
fn inode(path: &Path) -> u64 {
    std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(path).unwrap())
}

type Change = dyn Fn(&mut firstlight_fits::Edit) -> Result<(), Error>;

#[cfg(unix)]
#[test]
fn in_place_or_anew_the_bytes_are_the_same() {
    use std::os::unix::fs::PermissionsExt;
    let table = Table::new().with(Column::i32("ID", vec![1, 2, 3])).unwrap();
    let changes: [(&str, bool, Box<Change>); 6] = [
        (
            "a value",
            true,
            Box::new(|edit| edit.set(0, "OBSERVER", "Cannon", None)),
        ),
        (
            "two headers and an extension at the end",
            true,
            Box::new(move |edit| {
                edit.set(0, "OBSERVER", "Cannon", None)?;
                edit.set("SCI", "EXPTIME", 3.5, None)?;
                edit.append_table(&Header::new(), &table)
            }),
        ),
        ("one extension less", true, Box::new(|edit| edit.remove_hdu(2))),
        (
            "some pixels",
            true,
            Box::new(|edit| edit.image_rows(2, 0..1, &[3u8, 4])),
        ),
        (
            "all pixels",
            false,
            Box::new(|edit| {
                edit.pixels(
                    "SCI",
                    &Array::new(vec![1024, 2048], vec![1.0f32; 2 << 20]).unwrap(),
                )
            }),
        ),
        (
            "a longer header",
            false,
            Box::new(|edit| (0..60).try_for_each(|n| edit.set(0, &format!("KEY{n}"), n, None))),
        ),
    ];
    for (what, in_place, change) in changes {
        let folder = tempfile::tempdir().unwrap();
        let path = large(folder.path());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let before = std::fs::read(&path).unwrap();
        let linked = folder.path().join("linked.fits");
        std::fs::copy(&path, &linked).unwrap();
        std::fs::hard_link(&linked, folder.path().join("other.fits")).unwrap();
        let link = folder.path().join("link.fits");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let inodes = (inode(&path), inode(&linked));
        edit(&link, &change).unwrap();
        edit(&linked, &change).unwrap();
        assert_eq!(inode(&path) == inodes.0, in_place, "{what}");
        assert_ne!(inode(&linked), inodes.1, "{what}");
        let after = std::fs::read(&path).unwrap();
        assert!(
            after != before && after == std::fs::read(&linked).unwrap(),
            "{what}"
        );
        assert!(before == std::fs::read(folder.path().join("other.fits")).unwrap());
        let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o640, "{what}");
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        let names = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(names, 4, "{what}: nothing is left beside the files");
        FitsFile::open(&path).unwrap().check_whole().unwrap();
    }
}

#[test]
fn a_header_that_needs_fewer_blocks_keeps_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = sample(folder.path());
    edit(&path, |edit| {
        (0..60).try_for_each(|n| edit.set("SCI", &format!("KEY{n}"), n, None))
    })
    .unwrap();
    let before = std::fs::metadata(&path).unwrap().len();
    edit(&path, |edit| {
        edit.header("SCI")?
            .retain(|card| !card.keyword().starts_with("KEY"));
        Ok(())
    })
    .unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().len(), before);
    let file = FitsFile::open(&path).unwrap();
    assert_eq!(file.hdus().len(), 3);
    assert!(!file.hdu("SCI").unwrap().header().contains("KEY5"));
    assert_eq!(file.image::<u16>("SCI").unwrap().data, [1, 2, 3, 4, 5, 6]);
}
