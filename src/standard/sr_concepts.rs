//! Table E.3.4-1 of PS3.15: content items of structured reports by concept name.

use super::e1_1::{ActionCode, ProfileOption};
use super::generated::sr_concepts::CONCEPTS;

/// One concept name with the actions on its content item.
#[derive(Debug)]
pub struct Concept {
    /// Code Value.
    pub value: &'static str,
    /// Coding Scheme Designator.
    pub scheme: &'static str,
    /// Value Type of the content item.
    pub value_type: &'static str,
    /// Retired, still to be recognised.
    pub retired: bool,
    /// Action of Clean Structured Content.
    pub basic: ActionCode,
    /// UIDs, device, institution, patient characteristics, full dates, modified dates, descriptors.
    pub options: [Option<ActionCode>; 7],
}

/// SNOMED-RT style codes of CP-1850 for those SNOMED CT codes of the table that had one: (retired, current). Schemes SRT, SNM3 and
/// 99SDM write the same codes.
const RETIRED: [(&str, &str); 10] = [
    ("DD-60002", "116224001"),
    ("DF-0068E", "398325003"),
    ("DF-0070B", "398164008"),
    ("F-00033", "271921002"),
    ("F-02455", "160476009"),
    ("G-C0E3", "363698007"),
    ("G-D320", "397898000"),
    ("G-D321", "398201009"),
    ("PA-30029", "440252007"),
    ("R-42B89", "371524004"),
];

/// The row of a concept name for a content item of this Value Type; where the table lists the concept for other Value Types
/// only, the row of one of those.
#[must_use]
pub fn concept(scheme: &str, value: &str, value_type: &str) -> Option<&'static Concept> {
    let (scheme, value) = match scheme {
        "SRT" | "SNM3" | "99SDM" => {
            let current = RETIRED.iter().find(|(retired, _)| *retired == value);
            current.map_or((scheme, value), |(_, current)| ("SCT", current))
        }
        _ => (scheme, value),
    };
    let from = CONCEPTS.partition_point(|row| (row.scheme, row.value) < (scheme, value));
    let rows = CONCEPTS.get(from..).unwrap_or_default();
    let same = || {
        rows.iter()
            .take_while(|row| row.scheme == scheme && row.value == value)
    };
    same()
        .find(|row| row.value_type == value_type)
        .or_else(|| same().next())
}

impl Concept {
    /// The action under options: one of an option counts before that of Clean Structured Content, C over K.
    #[must_use]
    pub fn action(&self, options: &[ProfileOption]) -> ActionCode {
        let columns = [
            ProfileOption::RetainUids,
            ProfileOption::RetainDeviceIdentity,
            ProfileOption::RetainInstitutionIdentity,
            ProfileOption::RetainPatientCharacteristics,
            ProfileOption::RetainLongitudinalFullDates,
            ProfileOption::RetainLongitudinalModifiedDates,
            ProfileOption::CleanDescriptors,
        ];
        let mut chosen = None;
        for (option, code) in columns.iter().zip(self.options) {
            if options.contains(option) && code.is_some() && chosen != Some(ActionCode::C) {
                chosen = code;
            }
        }
        chosen.unwrap_or(self.basic)
    }
}

/// All concepts, sorted by coding scheme, code value and value type.
#[must_use]
pub fn concepts() -> &'static [Concept] {
    &CONCEPTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concepts_are_found_by_old_codes_and_other_value_types() {
        let finding = concept("DCM", "121071", "TEXT").unwrap();
        assert_eq!(finding.action(&[]), ActionCode::XD);
        assert_eq!(
            finding.action(&[ProfileOption::CleanDescriptors]),
            ActionCode::C
        );
        for scheme in ["SRT", "SNM3", "99SDM"] {
            assert_eq!(
                concept(scheme, "G-C0E3", "TEXT").unwrap().value,
                "363698007"
            );
        }
        assert_eq!(
            concept("DCM", "121029", "TEXT").unwrap().value_type,
            "PNAME"
        );
        assert!(concept("DCM", "121072", "TEXT").is_none());
        let image = concept("DCM", "121080", "WAVEFORM").unwrap();
        assert_eq!(
            (image.value_type, image.action(&[ProfileOption::RetainUids])),
            ("WAVEFORM", ActionCode::K)
        );
        for (_, current) in RETIRED {
            assert!(
                concepts()
                    .iter()
                    .any(|row| row.scheme == "SCT" && row.value == current)
            );
        }
    }
}
