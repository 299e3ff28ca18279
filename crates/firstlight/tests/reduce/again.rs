//! A second run does what has changed.

use crate::night::{Cards, Night, names, without_page};
use firstlight::Error;
use firstlight::reduce::{ReduceOptions, ReduceReport};

fn anew(report: &ReduceReport) -> (Vec<String>, Vec<String>) {
    let masters = report.masters.iter().filter(|master| !master.up_to_date);
    let masters = masters.map(|master| master.path.file_name().unwrap().to_string_lossy().into_owned());
    let frames = names(report).into_iter().zip(&report.reduced);
    let frames = frames
        .filter(|(_, frame)| !frame.up_to_date)
        .map(|(name, _)| name);
    (masters.collect(), frames.collect())
}

#[test]
fn only_what_depends_on_a_change_is_done_again() {
    let night = Night::usual();
    let options = ReduceOptions::default();
    let first = night.reduce(&options).unwrap();
    let second = night.reduce(&options).unwrap();
    assert_eq!(anew(&second), (Vec::new(), Vec::new()));
    assert_eq!(second.reduced[0].after, first.reduced[0].after);

    night.put("ngc_B_2.fits", &Cards::new(1, "B", 30.0));
    let third = night.reduce(&options).unwrap();
    assert_eq!(anew(&third), (Vec::new(), vec!["ngc_B_2.fits".to_owned()]));

    night.put("flat_V2.fits", &Cards::new(4, "V", 3.0));
    let fourth = night.reduce(&options).unwrap();
    let expected = (
        vec!["flat_2018-03-09_V.fits".to_owned()],
        vec!["ngc_V_0.fits".to_owned(), "ngc_V_1.fits".to_owned()],
    );
    assert_eq!(anew(&fourth), expected);

    std::fs::remove_file(night.out().join("reduced/ngc_B_0.fits")).unwrap();
    std::fs::remove_dir_all(night.out().join("report")).unwrap();
    let fifth = night.reduce(&options).unwrap();
    assert_eq!(anew(&fifth), (Vec::new(), vec!["ngc_B_0.fits".to_owned()]));
    assert!(
        std::fs::read_to_string(fifth.page.unwrap())
            .unwrap()
            .contains("ngc_V_0.fits")
    );

    let other = ReduceOptions {
        saturation: Some(60_000.0),
        ..options
    };
    let sixth = night.reduce(&other).unwrap();
    assert_eq!(anew(&sixth).1.len(), 5);
}

#[test]
fn files_of_others_are_not_replaced() {
    let night = Night::usual();
    night.reduce(&without_page()).unwrap();
    let product = night.out().join("reduced/ngc_V_0.fits");
    let mut bytes = std::fs::read(&product).unwrap();
    bytes.extend([0u8; 2880]);
    std::fs::write(&product, &bytes).unwrap();
    let error = night.reduce(&without_page()).unwrap_err();
    assert!(error.to_string().contains("changed after it was made"), "{error}");
    assert_eq!(std::fs::read(&product).unwrap(), bytes);
    let overwrite = ReduceOptions {
        overwrite: true,
        ..without_page()
    };
    assert_eq!(anew(&night.reduce(&overwrite).unwrap()).1.len(), 4);

    let other = Night::usual();
    std::fs::create_dir_all(other.out().join("reduced")).unwrap();
    std::fs::write(other.out().join("reduced/ngc_V_0.fits"), b"mine").unwrap();
    assert!(matches!(
        other.reduce(&without_page()),
        Err(Error::OutputExists { .. })
    ));
    std::fs::write(other.out().join("reduce.json"), b"{").unwrap();
    let error = other.reduce(&without_page()).unwrap_err().to_string();
    assert!(error.contains("reduce.json"), "{error}");
}
