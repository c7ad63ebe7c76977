//! What a file says of its own cleaning, and which data elements it may have because of it.
//!
//! A file that says by which options of PS3.15 it was cleaned is held to these options: (0012,0064), (0028,0303). What an
//! option lets stay is not found; what an option cleans is looked through. Direct identifiers have no option.

use crate::dicom::Tag;
use crate::standard::e1_1::{self, ActionCode, ProfileOption};

/// Code of the Basic Application Level Confidentiality Profile (CID 7050).
const BASIC: &str = "113100";

/// What a file says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    codes: Vec<String>,
    dates: String,
}

/// What is asked of a data element that Table E.1-1 lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// It has to be gone, or to stand for nobody.
    Gone,
    /// Its text was cleaned.
    Cleaned,
    /// It may stay.
    MayStay,
}

impl Claims {
    /// Takes a code of (0012,0064).
    pub fn add_code(&mut self, code: &str) {
        if self.codes.len() < 64 {
            self.codes.push(code.to_owned());
        }
    }

    /// Takes (0028,0303).
    pub fn set_dates(&mut self, value: &str) {
        value.clone_into(&mut self.dates);
    }

    /// The profile is claimed.
    #[must_use]
    pub fn has_profile(&self) -> bool {
        self.codes.iter().any(|code| code == BASIC)
    }

    /// The profile is claimed, and this option with it.
    #[must_use]
    pub fn has(&self, option: ProfileOption) -> bool {
        let claims = |value: &str| self.codes.iter().any(|code| code == value);
        self.has_profile() && option.code().is_some_and(|code| claims(code.value))
    }

    /// Dates were moved, or may stay, as the file says.
    #[must_use]
    pub fn dates_may_stay(&self) -> bool {
        self.dates == "MODIFIED"
            || self.has(ProfileOption::RetainLongitudinalModifiedDates)
            || self.has(ProfileOption::RetainLongitudinalFullDates)
    }

    /// What is asked of an attribute: of two options the more protective one.
    #[must_use]
    pub fn asked(&self, tag: Tag) -> Asked {
        let Some(row) = e1_1::row(tag) else {
            return Asked::Cleaned;
        };
        let options = || {
            ProfileOption::ALL
                .into_iter()
                .filter(|option| self.has(*option))
        };
        let mut codes = options().filter_map(|option| row.option(option)).peekable();
        if codes.peek().is_none() {
            Asked::Gone
        } else if codes.all(|code| code == ActionCode::K) {
            Asked::MayStay
        } else {
            Asked::Cleaned
        }
    }

    /// Those of the index of a disc, which says nothing of itself: it has no place for that. Where nobody is named in it,
    /// it counts as cleaned.
    #[must_use]
    pub fn of_disc_index() -> Self {
        let mut claims = Self::default();
        claims.add_code(BASIC);
        for option in [
            ProfileOption::CleanDescriptors,
            ProfileOption::RetainLongitudinalModifiedDates,
        ] {
            if let Some(code) = option.code() {
                claims.add_code(code.value);
            }
        }
        claims
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STUDY_DATE: Tag = Tag(0x0008, 0x0020);
    const DESCRIPTION: Tag = Tag(0x0008, 0x1030);
    const SERIAL: Tag = Tag(0x0018, 0x1000);
    const NAME: Tag = Tag(0x0010, 0x0010);

    #[test]
    fn what_is_claimed_may_stay_and_names_may_not() {
        let mut claims = Claims::default();
        assert_eq!(claims.asked(STUDY_DATE), Asked::Gone);
        for code in ["113107", "113105", "113109"] {
            claims.add_code(code);
        }
        assert_eq!(
            claims.asked(SERIAL),
            Asked::Gone,
            "an option without the profile"
        );
        claims.add_code(BASIC);
        assert_eq!(claims.asked(SERIAL), Asked::MayStay);
        assert_eq!(claims.asked(STUDY_DATE), Asked::Cleaned);
        assert_eq!(claims.asked(DESCRIPTION), Asked::Cleaned);
        assert_eq!(claims.asked(NAME), Asked::Gone);
        assert!(claims.dates_may_stay());
        assert_eq!(
            claims.asked(Tag(0x0028, 0x0010)),
            Asked::Cleaned,
            "not listed"
        );
    }
}
