//! `numeric` on the wire: groups of four decimal digits.

use std::fmt::Write as _;

use sinew_core::{Error, ErrorKind, Result};

const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xc000;
const INFINITY: u16 = 0xd000;
const MINUS_INFINITY: u16 = 0xf000;

/// The number in its plain decimal form, with as many digits after the point as the server keeps.
pub(crate) fn decode(bytes: &[u8]) -> Result<String> {
    let word = |at: usize| -> Result<u16> {
        match bytes.get(at * 2..at * 2 + 2) {
            Some(&[high, low]) => Ok(u16::from_be_bytes([high, low])),
            _ => Err(Error::new(
                ErrorKind::Decode,
                "a numeric value is cut short",
            )),
        }
    };
    let (groups, weight, sign, scale) = (word(0)?, word(1)? as i16, word(2)?, word(3)?);
    match sign {
        NAN => return Ok("NaN".into()),
        INFINITY => return Ok("Infinity".into()),
        MINUS_INFINITY => return Ok("-Infinity".into()),
        _ => {}
    }
    let group = |place: i32| -> Result<u16> {
        let index = i32::from(weight) - place;
        match usize::try_from(index) {
            Ok(index) if index < usize::from(groups) => word(4 + index),
            _ => Ok(0),
        }
    };
    let mut text = String::with_capacity(usize::from(groups) * 4 + usize::from(scale) + 3);
    if sign == NEGATIVE {
        text.push('-');
    }
    // Writing to a String cannot fail.
    if weight < 0 {
        text.push('0');
    } else {
        let _ = write!(text, "{}", group(i32::from(weight))?);
        for place in (0..i32::from(weight)).rev() {
            let _ = write!(text, "{:04}", group(place)?);
        }
    }
    if scale > 0 {
        text.push('.');
        let end = text.len() + usize::from(scale);
        let mut place = -1;
        while text.len() < end {
            let _ = write!(text, "{:04}", group(place)?);
            place -= 1;
        }
        text.truncate(end);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(weight: i16, sign: u16, scale: u16, groups: &[u16]) -> Vec<u8> {
        let head = [groups.len() as u16, weight as u16, sign, scale];
        head.iter()
            .chain(groups)
            .flat_map(|word| word.to_be_bytes())
            .collect()
    }

    #[test]
    fn numbers_in_plain_form() {
        for (wanted, bytes) in [
            ("0", bytes(0, 0, 0, &[])),
            ("0.00", bytes(0, 0, 2, &[])),
            ("12345.6789", bytes(1, 0, 4, &[1, 2345, 6789])),
            ("-0.0001", bytes(-1, NEGATIVE, 4, &[1])),
            ("0.000000010", bytes(-2, 0, 9, &[1])),
            ("10000", bytes(1, 0, 0, &[1])),
            (
                "18446744073709551615",
                bytes(4, 0, 0, &[1844, 6744, 737, 955, 1615]),
            ),
            ("NaN", bytes(0, NAN, 0, &[])),
        ] {
            assert_eq!(decode(&bytes).unwrap(), wanted);
        }
        assert!(decode(&[0, 1]).is_err());
    }
}
