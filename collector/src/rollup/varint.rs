//! Numbers as bytes: LEB128 varints, signed ones in zigzag order.
//!
//! In: numbers, or bytes from the database. Out: the other. What must never happen: bytes that are no
//! number are read as one.

use super::HistogramError;

/// Writes a number: seven bits in each byte, the lowest first.
pub fn put_varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Writes a number that may be negative; small ones of either sign are short.
pub fn put_signed(bytes: &mut Vec<u8>, number: i64) {
    put_varint(bytes, ((number << 1) ^ (number >> 63)) as u64);
}

/// Takes a number from the front.
///
/// # Errors
/// If the bytes end inside it, or it has more than 64 bits.
pub fn take_varint(bytes: &mut &[u8]) -> Result<u64, HistogramError> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or(HistogramError::Cut)?;
        *bytes = rest;
        let part = u64::from(byte & 0x7f);
        if shift == 63 && part > 1 {
            return Err(HistogramError::Overflow);
        }
        number |= part << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(HistogramError::Overflow)
}

/// Takes a number that may be negative from the front.
///
/// # Errors
/// As [`take_varint`].
pub fn take_signed(bytes: &mut &[u8]) -> Result<i64, HistogramError> {
    let number = take_varint(bytes)?;
    Ok((number >> 1) as i64 ^ -((number & 1) as i64))
}
