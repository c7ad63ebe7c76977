//! Places where an identity stays when only the well-known data elements are cleaned.

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use super::bytes::{
    DEFLATED, DataSet, EXPLICIT, Form, LE, behind_preamble, deflate, length, meta, meta_elements,
    meta_of, part10,
};
use super::case::Expect::{self, Clean, Either};
use super::case::{Canaries, Case, List, head_in, image, image_in};

pub fn cases() -> Vec<Case> {
    let mut list = List::new("residue", 7);
    preambles(&mut list);
    file_meta(&mut list);
    behind_the_end(&mut list);
    private(&mut list);
    single_elements(&mut list);
    nested_elements(&mut list);
    repeating_groups(&mut list);
    documents(&mut list);
    reports(&mut list);
    profiles_of_colour(&mut list);
    list.cases
}

fn preambles(list: &mut List) {
    for (name, magic) in [
        ("text", &b""[..]),
        ("program", b"MZ"),
        ("tiff", b"II*\0\x08\0\0\0"),
        ("elf", b"\x7fELF"),
        ("script", b"#!/bin/sh\n"),
        ("zip", b"PK\x03\x04"),
    ] {
        list.add(format!("preamble-{name}"), Clean, |c| {
            let preamble = [magic, c.text("the preamble").as_bytes()].concat();
            behind_preamble(&preamble, &meta(EXPLICIT), &image(c).bytes())
        });
    }
}

fn file_meta(list: &mut List) {
    for (name, tag, vr) in [
        ("version-name", tags::IMPLEMENTATION_VERSION_NAME, "SH"),
        ("source-title", tags::SOURCE_APPLICATION_ENTITY_TITLE, "AE"),
        (
            "sending-title",
            tags::SENDING_APPLICATION_ENTITY_TITLE,
            "AE",
        ),
        (
            "receiving-title",
            tags::RECEIVING_APPLICATION_ENTITY_TITLE,
            "AE",
        ),
        ("source-address", tags::SOURCE_PRESENTATION_ADDRESS, "UR"),
        ("private-information", tags::PRIVATE_INFORMATION, "OB"),
        ("unknown", Tag(0x0002, 0x0999), "LO"),
    ] {
        list.add(format!("meta-{name}"), Clean, |c| {
            let token = c.text("File Meta Information");
            let head = meta_elements(EXPLICIT).with(tag, vr, token);
            part10(&meta_of(&head), &image(c).bytes())
        });
    }
    list.add("meta-sop-instance", Clean, |c| {
        let uid = c.uid("MediaStorageSOPInstanceUID");
        let head = meta_elements(EXPLICIT).with(tags::MEDIA_STORAGE_SOP_INSTANCE_UID, "UI", uid);
        part10(&meta_of(&head), &image(c).bytes())
    });
    list.add("meta-sop-class-is-text", Clean, |c| {
        let token = c.text("MediaStorageSOPClassUID");
        let head = meta_elements(EXPLICIT).with(tags::MEDIA_STORAGE_SOP_CLASS_UID, "UI", token);
        part10(&meta_of(&head), &image(c).bytes())
    });
}

