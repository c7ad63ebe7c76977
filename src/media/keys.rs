//! The keys that directory records are selected by (PS3.3 section F.5): tag, VR, type, and what stands in for a value that
//! has to be there and is not.

use std::borrow::Cow;

use crate::action::dummy;
use crate::action::sequence;
use crate::dicom::element::Encoding;
use crate::dicom::{Tag, Vr};
use crate::standard::cid7050::Code;

/// How much a record asks for a key (PS3.5 section 7.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeType {
    /// With a value.
    One,
    /// With a value where the instance has one.
    OneC,
    /// With a value or empty.
    Two,
}

/// One key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Tag.
    pub tag: Tag,
    /// VR.
    pub vr: Vr,
    /// Type in the record.
    pub attribute_type: AttributeType,
    /// Stands in for a value where the dummy of the VR is none of the defined terms.
    stand_in: Option<&'static str>,
}

impl Key {
    const fn new(
        tag: Tag,
        vr: Vr,
        attribute_type: AttributeType,
        stand_in: Option<&'static str>,
    ) -> Self {
        Self {
            tag,
            vr,
            attribute_type,
            stand_in,
        }
    }

    /// The same key where a record asks less for it.
    #[must_use]
    pub const fn type_2(self) -> Self {
        Self {
            attribute_type: AttributeType::Two,
            ..self
        }
    }

    /// What stands in for a value that has to be there; the items where the key is a sequence.
    #[must_use]
    pub fn dummy(&self) -> Cow<'static, [u8]> {
        const SAYS_NOTHING: Code = Code {
            value: "121106",
            scheme: "DCM",
            meaning: "Comment",
        };
        if let Some(text) = self.stand_in {
            return Cow::Borrowed(text.as_bytes());
        }
        Cow::Owned(
            dummy::dummy(self.tag, self.vr)
                .unwrap_or_else(|| sequence::code_item(Encoding::ExplicitLe, &SAYS_NOTHING)),
        )
    }
}

