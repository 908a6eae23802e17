//! The numbers that messages carry.

use std::io::{self, Error};

/// Writes the message's number to its beginning, if it has room for that.
pub fn stamp(message: &mut [u8], number: usize) {
    if let Some(place) = message.first_chunk_mut() {
        *place = (number as u64).to_le_bytes();
    }
}

/// Checks the message's number, if it has one.
pub fn check(message: &[u8], number: u64) -> io::Result<()> {
    match message.first_chunk() {
        Some(place) if u64::from_le_bytes(*place) != number => {
            Err(Error::other(format!("message {number} is damaged, lost or out of order")))
        }
        _ => Ok(()),
    }
}
