//! Values on bytes (PS3.5 section 6.2): padding, lengths, and whether a value is what its VR says.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the many VRs, options and actions a few are told apart"
)]

pub mod date;

use super::Vr;

/// Most characters of one value; `None` where the VR has no such limit.
#[must_use]
pub fn max_len(vr: Vr) -> Option<usize> {
    match vr {
        Vr::AE | Vr::CS | Vr::SH | Vr::DS => Some(16),
        Vr::IS => Some(12),
        Vr::LO | Vr::PN | Vr::UI => Some(64),
        Vr::ST => Some(1024),
        Vr::LT => Some(10_240),
        Vr::AS => Some(4),
        Vr::DA => Some(8),
        Vr::TM => Some(14),
        Vr::DT => Some(26),
        _ => None,
    }
}

/// Pads to an even length with the VR's padding byte.
#[must_use]
pub fn pad(vr: Vr, mut value: Vec<u8>) -> Vec<u8> {
    value.extend_from_slice(padding(vr, value.len()));
    value
}

/// What a value of this length is padded with (PS3.5 section 6.2).
#[must_use]
pub fn padding(vr: Vr, length: usize) -> &'static [u8] {
    match length % 2 {
        0 => b"",
        _ if super::element::is_string(vr) && vr != Vr::UI => b" ",
        _ => b"\0",
    }
}

/// Without padding at the end; leading spaces go too where they carry nothing.
#[must_use]
pub fn trim(vr: Vr, value: &[u8]) -> &[u8] {
    if !super::element::is_string(vr) {
        return value;
    }
    let mut value = value;
    while let Some((b' ' | 0, rest)) = value.split_last() {
        value = rest;
    }
    if matches!(vr, Vr::LT | Vr::ST | Vr::UT | Vr::UC) {
        return value;
    }
    while let Some((b' ', rest)) = value.split_first() {
        value = rest;
    }
    value
}

/// True when every value is composed as its VR asks. Free text is always; an empty value is.
#[must_use]
pub fn is_valid(vr: Vr, bytes: &[u8]) -> bool {
    let one: fn(&[u8]) -> bool = match vr {
        Vr::DA => |value| date::parse_da(value).is_some(),
        Vr::DT => |value| date::parse_dt(value).is_some(),
        Vr::TM => is_time,
        Vr::AS => is_age,
        Vr::IS => |value| value.len() <= 12 && is_number(value, false),
        Vr::DS => |value| is_number(value, true),
        Vr::UI => {
            |value| value.len() <= 64 && value.iter().all(|b| b.is_ascii_digit() || *b == b'.')
        }
        Vr::CS => |value| {
            value
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'_'))
        },
        Vr::AE => |value| value.len() <= 16 && value.iter().all(|b| (0x20..0x7F).contains(b)),
        _ => return true,
    };
    trim(vr, bytes)
        .split(|&b| b == b'\\')
        .map(|value| trim(vr, value))
        .all(|value| value.is_empty() || one(value))
}

fn is_time(value: &[u8]) -> bool {
    value.len() <= 16
        && value
            .iter()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b':'))
}

fn is_age(value: &[u8]) -> bool {
    matches!(value, [a, b, c, b'D' | b'W' | b'M' | b'Y'] if [a, b, c].iter().all(|d| d.is_ascii_digit()))
}

/// A number with sign, and with fraction and exponent where `decimal`. Length is left to the caller: writers exceed it.
fn is_number(value: &[u8], decimal: bool) -> bool {
    value.len() <= 32
        && value.iter().any(u8::is_ascii_digit)
        && value.iter().all(|b| {
            b.is_ascii_digit()
                || matches!(b, b'+' | b'-')
                || decimal && matches!(b, b'.' | b'e' | b'E' | b',')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_values_are_those_of_the_standard() {
        for (vrs, longest) in [
            ([Vr::AE, Vr::CS, Vr::SH, Vr::DS].as_slice(), Some(16)),
            (&[Vr::IS], Some(12)),
            (&[Vr::LO, Vr::PN, Vr::UI], Some(64)),
            (&[Vr::ST], Some(1024)),
            (&[Vr::LT], Some(10_240)),
            (&[Vr::AS], Some(4)),
            (&[Vr::DA], Some(8)),
            (&[Vr::TM], Some(14)),
            (&[Vr::DT], Some(26)),
            (&[Vr::UT, Vr::UC, Vr::OB, Vr::SQ], None),
        ] {
            for vr in vrs {
                assert_eq!(max_len(*vr), longest, "{vr:?}");
            }
        }
    }

    #[test]
    fn validity_is_judged_value_by_value() {
        let rows: &[(Vr, &[u8], bool)] = &[
            (Vr::DA, b"20240229", true),
            (Vr::DA, b"20230229", false),
            (Vr::DA, b"DOE", false),
            (Vr::DS, b"1.5\\-2e3 ", true),
            (Vr::DS, b"78 kg DOE", false),
            (Vr::IS, b"12 ", true),
            (Vr::AS, b"034Y", true),
            (Vr::AS, b"34", false),
            (Vr::UI, b"1.2.3\0", true),
            (Vr::UI, b"../../x", false),
            (Vr::CS, b"ORIGINAL\\PRIMARY", true),
            (Vr::CS, b"Doe^Jane", false),
            (Vr::TM, b"101530.5", true),
            (Vr::TM, b"DOE", false),
            (Vr::LO, b"anything", true),
            (Vr::DA, b"", true),
        ];
        for (vr, bytes, expected) in rows {
            assert_eq!(
                is_valid(*vr, bytes),
                *expected,
                "{vr:?} {}",
                String::from_utf8_lossy(bytes)
            );
        }
    }

    #[test]
    fn values_are_padded_and_trimmed_by_their_vr() {
        assert_eq!(pad(Vr::LO, b"A".to_vec()), b"A ");
        assert_eq!(pad(Vr::UI, b"1".to_vec()), b"1\0");
        assert_eq!(trim(Vr::LO, b" A B \0"), b"A B");
        assert_eq!(trim(Vr::LT, b" A "), b" A");
        assert_eq!(trim(Vr::OB, b"\0 "), b"\0 ");
    }
}