const fn first(of: &[&'static str]) -> Option<&'static str> {
    match of {
        [one, ..] => Some(one),
        [] => None,
    }
}

macro_rules! keys {
    ($($name:ident $group:literal $element:literal $keyword:literal $vr:ident $type:ident $($stand_in:literal)?;)*) => {
        $(
            #[doc = concat!("(", stringify!($group), ",", stringify!($element), ") ", $keyword)]
            pub const $name: Key = Key::new(
                Tag($group, $element),
                Vr::$vr,
                AttributeType::$type,
                first(&[$($stand_in)?]),
            );
        )*

        /// Every key, by tag.
        pub static ALL: &[Key] = &[$($name),*];

        #[cfg(test)]
        const KEYWORDS: &[&str] = &[$($keyword),*];
    };
}

keys! {
    IMAGE_TYPE 0x0008 0x0008 "ImageType" CS One;
    INSTANCE_CREATION_DATE 0x0008 0x0012 "InstanceCreationDate" DA One;
    INSTANCE_CREATION_TIME 0x0008 0x0013 "InstanceCreationTime" TM Two;
    STUDY_DATE 0x0008 0x0020 "StudyDate" DA One;
    CONTENT_DATE 0x0008 0x0023 "ContentDate" DA One;
    STUDY_TIME 0x0008 0x0030 "StudyTime" TM One;
    CONTENT_TIME 0x0008 0x0033 "ContentTime" TM One;
    ACCESSION_NUMBER 0x0008 0x0050 "AccessionNumber" SH Two;
    MODALITY 0x0008 0x0060 "Modality" CS One "OT";
    MANUFACTURER 0x0008 0x0070 "Manufacturer" LO One;
    STUDY_DESCRIPTION 0x0008 0x1030 "StudyDescription" LO Two;
    REFERENCED_SERIES_SEQUENCE 0x0008 0x1115 "ReferencedSeriesSequence" SQ OneC;
    REFERENCED_IMAGE_EVIDENCE_SEQUENCE 0x0008 0x9092 "ReferencedImageEvidenceSequence" SQ OneC;
    PATIENT_NAME 0x0010 0x0010 "PatientName" PN Two;
    PATIENT_ID 0x0010 0x0020 "PatientID" LO One;
    STUDY_INSTANCE_UID 0x0020 0x000D "StudyInstanceUID" UI One;
    SERIES_INSTANCE_UID 0x0020 0x000E "SeriesInstanceUID" UI One;
    STUDY_ID 0x0020 0x0010 "StudyID" SH One;
    SERIES_NUMBER 0x0020 0x0011 "SeriesNumber" IS One;
    INSTANCE_NUMBER 0x0020 0x0013 "InstanceNumber" IS One;
    IMPLANT_NAME 0x0022 0x1095 "ImplantName" LO One;
    IMPLANT_PART_NUMBER 0x0022 0x1097 "ImplantPartNumber" LO One;
    NUMBER_OF_FRAMES 0x0028 0x0008 "NumberOfFrames" IS One "1";
    ROWS 0x0028 0x0010 "Rows" US One;
    COLUMNS 0x0028 0x0011 "Columns" US One;
    DATA_POINT_ROWS 0x0028 0x9001 "DataPointRows" UL One;
    DATA_POINT_COLUMNS 0x0028 0x9002 "DataPointColumns" UL One;
    VERIFICATION_DATE_TIME 0x0040 0xA030 "VerificationDateTime" DT OneC;
    CONCEPT_NAME_CODE_SEQUENCE 0x0040 0xA043 "ConceptNameCodeSequence" SQ One;
    COMPLETION_FLAG 0x0040 0xA491 "CompletionFlag" CS One "PARTIAL";
    VERIFICATION_FLAG 0x0040 0xA493 "VerificationFlag" CS One "UNVERIFIED";
    CONTENT_SEQUENCE 0x0040 0xA730 "ContentSequence" SQ OneC;
    HL7_INSTANCE_IDENTIFIER 0x0040 0xE001 "HL7InstanceIdentifier" ST OneC;
    DOCUMENT_TITLE 0x0042 0x0010 "DocumentTitle" ST Two;
    MIME_TYPE_OF_ENCAPSULATED_DOCUMENT 0x0042 0x0012 "MIMETypeOfEncapsulatedDocument" LO One "application/octet-stream";
    IMPLANT_SIZE 0x0068 0x6210 "ImplantSize" LO OneC;
    CONTENT_LABEL 0x0070 0x0080 "ContentLabel" CS One "REMOVED";
    CONTENT_DESCRIPTION 0x0070 0x0081 "ContentDescription" LO Two;
    PRESENTATION_CREATION_DATE 0x0070 0x0082 "PresentationCreationDate" DA One;
    PRESENTATION_CREATION_TIME 0x0070 0x0083 "PresentationCreationTime" TM One;
    CONTENT_CREATOR_NAME 0x0070 0x0084 "ContentCreatorName" PN Two;
    BLENDING_SEQUENCE 0x0070 0x0402 "BlendingSequence" SQ OneC;
    HANGING_PROTOCOL_NAME 0x0072 0x0002 "HangingProtocolName" SH One;
    HANGING_PROTOCOL_DESCRIPTION 0x0072 0x0004 "HangingProtocolDescription" LO One;
    HANGING_PROTOCOL_LEVEL 0x0072 0x0006 "HangingProtocolLevel" CS One "SINGLE_USER";
    HANGING_PROTOCOL_CREATOR 0x0072 0x0008 "HangingProtocolCreator" LO One;
    HANGING_PROTOCOL_CREATION_DATE_TIME 0x0072 0x000A "HangingProtocolCreationDateTime" DT One;
    HANGING_PROTOCOL_DEFINITION_SEQUENCE 0x0072 0x000C "HangingProtocolDefinitionSequence" SQ One;
    HANGING_PROTOCOL_USER_IDENTIFICATION_CODE_SEQUENCE 0x0072 0x000E "HangingProtocolUserIdentificationCodeSequence" SQ Two;
    NUMBER_OF_PRIORS_REFERENCED 0x0072 0x0014 "NumberOfPriorsReferenced" US One;
    IMPLANT_ASSEMBLY_TEMPLATE_NAME 0x0076 0x0001 "ImplantAssemblyTemplateName" LO One;
    PROCEDURE_TYPE_CODE_SEQUENCE 0x0076 0x0020 "ProcedureTypeCodeSequence" SQ One;
    IMPLANT_TEMPLATE_GROUP_NAME 0x0078 0x0001 "ImplantTemplateGroupName" LO One;
    IMPLANT_TEMPLATE_GROUP_ISSUER 0x0078 0x0020 "ImplantTemplateGroupIssuer" LO One;
    DOSE_SUMMATION_TYPE 0x3004 0x000A "DoseSummationType" CS One;
    STRUCTURE_SET_LABEL 0x3006 0x0002 "StructureSetLabel" SH One;
    STRUCTURE_SET_DATE 0x3006 0x0008 "StructureSetDate" DA Two;
    STRUCTURE_SET_TIME 0x3006 0x0009 "StructureSetTime" TM Two;
    TREATMENT_DATE 0x3008 0x0250 "TreatmentDate" DA Two;
    TREATMENT_TIME 0x3008 0x0251 "TreatmentTime" TM Two;
    RT_PLAN_LABEL 0x300A 0x0002 "RTPlanLabel" SH One;
    RT_PLAN_DATE 0x300A 0x0006 "RTPlanDate" DA Two;
    RT_PLAN_TIME 0x300A 0x0007 "RTPlanTime" TM Two;
    USER_CONTENT_LABEL 0x3010 0x0033 "UserContentLabel" SH OneC;
    USER_CONTENT_LONG_LABEL 0x3010 0x0034 "UserContentLongLabel" LO OneC;
}

/// The key of this tag.
#[must_use]
pub fn key_of(tag: Tag) -> Option<&'static Key> {
    match ALL.binary_search_by_key(&tag, |key| key.tag) {
        Ok(index) => ALL.get(index),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::value;
    use crate::standard::attributes::{keyword_of, vr_of};

    #[test]
    fn every_key_is_as_the_standard_has_it() {
        assert!(ALL.is_sorted_by(|a, b| a.tag < b.tag));
        for (key, keyword) in ALL.iter().zip(KEYWORDS) {
            assert_eq!(keyword_of(key.tag), Some(*keyword));
            assert_eq!(vr_of(key.tag), Some(key.vr), "{keyword}");
            assert_eq!(key_of(key.tag), Some(key));
        }
    }

    #[test]
    fn every_stand_in_is_valid_for_its_vr() {
        for key in ALL {
            let dummy = key.dummy();
            assert!(!dummy.is_empty());
            assert!(value::is_valid(key.vr, &dummy), "{}", key.tag);
        }
    }
}
