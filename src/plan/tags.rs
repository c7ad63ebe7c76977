//! The tags that decisions name, by keyword.

use crate::dicom::Tag;

macro_rules! tags {
    ($($name:ident $group:literal $element:literal $keyword:literal;)*) => {
        $(#[doc = concat!("(", stringify!($group), ",", stringify!($element), ") ", $keyword)] pub const $name: Tag = Tag($group, $element);)*

        #[cfg(test)]
        const KEYWORDS: &[(Tag, &str)] = &[$(($name, $keyword)),*];
    };
}

tags! {
    SPECIFIC_CHARACTER_SET 0x0008 0x0005 "SpecificCharacterSet";
    IMAGE_TYPE 0x0008 0x0008 "ImageType";
    MODALITY 0x0008 0x0060 "Modality";
    CONVERSION_TYPE 0x0008 0x0064 "ConversionType";
    MANUFACTURER 0x0008 0x0070 "Manufacturer";
    MANUFACTURER_MODEL_NAME 0x0008 0x1090 "ManufacturerModelName";
    BODY_PART_EXAMINED 0x0018 0x0015 "BodyPartExamined";
    SERIES_DESCRIPTION 0x0008 0x103E "SeriesDescription";
    STUDY_DESCRIPTION 0x0008 0x1030 "StudyDescription";
    PROTOCOL_NAME 0x0018 0x1030 "ProtocolName";
    PHOTOMETRIC_INTERPRETATION 0x0028 0x0004 "PhotometricInterpretation";
    SAMPLES_PER_PIXEL 0x0028 0x0002 "SamplesPerPixel";
    NUMBER_OF_FRAMES 0x0028 0x0008 "NumberOfFrames";
    BITS_ALLOCATED 0x0028 0x0100 "BitsAllocated";
    EXTENDED_OFFSET_TABLE 0x7FE0 0x0001 "ExtendedOffsetTable";
    EXTENDED_OFFSET_TABLE_LENGTHS 0x7FE0 0x0002 "ExtendedOffsetTableLengths";
    ROWS 0x0028 0x0010 "Rows";
    COLUMNS 0x0028 0x0011 "Columns";
    BURNED_IN_ANNOTATION 0x0028 0x0301 "BurnedInAnnotation";
    RECOGNIZABLE_VISUAL_FEATURES 0x0028 0x0302 "RecognizableVisualFeatures";
    FLOAT_PIXEL_DATA 0x7FE0 0x0008 "FloatPixelData";
    DOUBLE_FLOAT_PIXEL_DATA 0x7FE0 0x0009 "DoubleFloatPixelData";
    PIXEL_DATA 0x7FE0 0x0010 "PixelData";
    SOP_CLASS_UID 0x0008 0x0016 "SOPClassUID";
    SOP_INSTANCE_UID 0x0008 0x0018 "SOPInstanceUID";
    TIMEZONE_OFFSET_FROM_UTC 0x0008 0x0201 "TimezoneOffsetFromUTC";
    PRIVATE_GROUP_REFERENCE 0x0008 0x0301 "PrivateGroupReference";
    PRIVATE_CREATOR_REFERENCE 0x0008 0x0302 "PrivateCreatorReference";
    BLOCK_IDENTIFYING_INFORMATION_STATUS 0x0008 0x0303 "BlockIdentifyingInformationStatus";
    NONIDENTIFYING_PRIVATE_ELEMENTS 0x0008 0x0304 "NonidentifyingPrivateElements";
    DEIDENTIFICATION_ACTION_SEQUENCE 0x0008 0x0305 "DeidentificationActionSequence";
    IDENTIFYING_PRIVATE_ELEMENTS 0x0008 0x0306 "IdentifyingPrivateElements";
    DEIDENTIFICATION_ACTION 0x0008 0x0307 "DeidentificationAction";
    LONG_CODE_VALUE 0x0008 0x0119 "LongCodeValue";
    REFERENCED_CONTENT_ITEM_IDENTIFIER 0x0040 0xDB73 "ReferencedContentItemIdentifier";
    ACQUISITION_CONTEXT_SEQUENCE 0x0040 0x0555 "AcquisitionContextSequence";
    SPECIMEN_PREPARATION_STEP_CONTENT_ITEM_SEQUENCE 0x0040 0x0612 "SpecimenPreparationStepContentItemSequence";
    MEASUREMENT_UNITS_CODE_SEQUENCE 0x0040 0x08EA "MeasurementUnitsCodeSequence";
    VALUE_TYPE 0x0040 0xA040 "ValueType";
    CONCEPT_NAME_CODE_SEQUENCE 0x0040 0xA043 "ConceptNameCodeSequence";
    TEXT_VALUE 0x0040 0xA160 "TextValue";
    CONCEPT_CODE_SEQUENCE 0x0040 0xA168 "ConceptCodeSequence";
    MEASURED_VALUE_SEQUENCE 0x0040 0xA300 "MeasuredValueSequence";
    NUMERIC_VALUE 0x0040 0xA30A "NumericValue";
    PRIVATE_DATA_ELEMENT_CHARACTERISTICS_SEQUENCE 0x0008 0x0300 "PrivateDataElementCharacteristicsSequence";
    REFERENCED_SERIES_SEQUENCE 0x0008 0x1115 "ReferencedSeriesSequence";
    STUDIES_CONTAINING_OTHER_REFERENCED_INSTANCES_SEQUENCE 0x0008 0x1200 "StudiesContainingOtherReferencedInstancesSequence";
    CODE_VALUE 0x0008 0x0100 "CodeValue";
    CODING_SCHEME_DESIGNATOR 0x0008 0x0102 "CodingSchemeDesignator";
    CODE_MEANING 0x0008 0x0104 "CodeMeaning";
    PATIENT_NAME 0x0010 0x0010 "PatientName";
    PATIENT_ID 0x0010 0x0020 "PatientID";
    ISSUER_OF_PATIENT_ID 0x0010 0x0021 "IssuerOfPatientID";
    PATIENT_BIRTH_DATE 0x0010 0x0030 "PatientBirthDate";
    PATIENT_IDENTITY_REMOVED 0x0012 0x0062 "PatientIdentityRemoved";
    DEIDENTIFICATION_METHOD 0x0012 0x0063 "DeidentificationMethod";
    DEIDENTIFICATION_METHOD_CODE_SEQUENCE 0x0012 0x0064 "DeidentificationMethodCodeSequence";
    STUDY_INSTANCE_UID 0x0020 0x000D "StudyInstanceUID";
    SERIES_INSTANCE_UID 0x0020 0x000E "SeriesInstanceUID";
    LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED 0x0028 0x0303 "LongitudinalTemporalInformationModified";
    ICC_PROFILE 0x0028 0x2000 "ICCProfile";
    CONTENT_SEQUENCE 0x0040 0xA730 "ContentSequence";
    HL7_INSTANCE_IDENTIFIER 0x0040 0xE001 "HL7InstanceIdentifier";
    DOCUMENT_TITLE 0x0042 0x0010 "DocumentTitle";
    ENCAPSULATED_DOCUMENT 0x0042 0x0011 "EncapsulatedDocument";
    ENCAPSULATED_DOCUMENT_LENGTH 0x0042 0x0015 "EncapsulatedDocumentLength";
    ENCRYPTED_ATTRIBUTES_SEQUENCE 0x0400 0x0500 "EncryptedAttributesSequence";
    MAC_PARAMETERS_SEQUENCE 0x4FFE 0x0001 "MACParametersSequence";
    DATA_SET_TRAILING_PADDING 0xFFFC 0xFFFC "DataSetTrailingPadding";
    DIRECTORY_RECORD_SEQUENCE 0x0004 0x1220 "DirectoryRecordSequence";
}

/// Media Storage Directory Storage: the SOP Class of a DICOMDIR.
pub const MEDIA_STORAGE_DIRECTORY: &str = "1.2.840.10008.1.3.10";

/// The technical description of an image and of the device that made it.
pub const TECHNICAL: [Tag; 6] = [
    IMAGE_TYPE,
    MODALITY,
    CONVERSION_TYPE,
    MANUFACTURER,
    MANUFACTURER_MODEL_NAME,
    BODY_PART_EXAMINED,
];

/// Where an instance lists the instances that it references (PS3.3 C.12.2, Common Instance Reference).
pub const REFERENCES: [Tag; 2] = [
    REFERENCED_SERIES_SEQUENCE,
    STUDIES_CONTAINING_OTHER_REFERENCED_INSTANCES_SEQUENCE,
];

/// The parts of a code, which have a value wherever they stand (PS3.3 section 8.8, Type 1 and 1C).
pub const CODE: [Tag; 3] = [CODE_VALUE, CODING_SCHEME_DESIGNATOR, CODE_MEANING];

/// What an output says about its own cleaning.
pub const MARKERS: [Tag; 3] = [
    PATIENT_IDENTITY_REMOVED,
    DEIDENTIFICATION_METHOD,
    LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED,
];

#[cfg(test)]
mod tests {
    use super::KEYWORDS;
    use crate::standard::attributes::keyword_of;

    #[test]
    fn every_constant_has_the_keyword_of_the_standard() {
        for (tag, keyword) in KEYWORDS {
            assert_eq!(keyword_of(*tag), Some(*keyword), "{tag}");
        }
    }
}
