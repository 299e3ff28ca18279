//! CHECKSUM and DATASUM (FITS 4.0, appendix J; Seaman, Pence & Rots 2012).

use crate::hdu::padded;
use crate::{BLOCK, FitsFile, Hdu, HduSelector, Header, Result, Value};

/// What a checksum card says of the bytes it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// There is no such card.
    Absent,
    /// The bytes are those that were summed.
    Correct,
    /// The bytes have changed since.
    Wrong,
}

/// The verdicts on one HDU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checksums {
    /// CHECKSUM: the whole HDU.
    pub hdu: Verdict,
    /// DATASUM: its data.
    pub data: Verdict,
}

impl FitsFile {
    /// Compares an HDU's bytes with its CHECKSUM and DATASUM.
    ///
    /// # Errors
    /// [`Error::NoSuchHdu`](crate::Error::NoSuchHdu), [`Error::Truncated`](crate::Error::Truncated), or
    /// [`Error::Io`](crate::Error::Io).
    pub fn checksums(&self, selector: impl Into<HduSelector>) -> Result<Checksums> {
        let hdu = self.hdu(selector)?;
        verify(self, hdu).map_err(|e| e.in_hdu(self.path(), hdu.label()))
    }
}

fn verify(file: &FitsFile, hdu: &Hdu) -> Result<Checksums> {
    let header = hdu.stored_header();
    let (stated, stated_data) = (header.contains("CHECKSUM"), header.get("DATASUM"));
    if !stated && stated_data.is_none() {
        return Ok(Checksums {
            hdu: Verdict::Absent,
            data: Verdict::Absent,
        });
    }
    hdu.check_whole()?;
    let sum_data = sum_range(file, hdu.data_offset, padded(hdu.data_bytes))?;
    let sum_hdu = add(
        sum_range(file, hdu.header_offset, hdu.data_offset - hdu.header_offset)?,
        sum_data,
    );
    let verdict = |right| if right { Verdict::Correct } else { Verdict::Wrong };
    let data = match stated_data {
        None => Verdict::Absent,
        Some(Value::Text(text)) => verdict(text.trim().parse() == Ok(sum_data)),
        Some(value) => verdict(value.as_integer() == Some(i64::from(sum_data))),
    };
    Ok(Checksums {
        hdu: if stated {
            verdict(sum_hdu == u32::MAX)
        } else {
            Verdict::Absent
        },
        data,
    })
}

pub(crate) fn sum_range(file: &FitsFile, offset: u64, length: u64) -> Result<u32> {
    let reader = file.reader()?;
    let (mut sum, mut done, mut scratch) = (0, 0, Vec::new());
    while done < length {
        let part = (length - done).min((BLOCK * 256) as u64);
        sum = add(
            sum,
            sum_of(reader.bytes(offset + done, part as usize, &mut scratch)?),
        );
        done += part;
    }
    Ok(sum)
}

/// The ones'-complement sum of 32-bit big-endian words; bytes beyond the last whole word count as if
/// zeros followed.
pub(crate) fn sum_of(bytes: &[u8]) -> u32 {
    let (words, rest) = bytes.as_chunks::<4>();
    let mut last = [0; 4];
    last[..rest.len()].copy_from_slice(rest);
    let sum: u64 = words
        .iter()
        .map(|&word| u64::from(u32::from_be_bytes(word)))
        .sum();
    fold(sum + u64::from(u32::from_be_bytes(last)))
}

pub(crate) fn add(a: u32, b: u32) -> u32 {
    fold(u64::from(a) + u64::from(b))
}

fn fold(mut sum: u64) -> u32 {
    while sum > u64::from(u32::MAX) {
        sum = (sum >> 32) + (sum & 0xffff_ffff);
    }
    sum as u32
}

/// Sixteen characters that add `sum` to the words they stand in, when they begin in the fourth byte of
/// one, as the value of a card does.
fn encode(sum: u32) -> String {
    let excluded = |c: u8| matches!(c, b':'..=b'@' | b'['..=b'`');
    let mut text = [0u8; 16];
    for (place, byte) in sum.to_be_bytes().into_iter().enumerate() {
        let quarter = byte / 4 + b'0';
        let mut characters = [quarter + byte % 4, quarter, quarter, quarter];
        // Letters and digits only: what one of a pair gains, the other loses.
        while characters.iter().any(|&c| excluded(c)) {
            for pair in characters.chunks_exact_mut(2) {
                if pair.iter().any(|&c| excluded(c)) {
                    pair[0] += 1;
                    pair[1] -= 1;
                }
            }
        }
        for (turn, character) in characters.into_iter().enumerate() {
            text[4 * turn + place] = character;
        }
    }
    text.rotate_right(1);
    text.iter().map(|&c| char::from(c)).collect()
}

/// Room for both cards, to be filled by [`fill`] when the data's sum is known.
pub(crate) fn reserve(header: &mut Header) -> Result<()> {
    header.set("CHECKSUM", "0000000000000000", Some("HDU checksum"))?;
    header.set("DATASUM", "0         ", Some("data unit checksum"))
}

/// Sets CHECKSUM and DATASUM of a header whose data sum up to `data`, and which takes `length` bytes.
pub(crate) fn fill(header: &mut Header, data: u32, length: usize) -> Result<Vec<u8>> {
    header.set("DATASUM", data.to_string(), None)?;
    header.set("CHECKSUM", "0000000000000000", None)?;
    let zeroed = bytes_of(header, length)?;
    header.set("CHECKSUM", encode(!add(sum_of(&zeroed), data)), None)?;
    bytes_of(header, length)
}

/// The header's bytes, at least `length`. Blank cards fill what is too much of it: END stands in the last block.
pub(crate) fn bytes_of(header: &Header, length: usize) -> Result<Vec<u8>> {
    let mut bytes = header.to_bytes();
    if bytes.len() < length {
        bytes.truncate((header.physical_cards() - 1) * 80);
        bytes.resize(length - BLOCK, b' ');
        bytes.extend_from_slice(b"END");
        bytes.resize(length, b' ');
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_adds_up_to_the_sum_and_is_alphanumeric() {
        for sum in [
            0,
            1,
            0x0102_0304,
            0xffff_ffff,
            868_229_149,
            0x7f80_ff01,
            0x3a5b_5b3a,
        ] {
            let text = encode(sum);
            assert!(text.bytes().all(|c| c.is_ascii_alphanumeric()), "{text}");
            let mut bytes = text.into_bytes();
            bytes.rotate_left(1);
            let zeros = sum_of(&[b'0'; 16]);
            let gained = add(sum_of(&bytes), !zeros);
            // Both forms of zero are zero.
            assert!(gained == sum || (gained == u32::MAX && sum == 0) || (gained == 0 && sum == u32::MAX));
        }
        // The example of appendix J.
        assert_eq!(encode(!868_229_149), "hcHjjc9ghcEghc9g");
    }

    #[test]
    fn sums_carry_around() {
        assert_eq!(sum_of(&[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 2]), 2);
        assert_eq!(sum_of(&[1]), 0x0100_0000);
    }
}
