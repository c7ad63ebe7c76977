//! The two letters of a VR (PS3.5 section 6.2), by table: they are read in front of every value.

use std::sync::LazyLock;

use super::Vr;

const LETTERS: usize = 26;

/// The VRs of PS3.5 table 6.2-1.
const ALL: [Vr; 34] = [
    Vr::AE,
    Vr::AS,
    Vr::AT,
    Vr::CS,
    Vr::DA,
    Vr::DS,
    Vr::DT,
    Vr::FL,
    Vr::FD,
    Vr::IS,
    Vr::LO,
    Vr::LT,
    Vr::OB,
    Vr::OD,
    Vr::OF,
    Vr::OL,
    Vr::OV,
    Vr::OW,
    Vr::PN,
    Vr::SH,
    Vr::SL,
    Vr::SQ,
    Vr::SS,
    Vr::ST,
    Vr::SV,
    Vr::TM,
    Vr::UC,
    Vr::UI,
    Vr::UL,
    Vr::UN,
    Vr::UR,
    Vr::US,
    Vr::UT,
    Vr::UV,
];

static TABLE: LazyLock<[Option<Vr>; LETTERS * LETTERS]> = LazyLock::new(|| {
    let mut table = [None; LETTERS * LETTERS];
    for vr in ALL {
        if let Some(place) = place(vr.to_bytes()).and_then(|at| table.get_mut(at)) {
            *place = Some(vr);
        }
    }
    table
});

fn place([first, second]: [u8; 2]) -> Option<usize> {
    let letter = |byte: u8| {
        byte.checked_sub(b'A')
            .map(usize::from)
            .filter(|at| *at < LETTERS)
    };
    letter(first)?
        .checked_mul(LETTERS)?
        .checked_add(letter(second)?)
}

/// The VR of two bytes; `None` where they are none.
#[inline]
#[must_use]
pub fn vr_of_bytes(bytes: [u8; 2]) -> Option<Vr> {
    place(bytes).and_then(|at| TABLE.get(at).copied().flatten())
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
