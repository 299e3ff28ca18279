//! Lists in one argument.

/// The parts of a list `a,b,c`, without blanks at their ends; `\,` is a comma that parts nothing. Empty parts
/// are left out.
pub fn split_list(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, parts.last_mut()) {
            ('\\', Some(part)) if letters.peek() == Some(&',') => {
                letters.next();
                part.push(',');
            }
            (',', _) => parts.push(String::new()),
            (other, Some(part)) => part.push(other),
            (_, None) => {}
        }
    }
    let parts = parts.iter().map(|part| part.trim().to_owned());
    parts.filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::split_list;

    #[test]
    fn commas_part_and_can_be_kept() {
        assert_eq!(split_list("FLT, ASN,,"), ["FLT", "ASN"]);
        assert_eq!(split_list(r"Smith\, J,a\b"), ["Smith, J", r"a\b"]);
        assert!(split_list(" ,").is_empty());
    }
}