fn behind_the_end(list: &mut List) {
    list.add("bytes-behind-the-data-set", Either, |c| {
        let mut file = image(c).file();
        file.extend(c.text("behind the data set").repeat(3).bytes());
        file
    });
    list.add("zeros-and-a-name-behind-the-data-set", Either, |c| {
        let mut file = image(c).file();
        file.extend([0; 512]);
        file.extend(c.text("behind zeros").bytes());
        file
    });
    list.add("zeros-behind-the-data-set", Clean, |c| {
        let mut file = image(c).file();
        file.extend([0; 2048]);
        file
    });
    list.add("another-file-behind-the-data-set", Either, |c| {
        let second = image(c).file();
        [image(c).file(), second].concat()
    });
    list.add("archive-behind-the-data-set", Either, |c| {
        let mut file = image(c).file();
        file.extend(b"PK\x05\x06");
        file.extend([0; 18]);
        file.extend(c.text("behind an archive's end").bytes());
        file
    });
    for form in [Form::Explicit, Form::Implicit] {
        list.add(format!("trailing-padding-{form:?}"), Clean, |c| {
            let token = c.text("DataSetTrailingPadding");
            let data_set = image_in(form, c);
            data_set
                .with(tags::DATA_SET_TRAILING_PADDING, "OB", token)
                .file()
        });
    }
    list.add("bytes-behind-the-deflated-stream", Either, |c| {
        let mut stream = deflate(&image(c).bytes());
        stream.extend(c.text("behind the deflated stream").bytes());
        part10(&meta(DEFLATED), &stream)
    });
}

const CREATOR: Tag = Tag(0x0029, 0x0010);

fn private(list: &mut List) {
    list.image("private-without-creator", Clean, |data_set, c| {
        let token = c.text("private, no creator");
        data_set.with(Tag(0x0029, 0x1010), "LO", token)
    });
    list.image("private-creator", Clean, |data_set, c| {
        data_set
            .with(CREATOR, "LO", c.text("the creator itself"))
            .with(Tag(0x0029, 0x1008), "OB", c.text("private OB"))
            .with(Tag(0x0029, 0x1009), "UN", c.text("private UN"))
    });
    list.image("private-sequence", Clean, |data_set, c| {
        let token = c.direct("PatientName in a private sequence");
        data_set.with(CREATOR, "LO", "ACME").nested(
            Tag(0x0029, 0x1020),
            tags::PATIENT_NAME,
            "PN",
            token,
        )
    });
    list.image("private-in-an-item", Clean, |data_set, c| {
        let creator = LE.element(CREATOR, "LO", "ACME");
        let value = LE.element(Tag(0x0029, 0x1001), "LO", c.text("private in an item"));
        let tag = tags::REQUEST_ATTRIBUTES_SEQUENCE;
        data_set.raw(tag, LE.sequence(tag, &[[creator, value].concat()]))
    });
    list.image("private-safe-creator-with-a-name", Clean, |data_set, c| {
        let token = c.direct("a safe private value that names");
        data_set
            .with(tags::PATIENT_ID, "LO", &token)
            .with(Tag(0x0019, 0x0010), "LO", "GEMS_ACQU_01")
            .with(Tag(0x0019, 0x1023), "DS", "1.5")
            .with(Tag(0x0019, 0x109C), "LO", token)
    });
    list.image("private-said-to-be-safe", Clean, |data_set, c| {
        let item = [
            LE.element(tags::PRIVATE_GROUP_REFERENCE, "US", [0x29, 0]),
            LE.element(tags::PRIVATE_CREATOR_REFERENCE, "LO", "ACME"),
            LE.element(tags::BLOCK_IDENTIFYING_INFORMATION_STATUS, "CS", "SAFE"),
        ];
        let safe = tags::PRIVATE_DATA_ELEMENT_CHARACTERISTICS_SEQUENCE;
        let token = c.direct("PatientID in a private value said to be safe");
        data_set
            .with(tags::PATIENT_ID, "LO", &token)
            .raw(safe, LE.sequence(safe, &[item.concat()]))
            .with(CREATOR, "LO", "ACME")
            .with(Tag(0x0029, 0x1001), "LO", token)
    });
    list.image("private-block-of-another-creator", Clean, |data_set, c| {
        data_set.with(CREATOR, "LO", "GEMS_ACQU_01").with(
            Tag(0x0029, 0x1123),
            "LO",
            c.text("in a block nobody reserved"),
        )
    });
    list.image("private-group-with-group-length", Clean, |data_set, c| {
        data_set
            .with(Tag(0x0029, 0), "UL", c.text("a private group length"))
            .with(Tag(0x0029, 0x0001), "LO", c.text("(0029,0001)"))
    });
}

