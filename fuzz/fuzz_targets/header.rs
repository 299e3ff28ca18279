//! Any bytes as a header: every card read, set and written again.
#![no_main]

use firstlight_fits::Header;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut cards = bytes.to_vec();
    cards.resize(cards.len().next_multiple_of(80), b' ');
    cards.extend_from_slice(format!("{:<80}", "END").as_bytes());
    let Ok(mut header) = Header::parse(&cards) else { return };
    for card in header.cards() {
        let _ = (card.keyword(), card.value(), card.comment(), card.record(), card.commentary_text());
    }
    let names: Vec<String> = header.cards().iter().map(|card| card.keyword().to_owned()).collect();
    for name in &names {
        let _ = (header.get(name), header.record_values(name), header.require_real(name));
    }
    let again = Header::parse(&header.to_bytes()).expect("what was written is read");
    assert_eq!(again, header);
    for name in names.iter().take(4) {
        let _ = header.set(name, 1.5, Some("set"));
        let _ = header.set_record(name, "FIELD", 2.0, None);
    }
});
