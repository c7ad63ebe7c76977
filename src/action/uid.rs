//! U: a UID is replaced by a keyed one, the same everywhere (PS3.15 E.1.1 item 5).
//!
//! `1.2.840.113619.2.5.1762583153 -> 2.25.1773...`; each value of several. A UID that the standard registers stays: it
//! names a class or a well-known instance, not anybody's data.

use crate::identity::pseudonym::Pseudonyms;
use crate::standard::uids;

/// Characters of the longest UID (PS3.5 section 9.1).
const LONGEST: usize = 64;

/// The new value, without padding. Empty values stay empty.
#[must_use]
pub fn replace_uids(value: &[u8], pseudonyms: &Pseudonyms) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    for (index, one) in value.split(|&b| b == b'\\').enumerate() {
        if index > 0 {
            out.push(b'\\');
        }
        let uid = one.trim_ascii_end();
        let uid = uid
            .split(|&b| b == 0)
            .next()
            .unwrap_or_default()
            .trim_ascii();
        match std::str::from_utf8(uid) {
            Ok("") => {}
            Ok(text) if uids::is_registered(text) => out.extend_from_slice(uid),
            Ok(_) | Err(_) => out.extend_from_slice(pseudonyms.uid(uid).as_bytes()),
        }
    }
    out
}

/// True when every value is composed as PS3.5 section 9.1 asks, so that it can be a class and no text in disguise.
#[must_use]
pub fn is_composed(value: &[u8]) -> bool {
    value.split(|&b| b == b'\\').all(|one| {
        let padding = |b: &u8| matches!(b, 0 | b' ');
        let padded = one.iter().rev().take_while(|b| padding(b)).count();
        let uid = one.get(..one.len().saturating_sub(padded));
        let uid = uid.unwrap_or_default();
        uid.len() <= LONGEST && uid.iter().all(|b| b.is_ascii_digit() || *b == b'.')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::key::Key;

    fn pseudonyms() -> Pseudonyms {
        Pseudonyms::new(&Key::from_bytes([7; 32]), "")
    }

    #[test]
    fn each_value_is_replaced_and_registered_ones_stay() {
        let p = pseudonyms();
        assert_eq!(replace_uids(b"", &p), b"");
        assert_eq!(
            replace_uids(b"1.2.840.10008.1.4.1.1\0", &p),
            b"1.2.840.10008.1.4.1.1"
        );
        let two = replace_uids(b"1.2.3\\1.2.4\0", &p);
        let (one, other) = (replace_uids(b"1.2.3\0", &p), replace_uids(b"1.2.4", &p));
        assert_eq!(two, [one.as_slice(), b"\\", other.as_slice()].concat());
        assert!(one.starts_with(b"2.25."));
    }

    #[test]
    fn a_prefix_of_the_standard_is_not_the_registry() {
        assert!(replace_uids(b"1.2.840.10008.99999.1", &pseudonyms()).starts_with(b"2.25."));
    }

    #[test]
    fn text_in_disguise_is_no_uid() {
        assert!(is_composed(b"1.2.3\0"));
        assert!(!is_composed(b"DOE^JANE"));
    }
}