/// One data element each, by keyword.
fn single_elements(list: &mut List) {
    let texts: [(&str, Tag, &'static str); 32] = [
        ("unknown-even", Tag(0x0012, 0x9999), "LO"),
        ("unknown-even-un", Tag(0x0054, 0x9999), "UN"),
        ("interpretation", Tag(0x4008, 0x0115), "LT"),
        ("mother", tags::PATIENT_MOTHER_BIRTH_NAME, "PN"),
        ("study-comments", Tag(0x0032, 0x4000), "LT"),
        ("identifying-comments", Tag(0x0008, 0x4000), "LT"),
        ("device-serial", tags::DEVICE_SERIAL_NUMBER, "LO"),
        ("station", tags::STATION_NAME, "SH"),
        ("operators", tags::OPERATORS_NAME, "PN"),
        ("address", tags::PATIENT_ADDRESS, "LO"),
        ("telephone", tags::PATIENT_TELEPHONE_NUMBERS, "SH"),
        ("occupation", tags::OCCUPATION, "SH"),
        ("history", tags::ADDITIONAL_PATIENT_HISTORY, "LT"),
        ("allergies", tags::ALLERGIES, "LO"),
        ("mac-parameters", tags::MAC_PARAMETERS_SEQUENCE, "LO"),
        ("uid-text", tags::IRRADIATION_EVENT_UID, "UI"),
        ("retrieve-title", tags::RETRIEVE_AE_TITLE, "AE"),
        ("institution-address", tags::INSTITUTION_ADDRESS, "ST"),
        ("department", tags::INSTITUTIONAL_DEPARTMENT_NAME, "LO"),
        ("admission", tags::ADMISSION_ID, "LO"),
        (
            "filler-order",
            tags::FILLER_ORDER_NUMBER_IMAGING_SERVICE_REQUEST,
            "LO",
        ),
        ("frame-comments", tags::FRAME_COMMENTS, "LT"),
        ("image-comments", tags::IMAGE_COMMENTS, "LT"),
        ("derivation", tags::DERIVATION_DESCRIPTION, "ST"),
        ("trial-subject", tags::CLINICAL_TRIAL_SUBJECT_ID, "LO"),
        ("trial-sponsor", tags::CLINICAL_TRIAL_SPONSOR_NAME, "LO"),
        ("dose-comment", tags::COMMENTS_ON_RADIATION_DOSE, "ST"),
        ("plate", tags::PLATE_ID, "LO"),
        ("cassette", tags::CASSETTE_ID, "LO"),
        ("responsible-person", tags::RESPONSIBLE_PERSON, "PN"),
        ("military-rank", tags::MILITARY_RANK, "LO"),
        ("hl7-instance", tags::HL7_INSTANCE_IDENTIFIER, "ST"),
    ];
    for (name, tag, vr) in texts {
        list.image(format!("element-{name}"), Clean, |data_set, c| {
            data_set.with(tag, vr, c.text("a data element"))
        });
    }
    list.image("uid-in-a-text", Either, |data_set, c| {
        let uid = c.uid("a UID in ImageComments");
        data_set.with(tags::IMAGE_COMMENTS, "LT", format!("see {uid}"))
    });
    list.image("own-uid-in-a-text", Clean, |data_set, c| {
        let uid = c.uid("StudyInstanceUID in a text");
        data_set.with(tags::STUDY_INSTANCE_UID, "UI", &uid).with(
            tags::CONTRAST_BOLUS_AGENT,
            "LO",
            format!("of {uid}"),
        )
    });
    list.image("burned-in-yes", Either, |data_set, _| {
        data_set.with(tags::BURNED_IN_ANNOTATION, "CS", "YES")
    });
}

/// The innermost of a path of sequences.
fn nested_elements(list: &mut List) {
    let paths: [(&str, &[Tag], Tag, &str); 15] = [
        (
            "one-deep",
            &[tags::REQUEST_ATTRIBUTES_SEQUENCE],
            tags::PATIENT_NAME,
            "PN",
        ),
        (
            "two-deep",
            &[
                tags::REQUEST_ATTRIBUTES_SEQUENCE,
                tags::REFERENCED_STUDY_SEQUENCE,
            ],
            tags::PATIENT_ID,
            "LO",
        ),
        (
            "waveform",
            &[tags::WAVEFORM_ANNOTATION_SEQUENCE],
            tags::UNFORMATTED_TEXT_VALUE,
            "ST",
        ),
        (
            "graphics",
            &[
                tags::GRAPHIC_ANNOTATION_SEQUENCE,
                tags::TEXT_OBJECT_SEQUENCE,
            ],
            tags::UNFORMATTED_TEXT_VALUE,
            "ST",
        ),
        (
            "certificate",
            &[tags::DIGITAL_SIGNATURES_SEQUENCE],
            tags::CERTIFICATE_OF_SIGNER,
            "OB",
        ),
        (
            "signature",
            &[tags::DIGITAL_SIGNATURES_SEQUENCE],
            tags::SIGNATURE,
            "OB",
        ),
        (
            "encrypted",
            &[tags::ENCRYPTED_ATTRIBUTES_SEQUENCE],
            tags::ENCRYPTED_CONTENT,
            "OB",
        ),
        (
            "original-attributes",
            &[
                tags::ORIGINAL_ATTRIBUTES_SEQUENCE,
                tags::MODIFIED_ATTRIBUTES_SEQUENCE,
            ],
            tags::PATIENT_NAME,
            "PN",
        ),
        (
            "other-ids",
            &[tags::OTHER_PATIENT_I_DS_SEQUENCE],
            tags::PATIENT_ID,
            "LO",
        ),
        (
            "physician",
            &[tags::REFERRING_PHYSICIAN_IDENTIFICATION_SEQUENCE],
            tags::PERSON_ADDRESS,
            "ST",
        ),
        (
            "code-meaning",
            &[tags::PROCEDURE_CODE_SEQUENCE],
            Tag(0x0008, 0x0999),
            "LO",
        ),
        (
            "segment-label",
            &[tags::SEGMENT_SEQUENCE],
            tags::TRACKING_UID,
            "UI",
        ),
        (
            "functional-group",
            &[tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE],
            Tag(0x0021, 0x1001),
            "LO",
        ),
        (
            "icon-text",
            &[tags::ICON_IMAGE_SEQUENCE],
            tags::IMAGE_COMMENTS,
            "LT",
        ),
        (
            "source-image",
            &[tags::SOURCE_IMAGE_SEQUENCE],
            tags::REFERENCED_SOP_INSTANCE_UID,
            "UI",
        ),
    ];
    for (name, sequences, tag, vr) in paths {
        for form in [Form::Explicit, Form::Implicit] {
            list.add(format!("nested-{name}-{form:?}"), Clean, |c| {
                let leaf = form.element(tag, vr, c.text("inside sequences"));
                let (first, inner) = sequences.split_first().unwrap();
                let wrap = |content: Vec<u8>, tag: &Tag| form.sequence(*tag, &[content]);
                let content = inner.iter().rev().fold(leaf, wrap);
                image_in(form, c).raw(*first, wrap(content, first)).file()
            });
        }
    }
    list.image("icon-pixels", Clean, |data_set, c| {
        let token = c.text("PixelData of an icon");
        data_set.nested(tags::ICON_IMAGE_SEQUENCE, tags::PIXEL_DATA, "OW", token)
    });
}

fn repeating_groups(list: &mut List) {
    for (name, tag, vr) in [
        ("overlay-description", Tag(0x6000, 0x0022), "LO"),
        ("overlay-label", Tag(0x6000, 0x1500), "LO"),
        ("overlay-data", Tag(0x6000, 0x3000), "OW"),
        ("overlay-comments", Tag(0x6000, 0x4000), "LT"),
        ("overlay-601e-data", Tag(0x601E, 0x3000), "OW"),
        ("overlay-60fe-comments", Tag(0x60FE, 0x4000), "LT"),
        ("overlay-6001-private", Tag(0x6001, 0x3000), "OW"),
        ("curve-label", Tag(0x5000, 0x2500), "LO"),
        ("curve-data", Tag(0x5000, 0x3000), "OW"),
        ("curve-audio", Tag(0x501E, 0x200C), "OW"),
        ("curve-audio-comment", Tag(0x50FE, 0x200E), "LT"),
        ("pixels-of-7f00", Tag(0x7F00, 0x0010), "OW"),
        ("pixels-of-7ffe", Tag(0x7FFE, 0x0010), "OW"),
        ("escape-triplet", Tag(0x1000, 0x0010), "US"),
        ("source-image-ids", Tag(0x0020, 0x3100), "CS"),
    ] {
        list.image(format!("repeating-{name}"), Clean, |data_set, c| {
            data_set.with(tag, vr, c.text("a repeating group"))
        });
    }
}

fn documents(list: &mut List) {
    for (name, mime, sop_class, begin) in [
        (
            "pdf",
            "application/pdf",
            "1.2.840.10008.5.1.4.1.1.104.1",
            "%PDF-1.4 /Author (",
        ),
        (
            "cda",
            "text/XML",
            "1.2.840.10008.5.1.4.1.1.104.2",
            "<ClinicalDocument><name>",
        ),
        (
            "stl",
            "model/stl",
            "1.2.840.10008.5.1.4.1.1.104.3",
            "solid ",
        ),
        (
            "obj",
            "model/obj",
            "1.2.840.10008.5.1.4.1.1.104.4",
            "# made for ",
        ),
        (
            "mtl",
            "model/mtl",
            "1.2.840.10008.5.1.4.1.1.104.5",
            "newmtl ",
        ),
        ("unknown", "application/x-what", "2.999.7.77", "what "),
    ] {
        list.add(format!("document-{name}"), Either, |c| {
            let document = begin.to_owned() + &c.text("the document");
            head_in(LE, c)
                .with(tags::SOP_CLASS_UID, "UI", sop_class)
                .with(tags::MODALITY, "CS", "DOC")
                .with(tags::DOCUMENT_TITLE, "ST", c.text("DocumentTitle"))
                .with(tags::MIME_TYPE_OF_ENCAPSULATED_DOCUMENT, "LO", mime)
                .with(tags::ENCAPSULATED_DOCUMENT, "OB", document)
                .file()
        });
    }
    list.image("document-in-a-ct-image", Either, |data_set, c| {
        let document = "%PDF-1.4 ".to_owned() + &c.text("a document in an image");
        data_set.with(tags::ENCAPSULATED_DOCUMENT, "OB", document)
    });
    list.add("waveform-data", Either, |c| {
        let waveform = LE.element(tags::WAVEFORM_DATA, "OW", [5; 32]);
        let label = LE.element(
            tags::MULTIPLEX_GROUP_LABEL,
            "SH",
            c.text("MultiplexGroupLabel"),
        );
        let item = [label, waveform].concat();
        head_in(LE, c)
            .with(tags::SOP_CLASS_UID, "UI", "1.2.840.10008.5.1.4.1.1.9.1.1")
            .with(tags::MODALITY, "CS", "ECG")
            .raw(
                tags::WAVEFORM_SEQUENCE,
                LE.sequence(tags::WAVEFORM_SEQUENCE, &[item]),
            )
            .file()
    });
}

fn content_item(value_type: &str, value: Vec<u8>) -> Vec<u8> {
    [LE.element(tags::VALUE_TYPE, "CS", value_type), value].concat()
}

fn report(c: &mut Canaries, items: &[Vec<u8>]) -> DataSet {
    head_in(LE, c)
        .with(tags::SOP_CLASS_UID, "UI", "1.2.840.10008.5.1.4.1.1.88.33")
        .with(tags::MODALITY, "CS", "SR")
        .with(tags::VALUE_TYPE, "CS", "CONTAINER")
        .raw(
            tags::CONTENT_SEQUENCE,
            LE.sequence(tags::CONTENT_SEQUENCE, items),
        )
}

fn reports(list: &mut List) {
    let kinds: [(&str, &'static str, Tag, &str, Expect); 6] = [
        ("name", "PNAME", tags::PERSON_NAME, "PN", Clean),
        ("text", "TEXT", tags::TEXT_VALUE, "UT", Clean),
        ("date", "DATE", tags::DATE, "DA", Clean),
        ("uid", "UIDREF", tags::UID, "UI", Clean),
        ("unknown", "WHAT", tags::TEXT_VALUE, "UT", Clean),
        ("lying", "NUM", tags::PERSON_NAME, "PN", Clean),
    ];
    for (name, value_type, tag, vr, expect) in kinds {
        list.add(format!("report-{name}"), expect, |c| {
            let value = LE.element(tag, vr, c.text("a content item"));
            report(c, &[content_item(value_type, value)]).file()
        });
        list.image(
            format!("content-in-an-image-{name}"),
            expect,
            |data_set, c| {
                let value = LE.element(tag, vr, c.text("a content item of an image"));
                let item = content_item(value_type, value);
                data_set.raw(
                    tags::CONTENT_SEQUENCE,
                    LE.sequence(tags::CONTENT_SEQUENCE, &[item]),
                )
            },
        );
    }
    list.add("report-of-unknown", Clean, |c| {
        let value = Form::Implicit.element(tags::PERSON_NAME, "PN", c.text("inside UN"));
        let item = Form::Implicit.item(value);
        let tag = tags::CONTENT_SEQUENCE;
        let content = LE.declared(tag, "UN", &item, length(&item));
        report(c, &[]).raw(tag, content).file()
    });
}

/// An ICC profile with one tag of text (ICC.1 sections 7 and 10).
fn icc_profile(signature: [u8; 4], text: &str) -> Vec<u8> {
    let mut data = b"desc\0\0\0\0".to_vec();
    data.extend(length(text.as_bytes()).to_be_bytes());
    data.extend(text.as_bytes());
    data.resize(data.len().next_multiple_of(4), 0);
    let mut profile = vec![0; 128];
    profile[36..40].copy_from_slice(b"acsp");
    profile.extend(1u32.to_be_bytes());
    profile.extend(signature);
    profile.extend(144u32.to_be_bytes());
    profile.extend(length(&data).to_be_bytes());
    profile.extend(data);
    let whole = length(&profile);
    profile[..4].copy_from_slice(&whole.to_be_bytes());
    profile
}

fn profiles_of_colour(list: &mut List) {
    for signature in [b"desc", b"cprt", b"dmnd", b"zzzz"] {
        let name = String::from_utf8_lossy(signature).into_owned();
        list.image(format!("icc-{name}"), Clean, |data_set, c| {
            let profile = icc_profile(*signature, &c.text("a text of an ICC profile"));
            data_set.with(tags::ICC_PROFILE, "OB", profile)
        });
    }
    list.image("icc-gap", Clean, |data_set, c| {
        let mut profile = icc_profile(*b"desc", "sRGB");
        profile.extend(c.text("behind the tags of an ICC profile").bytes());
        data_set.with(tags::ICC_PROFILE, "OB", profile)
    });
    list.image("icc-rubbish", Clean, |data_set, c| {
        let token = c.text("an ICC profile that is none");
        data_set.with(tags::ICC_PROFILE, "OB", token)
    });
}
