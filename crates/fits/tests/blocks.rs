//! Images read block by block.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_fits::{Array, BlockBuffer, Card, FitsFile, FitsWriter, Header, Overwrite};

#[test]
fn blocks_are_those_of_the_whole_image() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("blocks.fits");
    let reals: Vec<f32> = (0..7 * 5).map(|n| n as f32 / 3.0 - 4.0).collect();
    let unsigned: Vec<u16> = (0..7 * 5).map(|n| n * 1873).collect();
    let mut writer = FitsWriter::create(&path, Overwrite::Refuse).unwrap();
    let header = Header::new();
    writer
        .image(&header, &Array::new(vec![7, 5], reals).unwrap())
        .unwrap();
    writer
        .image(&header, &Array::new(vec![7, 5], unsigned).unwrap())
        .unwrap();
    let mut named = Header::new();
    named.push(Card::new("EXTNAME", "ERR", None).unwrap());
    writer.constant(&named, (7, 5), 2.5, -32).unwrap();
    writer.finish().unwrap();
    let file = FitsFile::open(&path).unwrap();
    let mut buffer = BlockBuffer::default();
    for hdu in 0..3 {
        let blocks = file.image_blocks::<f32>(hdu).unwrap();
        assert_eq!(blocks.shape(), (7, 5));
        // The last ones are smaller than those before: nothing of them may be left.
        for (rows, columns) in [
            (0..7, 0..5),
            (2..4, 0..5),
            (1..6, 1..4),
            (3..3, 0..5),
            (6..7, 4..5),
        ] {
            let expected = file
                .image_block::<f32>(hdu, rows.clone(), columns.clone())
                .unwrap();
            assert_eq!(blocks.read(rows, columns, &mut buffer).unwrap(), expected.data);
        }
        assert!(blocks.read(5..8, 0..5, &mut buffer).is_err());
        assert!(blocks.read(0..7, 2..6, &mut buffer).is_err());
    }
    // What the type cannot hold is told of, with its place.
    let blocks = file.image_blocks::<i16>(1).unwrap();
    assert!(blocks.read(0..3, 0..5, &mut BlockBuffer::default()).is_ok());
    let error = blocks.read(0..7, 0..5, &mut BlockBuffer::default()).unwrap_err();
    assert!(error.to_string().contains("int16"), "{error}");
}
