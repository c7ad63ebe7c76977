//! Table E.1-1 of PS3.15: the action of the Basic Profile for each attribute, and of each option.

use std::fmt;

use dicom_core::{Tag, VR};

use super::cid7050::{self, Code};
use super::find;
use super::generated::e1_1::{CURVES, OVERLAY_COMMENTS, OVERLAY_DATA, PRIVATE, SINGLE};

/// Action codes of Table E.1-1a.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ActionCode {
    /// Replace with a dummy value.
    D,
    /// Replace with a zero length value or a dummy value.
    Z,
    /// Remove.
    X,
    /// Keep; inside a sequence the profile goes on.
    K,
    /// Clean.
    C,
    /// Replace UIDs.
    U,
    /// Z unless D is required.
    ZD,
    /// X unless Z is required.
    XZ,
    /// X unless D is required.
    XD,
    /// X unless Z or D is required.
    XZD,
    /// X unless Z or replacement of contained UIDs is required.
    XZU,
}

impl fmt::Display for ActionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::D => "D",
            Self::Z => "Z",
            Self::X => "X",
            Self::K => "K",
            Self::C => "C",
            Self::U => "U",
            Self::ZD => "Z/D",
            Self::XZ => "X/Z",
            Self::XD => "X/D",
            Self::XZD => "X/Z/D",
            Self::XZU => "X/Z/U*",
        })
    }
}

/// The ten options that have a column in Table E.1-1, in the order of the columns.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ProfileOption {
    /// E.3.10
    RetainSafePrivate,
    /// E.3.9
    RetainUids,
    /// E.3.8
    RetainDeviceIdentity,
    /// E.3.11
    RetainInstitutionIdentity,
    /// E.3.7
    RetainPatientCharacteristics,
    /// E.3.6, full dates
    RetainLongitudinalFullDates,
    /// E.3.6, modified dates
    RetainLongitudinalModifiedDates,
    /// E.3.5
    CleanDescriptors,
    /// E.3.4
    CleanStructuredContent,
    /// E.3.3
    CleanGraphics,
}

impl ProfileOption {
    /// All of them, in the order of the columns.
    pub const ALL: [Self; 10] = [
        Self::RetainSafePrivate,
        Self::RetainUids,
        Self::RetainDeviceIdentity,
        Self::RetainInstitutionIdentity,
        Self::RetainPatientCharacteristics,
        Self::RetainLongitudinalFullDates,
        Self::RetainLongitudinalModifiedDates,
        Self::CleanDescriptors,
        Self::CleanStructuredContent,
        Self::CleanGraphics,
    ];

    /// Its name in profiles and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RetainSafePrivate => "retain-safe-private",
            Self::RetainUids => "retain-uids",
            Self::RetainDeviceIdentity => "retain-device-identity",
            Self::RetainInstitutionIdentity => "retain-institution-identity",
            Self::RetainPatientCharacteristics => "retain-patient-characteristics",
            Self::RetainLongitudinalFullDates => "retain-longitudinal-full-dates",
            Self::RetainLongitudinalModifiedDates => "retain-longitudinal-modified-dates",
            Self::CleanDescriptors => "clean-descriptors",
            Self::CleanStructuredContent => "clean-structured-content",
            Self::CleanGraphics => "clean-graphics",
        }
    }

    /// The option of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|option| option.name() == name)
    }

    /// Its code in CID 7050.
    #[must_use]
    pub fn code(self) -> Option<&'static Code> {
        cid7050::code(match self {
            Self::CleanGraphics => "113103",
            Self::CleanStructuredContent => "113104",
            Self::CleanDescriptors => "113105",
            Self::RetainLongitudinalFullDates => "113106",
            Self::RetainLongitudinalModifiedDates => "113107",
            Self::RetainPatientCharacteristics => "113108",
            Self::RetainDeviceIdentity => "113109",
            Self::RetainUids => "113110",
            Self::RetainSafePrivate => "113111",
            Self::RetainInstitutionIdentity => "113112",
        })
    }

    /// Its section of PS3.15.
    #[must_use]
    pub fn section(self) -> &'static str {
        match self {
            Self::CleanGraphics => "E.3.3",
            Self::CleanStructuredContent => "E.3.4",
            Self::CleanDescriptors => "E.3.5",
            Self::RetainLongitudinalFullDates | Self::RetainLongitudinalModifiedDates => "E.3.6",
            Self::RetainPatientCharacteristics => "E.3.7",
            Self::RetainDeviceIdentity => "E.3.8",
            Self::RetainUids => "E.3.9",
            Self::RetainSafePrivate => "E.3.10",
            Self::RetainInstitutionIdentity => "E.3.11",
        }
    }

    fn column(self) -> usize {
        Self::ALL
            .iter()
            .position(|option| *option == self)
            .unwrap_or(usize::MAX)
    }
}

