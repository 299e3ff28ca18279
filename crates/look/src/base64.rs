//! Bytes as text, for pictures inside SVG and HTML (RFC 4648, section 4).

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Appends `bytes` to `text`.
pub fn append(text: &mut String, bytes: &[u8]) {
    text.reserve(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk
            .iter()
            .fold(0_u32, |group, &byte| (group << 8) | u32::from(byte))
            << (8 * (3 - chunk.len()));
        for n in 0..4 {
            let digit = ALPHABET[(group >> (18 - 6 * n)) as usize & 63];
            text.push(if n <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_standards_own_examples() {
        let examples = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ];
        for (bytes, expected) in examples {
            let mut text = String::new();
            super::append(&mut text, bytes.as_bytes());
            assert_eq!(text, expected);
        }
        let mut text = String::new();
        super::append(&mut text, &[0xfb, 0xff, 0x00]);
        assert_eq!(text, "+/8A");
    }
}
