//! The checksum that rule files carry of themselves.

use sha1::{Digest, Sha1};

use crate::client::download::hexadecimal;

/// Compares the `sha1sum` in a rule file's header with that of its text: of all lines but those that hold it.
///
/// # Errors
/// Why the text is not what was written.
pub(super) fn of_mapping(text: &str) -> Result<(), String> {
    if text
        .trim_matches(|c: char| c.is_whitespace() || c == '\0')
        .is_empty()
    {
        return Err("it is blank".to_owned());
    }
    let mut sum = Sha1::new();
    let mut noted = None;
    for line in text.split_inclusive('\n') {
        if line.contains("sha1sum") {
            noted = noted.or_else(|| value(line));
        } else {
            sum.update(line.as_bytes());
        }
    }
    let Some(noted) = noted else {
        return Err("it has no sha1sum in its header: it is no rule file, or was cut".to_owned());
    };
    let found = hexadecimal(&sum.finalize());
    match found.eq_ignore_ascii_case(noted) {
        true => Ok(()),
        false => Err(format!(
            "its text has the SHA-1 {found}, and its header says {noted}"
        )),
    }
}

/// `abc` of `'sha1sum' : 'abc',`.
fn value(line: &str) -> Option<&str> {
    let (_, value) = line.split_once(':')?;
    Some(
        value
            .trim()
            .trim_end_matches(',')
            .trim()
            .trim_matches(['\'', '"']),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_file_checks_itself() {
        let body = "header = {\n    'mapping' : 'PIPELINE',\n}\n";
        let sum = hexadecimal(&Sha1::digest(body.as_bytes()));
        let text = format!("header = {{\n    'sha1sum' : '{sum}',\n    'mapping' : 'PIPELINE',\n}}\n");
        assert_eq!(of_mapping(&text), Ok(()));
        assert!(
            of_mapping(&text.replace("PIPELINE", "PIPELIME"))
                .unwrap_err()
                .contains("SHA-1")
        );
        assert!(of_mapping(&text[..20]).is_err());
        assert!(of_mapping("\0\0\n").unwrap_err().contains("blank"));
    }
}