/// One row of the table.
#[derive(Debug)]
pub struct Row {
    /// The tag; of a pattern its first.
    pub tag: Tag,
    /// Keyword.
    pub keyword: &'static str,
    /// VR.
    pub vr: VR,
    /// In a standard composite IOD.
    pub in_standard_iod: bool,
    /// Retired.
    pub retired: bool,
    /// Action of the Basic Profile.
    pub basic: ActionCode,
    /// Actions of the options, in the order of [`ProfileOption::ALL`].
    pub options: [Option<ActionCode>; 10],
}

impl Row {
    /// The action of an option, where it has one.
    #[must_use]
    pub fn option(&self, option: ProfileOption) -> Option<ActionCode> {
        self.options.get(option.column()).copied().flatten()
    }
}

/// The row of an attribute: its own, or that of its repeating or private group.
#[must_use]
pub fn row(tag: Tag) -> Option<&'static Row> {
    let Tag(group, element) = tag;
    if group % 2 == 1 {
        return Some(&PRIVATE);
    }
    match (group, element) {
        (0x5000..=0x50FE, _) => Some(&CURVES),
        (0x6000..=0x60FE, 0x3000) => Some(&OVERLAY_DATA),
        (0x6000..=0x60FE, 0x4000) => Some(&OVERLAY_COMMENTS),
        _ => find(&SINGLE, &tag, |row| row.tag),
    }
}

/// Rows with one tag, sorted by tag.
#[must_use]
pub fn single_rows() -> &'static [Row] {
    &SINGLE
}

/// All rows: those with one tag, then the four patterns.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    SINGLE
        .iter()
        .chain([&CURVES, &OVERLAY_DATA, &OVERLAY_COMMENTS, &PRIVATE])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole_and_sorted() {
        assert_eq!(rows().count(), 657);
        assert!(SINGLE.windows(2).all(|two| two[0].tag < two[1].tag));
        let count = |code| rows().filter(|row| row.basic == code).count();
        use ActionCode::{D, U, X, XD, XZ, XZD, XZU, Z, ZD};
        assert_eq!(
            [X, D, U, Z, XD, XZ, XZD, ZD, XZU].map(count),
            [417, 93, 55, 42, 23, 11, 8, 6, 2]
        );
        let letters = |option, code| {
            rows()
                .filter(|row| row.option(option) == Some(code))
                .count()
        };
        assert_eq!(letters(ProfileOption::RetainUids, ActionCode::K), 60);
        assert_eq!(
            letters(ProfileOption::RetainDeviceIdentity, ActionCode::K),
            48
        );
        assert_eq!(
            letters(ProfileOption::RetainDeviceIdentity, ActionCode::C),
            11
        );
        assert_eq!(
            letters(
                ProfileOption::RetainLongitudinalModifiedDates,
                ActionCode::C
            ),
            169
        );
        assert_eq!(letters(ProfileOption::CleanDescriptors, ActionCode::C), 141);
    }

    #[test]
    fn patterns_cover_their_whole_range() {
        for (tag, keyword) in [
            (Tag(0x501E, 0x3000), CURVES.keyword),
            (Tag(0x50FE, 1), CURVES.keyword),
            (Tag(0x60FE, 0x4000), OVERLAY_COMMENTS.keyword),
        ] {
            assert_eq!(row(tag).unwrap().keyword, keyword);
        }
        assert_eq!(row(Tag(0x0029, 0x1010)).unwrap().basic, ActionCode::X);
        assert!(row(Tag(0x6000, 0x0010)).is_none());
        assert_eq!(row(Tag(0x0010, 0x0020)).unwrap().basic, ActionCode::ZD);
    }

    #[test]
    fn every_option_has_a_code_and_a_name_that_leads_back() {
        for option in ProfileOption::ALL {
            assert!(option.code().is_some());
            assert_eq!(ProfileOption::from_name(option.name()), Some(option));
        }
    }
}
