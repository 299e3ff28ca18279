//! Any bytes as the tiles of a compressed image: the first bytes choose how it is compressed.
#![no_main]

use firstlight_fits::FitsFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&[kind, pixels, options], tile)) = bytes.split_first_chunk::<3>() else { return };
    let compression = ["RICE_1", "GZIP_1", "GZIP_2", "PLIO_1", "HCOMPRESS_1", "NOCOMPRESS"][usize::from(kind) % 6];
    let bitpix = [8, 16, 32, -32, -64][usize::from(pixels) % 5];
    let quantize = ["NO_DITHER", "SUBTRACTIVE_DITHER_1", "SUBTRACTIVE_DITHER_2", "NONE"][usize::from(options) % 4];
    let cards = [
        "XTENSION= 'BINTABLE'".to_owned(),
        "BITPIX  = 8".to_owned(),
        "NAXIS   = 2".to_owned(),
        "NAXIS1  = 24".to_owned(),
        "NAXIS2  = 1".to_owned(),
        format!("PCOUNT  = {}", tile.len()),
        "GCOUNT  = 1".to_owned(),
        "TFIELDS = 3".to_owned(),
        "TTYPE1  = 'COMPRESSED_DATA'".to_owned(),
        format!("TFORM1  = '1PB({})'", tile.len()),
        "TTYPE2  = 'ZSCALE  '".to_owned(),
        "TFORM2  = '1D      '".to_owned(),
        "TTYPE3  = 'ZZERO   '".to_owned(),
        "TFORM3  = '1D      '".to_owned(),
        "ZIMAGE  = T".to_owned(),
        format!("ZBITPIX = {bitpix}"),
        "ZNAXIS  = 2".to_owned(),
        "ZNAXIS1 = 16".to_owned(),
        "ZNAXIS2 = 12".to_owned(),
        "ZTILE1  = 16".to_owned(),
        "ZTILE2  = 12".to_owned(),
        format!("ZCMPTYPE= '{compression}'"),
        format!("ZQUANTIZ= '{quantize}'"),
        "ZDITHER0= 1".to_owned(),
        "END".to_owned(),
    ];
    let mut file = Vec::new();
    let mut header = |cards: &[String]| {
        for card in cards {
            file.extend(format!("{card:<80}").into_bytes());
        }
        file.resize(file.len().next_multiple_of(2880), b' ');
    };
    header(&["SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 0", "END"].map(str::to_owned));
    header(&cards);
    file.extend((tile.len() as u32).to_be_bytes());
    file.extend([0; 4]);
    file.extend(0.5f64.to_be_bytes());
    file.extend(10.0f64.to_be_bytes());
    file.extend_from_slice(tile);
    file.resize(file.len().next_multiple_of(2880), 0);
    let file = FitsFile::from_bytes("fuzz.fits", file).expect("the headers are well formed");
    let _ = (file.pixels(1), file.image_rows::<f32>(1, 3..5));
});
