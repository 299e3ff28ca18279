//! Base64, as far as the server packs its answers in it.

/// The bytes of a text; None where it is no base64. Line ends are passed over.
pub(super) fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0u32);
    for byte in text
        .trim_end()
        .trim_end_matches('=')
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
    {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn known_texts() {
        assert_eq!(decoded("").as_deref(), Some(&b""[..]));
        assert_eq!(decoded("Zm9v\nYmFyIQ==").as_deref(), Some(&b"foobar!"[..]));
        assert_eq!(decoded("/+8=").as_deref(), Some(&[0xff, 0xef][..]));
        assert_eq!(decoded("a*b"), None);
    }
}
