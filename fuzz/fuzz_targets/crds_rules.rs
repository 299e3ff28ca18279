//! Any bytes as rules: what is read is asked.
#![no_main]

use firstlight_archive::crds::{DatasetHeader, Rules};
use libfuzzer_sys::fuzz_target;
use sha1::{Digest, Sha1};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let _ = Rules::load("hst.pmap", &|_| Ok(text.clone().into_owned()));
    // With the right checksum, so that what is behind it is reached.
    let kept: String = text.split_inclusive('\n').filter(|line| !line.contains("sha1sum")).collect();
    for bare in [format!("{RMAP}\n{kept}"), kept] {
        let sum: String = Sha1::digest(bare.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        let whole = bare.replacen("header = {\n", &format!("header = {{\n'sha1sum' : '{sum}',\n"), 1);
        let Ok(rules) = Rules::load("hst_acs_darkfile.rmap", &|_| Ok(whole.clone())) else { continue };
        for value in ["UNDEFINED", "N/A", "*", "A", "1.0", "2005-05-05"] {
            let names = rules.keywords("acs");
            let header = DatasetHeader::from_pairs(names.iter().map(|name| (name, value)));
            let _ = rules.best_references(&header, None);
        }
    }
});

/// A header for selectors that come without one.
const RMAP: &str = "header = {
'mapping' : 'REFERENCE', 'instrument' : 'ACS', 'filekind' : 'DARKFILE', 'parkey' : (('A', 'B'), ('D', 'T')),
}";
