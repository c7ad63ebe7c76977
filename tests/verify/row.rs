//! One kind of damage, with what has to be told of it.

use super::bench::{Bench, Copy, Found};

/// One damage.
pub struct Row {
    pub name: &'static str,
    pub damage: fn(&Copy<'_>),
    /// Code, the input whose output is named or a place, and what the data element contains.
    pub expected: (&'static str, &'static str, &'static str),
    /// The code when the journal was made to fit; `None` where it cannot be, or where no more is known then.
    pub sealed: Option<&'static str>,
}

pub const fn row(
    name: &'static str,
    damage: fn(&Copy<'_>),
    expected: (&'static str, &'static str, &'static str),
    sealed: Option<&'static str>,
) -> Row {
    Row {
        name,
        damage,
        expected,
        sealed,
    }
}

impl Row {
    /// True where the damage was told by this code, and in its place where that counts.
    pub fn is_told(&self, bench: &Bench, found: &Found, code: &str, place_counts: bool) -> bool {
        let (_, place, element) = self.expected;
        let names_input = !place.contains(['/', '.', '*']);
        let place = if names_input {
            bench.place(place)
        } else {
            place
        };
        let is_place = |told: &str| match place.strip_prefix('*') {
            Some(part) => told.contains(part),
            None => told == place,
        };
        found.iter().any(|(told, at, of)| {
            told == code && (!place_counts || is_place(at) && of.contains(element))
        })
    }
}
