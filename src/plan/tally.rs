//! How many data elements a plan takes away, by what they told. Numbers only.

use serde::{Deserialize, Serialize};

use super::identifiers::kind_of;
use crate::dicom::walk::is_private;
use crate::dicom::{Tag, Vr};
use crate::identity::known::Kind;

/// Counts of data elements that were removed, emptied or replaced, and of those that stay as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tally {
    /// Names of people.
    pub names: u64,
    /// Patient, accession, order, device and other numbers.
    pub numbers: u64,
    /// Addresses and telephone numbers.
    pub addresses: u64,
    /// Institutions, departments, stations.
    pub places: u64,
    /// Dates, times, ages.
    pub dates: u64,
    /// Internal numbers of studies, series and pictures (UIDs).
    pub uids: u64,
    /// Descriptions and comments.
    pub texts: u64,
    /// Private data elements of manufacturers.
    pub private: u64,
    /// All others, a sequence counted as one.
    pub others: u64,
    /// Data elements that stay byte for byte.
    pub kept: u64,
}

/// What a data element is counted as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// A person's name.
    Name,
    /// A number of a patient, an order, a device.
    Number,
    /// An address or a telephone number.
    Address,
    /// An institution, a department, a station.
    Place,
    /// A date, a time, an age.
    Date,
    /// A UID.
    Uid,
    /// A description or a comment.
    Text,
    /// A private data element.
    Private,
    /// Something else.
    Other,
}

impl Count {
    /// What this attribute is counted as.
    #[must_use]
    pub fn of(tag: Tag, vr: Vr) -> Self {
        if is_private(tag) {
            return Self::Private;
        }
        match (kind_of(tag, vr), vr) {
            (Some(Kind::Name | Kind::Physician), _) => Self::Name,
            (Some(Kind::Uid), _) => Self::Uid,
            (Some(Kind::Date | Kind::BirthDate), _) | (_, Vr::TM | Vr::AS) => Self::Date,
            (Some(Kind::Id | Kind::Accession), _) => Self::Number,
            (Some(Kind::Phone | Kind::Address), _) => Self::Address,
            (Some(Kind::Organisation | Kind::Station), _) => Self::Place,
            (Some(Kind::Other) | None, _) if super::decide::is_text(vr) => Self::Text,
            (Some(Kind::Other) | None, _) => Self::Other,
        }
    }
}

impl Tally {
    /// Counts a data element that does not stay as it is.
    pub fn changed(&mut self, tag: Tag, vr: Vr) {
        self.count(Count::of(tag, vr));
    }

    /// The same, of which is known what it is counted as.
    pub fn count(&mut self, count: Count) {
        let count = match count {
            Count::Name => &mut self.names,
            Count::Number => &mut self.numbers,
            Count::Address => &mut self.addresses,
            Count::Place => &mut self.places,
            Count::Date => &mut self.dates,
            Count::Uid => &mut self.uids,
            Count::Text => &mut self.texts,
            Count::Private => &mut self.private,
            Count::Other => &mut self.others,
        };
        *count = count.saturating_add(1);
    }

    /// Counts a data element that stays.
    pub fn kept(&mut self) {
        self.kept = self.kept.saturating_add(1);
    }

    /// Adds the counts of another file.
    pub fn add(&mut self, other: &Self) {
        for (ours, theirs) in self.fields_mut().into_iter().zip(other.fields()) {
            *ours = ours.saturating_add(theirs);
        }
    }

    fn fields(&self) -> [u64; 10] {
        let Self {
            names,
            numbers,
            addresses,
            places,
            dates,
            uids,
            texts,
            private,
            others,
            kept,
        } = *self;
        [
            names, numbers, addresses, places, dates, uids, texts, private, others, kept,
        ]
    }

    fn fields_mut(&mut self) -> [&mut u64; 10] {
        let Self {
            names,
            numbers,
            addresses,
            places,
            dates,
            uids,
            texts,
            private,
            others,
            kept,
        } = self;
        [
            names, numbers, addresses, places, dates, uids, texts, private, others, kept,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tags;

    #[test]
    fn elements_are_counted_by_what_they_tell() {
        let mut tally = Tally::default();
        for (tag, vr) in [
            (tags::PATIENT_NAME, Vr::PN),
            (tags::PATIENT_ID, Vr::LO),
            (tags::PATIENT_BIRTH_DATE, Vr::DA),
            (tags::STUDY_INSTANCE_UID, Vr::UI),
            (tags::SERIES_DESCRIPTION, Vr::LO),
            (Tag(0x0008, 0x0080), Vr::LO),
            (Tag(0x0010, 0x2154), Vr::SH),
            (Tag(0x0029, 0x1010), Vr::OB),
            (Tag(0x0010, 0x0040), Vr::CS),
        ] {
            tally.changed(tag, vr);
        }
        tally.kept();
        let mut twice = tally;
        twice.add(&tally);
        assert_eq!(tally.fields(), [1; 10]);
        assert_eq!(twice.fields(), [2; 10]);
    }
}
