//! What is refused before anything is combined.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight::ErrorClass;
use firstlight::drizzle::{DrizzleOptions, drizzle};
use firstlight::progress::Silent;
use firstlight::simulate::{SbcVisitOptions, sbc};

#[test]
fn an_exposure_given_twice_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let options = SbcVisitOptions {
        darks: 0,
        size: 64,
        ..SbcVisitOptions::default()
    };
    let visit = sbc(folder.path(), &options, false, &Silent).unwrap();
    let flt = visit.science[0].clone();
    let detour = folder.path().join("darks/..").join(flt.file_name().unwrap());
    let how = DrizzleOptions {
        output: Some(folder.path().join("out").display().to_string()),
        ..DrizzleOptions::default()
    };
    // F165LP's association has the first exposure as a member.
    let association = visit.associations[0].clone();
    for inputs in [
        vec![flt.clone(), visit.science[1].clone(), flt.clone()],
        vec![flt.clone(), detour],
        vec![association.clone(), flt.clone()],
        vec![association.clone(), association.clone()],
    ] {
        let error = drizzle(&inputs, &how, &Silent).unwrap_err();
        let text = error.to_string();
        assert_eq!(error.class(), ErrorClass::Usage);
        assert!(
            text.contains("jsim11ctq_flt.fits") && text.contains("twice"),
            "{text}"
        );
        assert!(!folder.path().join("out_drz_sci.fits").exists());
    }
    let report = drizzle(&[association], &how, &Silent).unwrap();
    assert_eq!(report.inputs.len(), 2);
}
