//! The rules of the gate: stable codes with what they mean. Rules are data; `gather` and `judge` say where one is broken.
//!
//! Owns: words. A code is never given a second meaning; `dcmscrub explain CODE` and docs/check.md show this table.

use serde::Serialize;

/// How sure a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// The shape of a text, or something that may identify somebody together with other things.
    Possible,
    /// A known value of the same file stands in a text, a name of a file, or other bytes.
    Likely,
    /// A direct identifier is present.
    Certain,
}

impl Confidence {
    /// All of them, the weakest first.
    pub const ALL: [Self; 3] = [Self::Possible, Self::Likely, Self::Certain];

    /// Its name in reports and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        }
    }

    /// The confidence of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// One rule.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// A stable word, which makes sense after "allow".
    pub code: &'static str,
    /// What is there, in a few words.
    pub title: &'static str,
    /// Why that matters.
    pub rationale: &'static str,
    /// A place where it is found, without a value of anybody.
    pub example: &'static str,
    /// How sure it is.
    pub confidence: Confidence,
}

macro_rules! rules {
    ($($name:ident $code:literal $confidence:ident $title:literal $rationale:literal $example:literal;)*) => {
        $(#[doc = $title] pub static $name: Rule = Rule {
            code: $code, title: $title, rationale: $rationale, example: $example, confidence: Confidence::$confidence,
        };)*

        /// All rules, the surest first.
        pub static ALL: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    PATIENT_NAME "patient-name" Certain
        "a name of the patient or of a relative"
        "A name identifies a person directly. Values that stand for nobody (ANONYMOUS, REMOVED, a keyed code) are not found."
        "(0010,0010) PatientName, (0010,1060) PatientMotherBirthName";
    PATIENT_ID "patient-id" Certain
        "a number of the patient"
        "A record number leads to the person for everybody who can ask the hospital."
        "(0010,0020) PatientID, (0010,1000) OtherPatientIDs, (0010,0021) IssuerOfPatientID";
    BIRTH_DATE "birth-date" Certain
        "a date of birth"
        "With sex and place of living it identifies most people."
        "(0010,0030) PatientBirthDate";
    OTHER_PERSON "other-person" Certain
        "a name of a physician, an operator or another person"
        "These people are identified themselves, and they narrow down whose picture it is."
        "(0008,0090) ReferringPhysicianName, a Person Name in the content of a structured report";
    CONTACT "contact" Certain
        "a telephone number or an address"
        "It leads to a household, a ward or a practice."
        "(0010,1040) PatientAddress, (0010,2154) PatientTelephoneNumbers";
    ORDER_NUMBER "order-number" Certain
        "a number of the request, the visit or the procedure"
        "Accession and order numbers lead to the person for everybody who can ask the hospital."
        "(0008,0050) AccessionNumber, (0040,1001) RequestedProcedureID";
    INSTITUTION "institution" Certain
        "a name of an institution or a department"
        "With a date it narrows down whose picture it is to a few people."
        "(0008,0080) InstitutionName, (0008,1040) InstitutionalDepartmentName";
    FILE_META "file-meta" Certain
        "a name of a system or private information in front of the data set"
        "File Meta Information names the systems that a file came through, and may hold private data of any kind."
        "(0002,0016) SourceApplicationEntityTitle, (0002,0102) PrivateInformation";
    KNOWN_VALUE "known-value" Likely
        "a name or a number of this file stands in another place"
        "What the file names in one place was written into a text, a private data element, a document or a comment too."
        "a surname in (0008,103E) SeriesDescription, a record number in (0009,1010)";
    KNOWN_PATH "known-path" Likely
        "a name or a number of this file stands in its own name or in that of a folder"
        "File names are listed, logged and mailed even where the files are not."
        "archive/DOE_JANE_4711/0001.dcm";
    DEVICE "device" Possible
        "a serial number or a name of a device or a station"
        "It names a room of one hospital. With a date that is a short list of people."
        "(0018,1000) DeviceSerialNumber, (0008,1010) StationName";
    DATE "date" Possible
        "a date of the examination"
        "Dates narrow down whose picture it is. Not found where the file says that its dates were moved or may stay."
        "(0008,0020) StudyDate, (0008,002A) AcquisitionDateTime";
    UID "uid" Possible
        "a UID that was given where the file was made"
        "UIDs are found again in the archive of the hospital. Found are those of the roots of makers and sites, not random ones (2.25)."
        "(0020,000D) StudyInstanceUID, (0008,0018) SOPInstanceUID";
    DESCRIPTION "description" Possible
        "a description or a comment that nobody has cleaned"
        "People write names and numbers into these. Not found where the file says that its descriptions were cleaned."
        "(0008,1030) StudyDescription, (0010,4000) PatientComments";
    TEXT "text" Possible
        "a text with the shape of something that identifies"
        "A telephone number, an address, a record number behind its cue, a name behind \"Dr\", a date."
        "(0040,A160) TextValue in a structured report";
    PRIVATE "private" Possible
        "a private data element that is on no list of harmless ones"
        "Makers copy names and numbers into these, and only they know where. Those of PS3.15 Table E.3.10-1 are not found."
        "(0029,1020) of a maker";
    PREAMBLE "preamble" Possible
        "bytes in the preamble"
        "The 128 bytes in front of a file belong to nobody and may hold anything, another file among it."
        "the first 128 bytes";
    DOCUMENT "document" Possible
        "an encapsulated document says who wrote it or what it is about"
        "Author, title and subject of a PDF, people of a clinical document."
        "(0042,0011) EncapsulatedDocument";
    PIXEL_COMMENT "pixel-comment" Possible
        "words between compressed pixel data"
        "JPEG comments and application segments are shown by no viewer and cleaned by few programs."
        "(7FE0,0010) PixelData";
}

impl Rule {
    /// For people.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!(
            "{}  a rule of `dcmscrub check`\n  finds       {}\n  sure        {}\n  why         {}\n  example     {}",
            self.code,
            self.title,
            self.confidence.name(),
            self.rationale,
            self.example
        )
    }
}

/// The rule with this code.
#[must_use]
pub fn by_code(code: &str) -> Option<&'static Rule> {
    ALL.iter().find(|rule| rule.code == code).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_words_that_are_there_once_and_the_surest_come_first() {
        for (at, rule) in ALL.iter().enumerate() {
            assert!(
                rule.code
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b == b'-')
            );
            assert_eq!(
                ALL.iter().position(|other| other.code == rule.code),
                Some(at)
            );
            assert!(!rule.title.is_empty() && !rule.example.is_empty());
            assert_eq!(by_code(rule.code), Some(*rule));
            let told = rule.to_text();
            assert!(told.contains(rule.rationale) && told.contains(rule.confidence.name()));
        }
        assert!(
            ALL.windows(2)
                .all(|two| two[0].confidence >= two[1].confidence)
        );
        for confidence in Confidence::ALL {
            assert_eq!(Confidence::from_name(confidence.name()), Some(confidence));
        }
    }
}
