//! The two letters of a VR (PS3.5 section 6.2), by table: they are read in front of every value.

use super::Vr;

const LETTERS: usize = 26;

/// The VRs of PS3.5 table 6.2-1.
const ALL: [(Vr, &[u8; 2]); 34] = [
    (Vr::AE, b"AE"),
    (Vr::AS, b"AS"),
    (Vr::AT, b"AT"),
    (Vr::CS, b"CS"),
    (Vr::DA, b"DA"),
    (Vr::DS, b"DS"),
    (Vr::DT, b"DT"),
    (Vr::FL, b"FL"),
    (Vr::FD, b"FD"),
    (Vr::IS, b"IS"),
    (Vr::LO, b"LO"),
    (Vr::LT, b"LT"),
    (Vr::OB, b"OB"),
    (Vr::OD, b"OD"),
    (Vr::OF, b"OF"),
    (Vr::OL, b"OL"),
    (Vr::OV, b"OV"),
    (Vr::OW, b"OW"),
    (Vr::PN, b"PN"),
    (Vr::SH, b"SH"),
    (Vr::SL, b"SL"),
    (Vr::SQ, b"SQ"),
    (Vr::SS, b"SS"),
    (Vr::ST, b"ST"),
    (Vr::SV, b"SV"),
    (Vr::TM, b"TM"),
    (Vr::UC, b"UC"),
    (Vr::UI, b"UI"),
    (Vr::UL, b"UL"),
    (Vr::UN, b"UN"),
    (Vr::UR, b"UR"),
    (Vr::US, b"US"),
    (Vr::UT, b"UT"),
    (Vr::UV, b"UV"),
];

/// The place of each pair of letters holds its VR.
static TABLE: [Option<Vr>; LETTERS * LETTERS] = table();

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "at compile time, where both would be an error of the compiler"
)]
const fn table() -> [Option<Vr>; LETTERS * LETTERS] {
    let mut table = [None; LETTERS * LETTERS];
    let mut at = 0;
    while at < ALL.len() {
        let (vr, &[first, second]) = ALL[at];
        table[(first - b'A') as usize * LETTERS + (second - b'A') as usize] = Some(vr);
        at += 1;
    }
    table
}

/// The VR of two bytes; `None` where they are none.
#[inline]
#[must_use]
pub fn vr_of_bytes([first, second]: [u8; 2]) -> Option<Vr> {
    let (first, second) = (first.wrapping_sub(b'A'), second.wrapping_sub(b'A'));
    if first > b'Z'.wrapping_sub(b'A') || second > b'Z'.wrapping_sub(b'A') {
        return None;
    }
    let place = usize::from(first)
        .wrapping_mul(LETTERS)
        .wrapping_add(usize::from(second));
    TABLE.get(place).copied().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_the_library_says_of_all_two_bytes() {
        for first in 0..=u8::MAX {
            for second in 0..=u8::MAX {
                let bytes = [first, second];
                assert_eq!(vr_of_bytes(bytes), Vr::from_binary(bytes), "{bytes:?}");
            }
        }
    }
}
