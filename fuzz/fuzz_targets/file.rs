//! Any bytes as a file: everything in it read.
#![no_main]

use firstlight_fits::FitsFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(file) = FitsFile::from_bytes("fuzz.fits", bytes.to_vec()) else { return };
    let _ = file.summaries();
    for hdu in file.hdus() {
        let index = hdu.index();
        let _ = (file.checksums(index), file.pixels(index), file.table(index), file.data_bytes(index));
        let _ = (file.image::<i16>(index), file.image_rows::<f32>(index, 0..1));
    }
});
