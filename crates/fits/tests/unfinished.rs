//! What a process that is told to end takes away. Alone in this process, as it takes away all there is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_fits::{AtomicFile, Overwrite, Scratch, remove_unfinished};
use std::io::Write;

#[test]
fn all_that_is_in_the_making_goes_and_what_is_there_stays() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("out.fits");
    AtomicFile::write_whole(&output, b"old", Overwrite::Refuse).unwrap();
    let mut file = AtomicFile::create(&output, Overwrite::Replace).unwrap();
    file.write_all(b"half").unwrap();
    let scratch = Scratch::beside(&output).unwrap();
    std::fs::create_dir(scratch.path().join("deeper")).unwrap();
    AtomicFile::write_whole(&scratch.path().join("deeper/part"), b"part", Overwrite::Refuse).unwrap();
    let ended = remove_unfinished();
    let names: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["out.fits"]);
    assert_eq!(std::fs::read(&output).unwrap(), b"old");
    drop(ended);
    drop((file, scratch));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
