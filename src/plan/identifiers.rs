//! Which data elements name a person, a place or an instance, so that their values are known identifiers of the file.
//!
//! Owns: the classification by keyword of Table E.1-1 and by VR. What is done with the values is `identity::known`'s.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the many VRs, options and actions a few are told apart"
)]

use std::sync::OnceLock;

use super::tags;
use crate::dicom::charset::{CharacterSet, default_repertoire};
use crate::dicom::{Tag, Vr, value};
use crate::identity::known::{Kind, KnownIdentifiersBuilder};
use crate::identity::uids::Uids;
use crate::standard::e1_1;
use crate::standard::uids;

/// Kinds of identifiers by parts of the keyword; the first that fits counts.
const BY_KEYWORD: &[(&str, Kind)] = &[
    ("AccessionNumber", Kind::Accession),
    ("Telephone", Kind::Phone),
    ("Address", Kind::Address),
    ("Residence", Kind::Address),
    ("InstitutionName", Kind::Organisation),
    ("InstitutionalDepartmentName", Kind::Organisation),
    ("ResponsibleOrganization", Kind::Organisation),
    ("StationName", Kind::Station),
    ("StationAETitle", Kind::Station),
    ("AETitle", Kind::Station),
    ("PlacerOrderNumber", Kind::Id),
    ("FillerOrderNumber", Kind::Id),
    ("SerialNumber", Kind::Id),
    ("MedicalRecordLocator", Kind::Id),
    ("MilitaryRank", Kind::Other),
];

/// Identifiers that keywords of Table E.1-1 end with.
const ID_ENDINGS: &[&str] = &["ID", "IDs"];

fn table() -> &'static [(Tag, Kind)] {
    static TABLE: OnceLock<Vec<(Tag, Kind)>> = OnceLock::new();
    TABLE.get_or_init(|| {
        e1_1::single_rows()
            .iter()
            .filter(|row| {
                matches!(
                    row.vr,
                    Vr::LO | Vr::SH | Vr::ST | Vr::LT | Vr::UT | Vr::UC | Vr::AE | Vr::UR | Vr::CS
                )
            })
            .filter_map(|row| {
                let by_part = BY_KEYWORD
                    .iter()
                    .find(|(part, _)| row.keyword.contains(part))
                    .map(|(_, kind)| *kind);
                let by_end = ID_ENDINGS
                    .iter()
                    .any(|end| row.keyword.ends_with(end))
                    .then_some(Kind::Id);
                by_part.or(by_end).map(|kind| (row.tag, kind))
            })
            .collect()
    })
}

/// What an attribute's values identify, if anything.
#[must_use]
pub fn kind_of(tag: Tag, vr: Vr) -> Option<Kind> {
    match vr {
        Vr::PN if tag.group() == 0x0010 => Some(Kind::Name),
        Vr::PN => Some(Kind::Physician),
        Vr::UI => Some(Kind::Uid),
        Vr::DA | Vr::DT if tag == tags::PATIENT_BIRTH_DATE => Some(Kind::BirthDate),
        Vr::DA | Vr::DT => Some(Kind::Date),
        _ => {
            let table = table();
            table
                .binary_search_by_key(&tag, |(tag, _)| *tag)
                .map_or(None, |at| table.get(at).map(|(_, kind)| *kind))
        }
    }
}

/// Adds the values of one data element.
pub fn collect_element(
    known: &mut KnownIdentifiersBuilder,
    kind: Kind,
    vr: Vr,
    bytes: &[u8],
    charset: &CharacterSet,
) {
    let bytes = bytes.split(|&b| b == 0).next().unwrap_or_default();
    let whole = matches!(vr, Vr::ST | Vr::LT | Vr::UT | Vr::UR);
    let add = |known: &mut KnownIdentifiersBuilder, one: &[u8]| {
        let one = value::trim(vr, one);
        if kind == Kind::Uid && std::str::from_utf8(one).is_ok_and(uids::is_registered) {
            return;
        }
        if kind == Kind::Uid && Uids::is_one(one) {
            known.add_uid(one);
        } else if let Some(text) = default_repertoire(one) {
            if !one.is_empty() {
                known.add(kind, one, text);
            }
        } else {
            known.add(kind, one, &charset.decode(vr, one).text);
        }
    };
    if whole {
        add(known, bytes);
    } else {
        for one in charset.split_values(bytes) {
            add(known, one);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifying_attributes_are_classified_and_descriptions_are_not() {
        let rows: &[(Tag, Vr, Option<Kind>)] = &[
            (tags::PATIENT_NAME, Vr::PN, Some(Kind::Name)),
            (Tag(0x0008, 0x0090), Vr::PN, Some(Kind::Physician)),
            (tags::PATIENT_ID, Vr::LO, Some(Kind::Id)),
            (Tag(0x0008, 0x0050), Vr::SH, Some(Kind::Accession)),
            (Tag(0x0010, 0x2154), Vr::SH, Some(Kind::Phone)),
            (Tag(0x0010, 0x1040), Vr::LO, Some(Kind::Address)),
            (Tag(0x0008, 0x0080), Vr::LO, Some(Kind::Organisation)),
            (tags::PATIENT_BIRTH_DATE, Vr::DA, Some(Kind::BirthDate)),
            (Tag(0x0008, 0x1030), Vr::LO, None),
            (Tag(0x0010, 0x4000), Vr::LT, None),
            (Tag(0x0028, 0x0010), Vr::US, None),
        ];
        for (tag, vr, expected) in rows {
            assert_eq!(kind_of(*tag, *vr), *expected, "{tag}");
        }
    }
}
