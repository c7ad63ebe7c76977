//! What is known of one instance before anything is decided about it: whether a human has to look first, and what a run
//! counts about people without knowing them.
//!
//! Owns: the facts. Which of them hold a file back is data in the profile (`[[hold]]`).

use super::tags;
use crate::dicom::Tag;
use crate::profile::hold::{Facts, has_any_word};

/// SOP Classes of encapsulated documents begin so.
const DOCUMENTS: &str = "1.2.840.10008.5.1.4.1.1.104.";

/// The smallest picture in which three letters can be read, of five by seven pixels each.
const SHORT_SIDE: u16 = 8;
const LONG_SIDE: u16 = 16;

/// Modalities whose scans of a head can show a face, with the SOP Classes that say the same.
const FACES: [(&str, &[&str]); 3] = [
    (
        "CT",
        &[
            "1.2.840.10008.5.1.4.1.1.2",
            "1.2.840.10008.5.1.4.1.1.2.1",
            "1.2.840.10008.5.1.4.1.1.2.2",
        ],
    ),
    (
        "MR",
        &[
            "1.2.840.10008.5.1.4.1.1.4",
            "1.2.840.10008.5.1.4.1.1.4.1",
            "1.2.840.10008.5.1.4.1.1.4.3",
            "1.2.840.10008.5.1.4.1.1.4.4",
        ],
    ),
    (
        "PT",
        &[
            "1.2.840.10008.5.1.4.1.1.128",
            "1.2.840.10008.5.1.4.1.1.130",
            "1.2.840.10008.5.1.4.1.1.128.1",
        ],
    ),
];

/// Words of a body part or a description that tell of a head, in the languages of the corpus.
const HEAD: [&str; 44] = [
    "head",
    "brain",
    "skull",
    "face",
    "facial",
    "maxillofacial",
    "neuro",
    "cranium",
    "cranial",
    "cerebral",
    "cerebrum",
    "sinus",
    "sinuses",
    "paranasal",
    "orbit",
    "orbits",
    "orbita",
    "pituitary",
    "iac",
    "ear",
    "mandible",
    "jaw",
    "dental",
    "headneck",
    "hirn",
    "kopf",
    "schädel",
    "schaedel",
    "gesicht",
    "nnh",
    "crane",
    "crâne",
    "cerveau",
    "tete",
    "tête",
    "encephale",
    "encéphale",
    "cabeza",
    "cerebro",
    "craneo",
    "cráneo",
    "testa",
    "encefalo",
    "cranio",
];

/// Words that tell of another part of the body, so that no head is shown.
const ELSEWHERE: [&str; 62] = [
    "chest",
    "thorax",
    "thoracic",
    "lung",
    "lungs",
    "abdomen",
    "abdominal",
    "pelvis",
    "pelvic",
    "spine",
    "lspine",
    "tspine",
    "cspine",
    "lumbar",
    "sacrum",
    "hip",
    "hips",
    "knee",
    "ankle",
    "foot",
    "feet",
    "leg",
    "legs",
    "thigh",
    "calf",
    "shoulder",
    "elbow",
    "wrist",
    "hand",
    "hands",
    "arm",
    "finger",
    "extremity",
    "heart",
    "cardiac",
    "coronary",
    "aorta",
    "breast",
    "breasts",
    "liver",
    "kidney",
    "kidneys",
    "renal",
    "pancreas",
    "bowel",
    "colon",
    "bladder",
    "prostate",
    "uterus",
    "phantom",
    "knie",
    "hüfte",
    "becken",
    "wirbelsäule",
    "lws",
    "bws",
    "hws",
    "rodilla",
    "ginocchio",
    "genou",
    "torace",
    "addome",
];

/// Whether a scan shows a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    /// It says that it does, and can show a face.
    Shown,
    /// It is a scan that could, and does not say of what part of the body it is.
    Unsaid,
    /// It cannot, or says that it is of another part.
    No,
}

/// What the first walk gathers, at the root of the data set.
#[derive(Debug, Clone, Default)]
pub struct Triage {
    /// What rules that hold files back are judged on.
    pub facts: Facts,
    /// Patient's Birth Date, decoded, without padding.
    pub birth_date: String,
    /// Body part and descriptions, which may tell of a head.
    regions: Vec<String>,
    rows: Option<u16>,
    columns: Option<u16>,
    has_pixels: bool,
}

impl Triage {
    /// The attributes whose text is wanted here.
    #[must_use]
    pub fn wants(tag: Tag) -> bool {
        matches!(
            tag,
            tags::MODALITY
                | tags::BURNED_IN_ANNOTATION
                | tags::RECOGNIZABLE_VISUAL_FEATURES
                | tags::IMAGE_TYPE
                | tags::CONVERSION_TYPE
                | tags::SERIES_DESCRIPTION
                | tags::PHOTOMETRIC_INTERPRETATION
                | tags::PATIENT_BIRTH_DATE
                | tags::BODY_PART_EXAMINED
                | tags::STUDY_DESCRIPTION
                | tags::PROTOCOL_NAME
        )
    }

    /// The attributes whose standing at the root is noted.
    #[must_use]
    pub fn notes(tag: Tag) -> bool {
        matches!(
            tag,
            tags::PIXEL_DATA
                | tags::FLOAT_PIXEL_DATA
                | tags::DOUBLE_FLOAT_PIXEL_DATA
                | tags::ENCAPSULATED_DOCUMENT
        )
    }

    /// Takes the text of an attribute that is wanted. Of a duplicate the first that says something counts, but a warning
    /// that any of them gives is heard.
    pub fn take(&mut self, tag: Tag, text: &str) {
        let facts = &mut self.facts;
        let place = match tag {
            tags::IMAGE_TYPE => {
                facts.image_type.extend(text.split('\\').map(str::to_owned));
                return;
            }
            tags::BODY_PART_EXAMINED | tags::STUDY_DESCRIPTION | tags::PROTOCOL_NAME => {
                self.regions.push(text.to_owned());
                return;
            }
            tags::BURNED_IN_ANNOTATION => &mut facts.burned_in_annotation,
            tags::RECOGNIZABLE_VISUAL_FEATURES => &mut facts.recognizable_visual_features,
            tags::MODALITY => &mut facts.modality,
            tags::CONVERSION_TYPE => &mut facts.conversion_type,
            tags::SERIES_DESCRIPTION => {
                self.regions.push(text.to_owned());
                &mut facts.series_description
            }
            tags::PHOTOMETRIC_INTERPRETATION => &mut facts.photometric_interpretation,
            tags::PATIENT_BIRTH_DATE => &mut self.birth_date,
            _ => return,
        };
        if place.is_empty() || text.trim() == "YES" {
            text.trim().clone_into(place);
        }
    }

    /// Notes that a data element stands at the root.
    pub fn note(&mut self, tag: Tag, has_value: bool) {
        self.has_pixels |= has_value && tag == tags::PIXEL_DATA
            || matches!(tag, tags::FLOAT_PIXEL_DATA | tags::DOUBLE_FLOAT_PIXEL_DATA);
        self.facts.document |= tag == tags::ENCAPSULATED_DOCUMENT;
    }

    /// Takes Rows or Columns; `None` where the value is no number. Of a duplicate the larger one counts.
    pub fn take_size(&mut self, tag: Tag, number: Option<u16>) {
        let side = if tag == tags::ROWS {
            &mut self.rows
        } else {
            &mut self.columns
        };
        *side = Some(number.unwrap_or(u16::MAX).max(side.unwrap_or(0)));
    }

    /// What the file as a whole says.
    pub fn finish(&mut self, sop_class: &str, transfer_syntax: &str) {
        sop_class.clone_into(&mut self.facts.sop_class);
        transfer_syntax.clone_into(&mut self.facts.transfer_syntax);
        self.facts.document |= sop_class.starts_with(DOCUMENTS);
        self.facts.picture = match (self.rows, self.columns) {
            (None, None) => self.has_pixels,
            (rows, columns) => {
                let (rows, columns) = (rows.unwrap_or(u16::MAX), columns.unwrap_or(u16::MAX));
                rows.min(columns) >= SHORT_SIDE && rows.max(columns) >= LONG_SIDE
            }
        };
    }

    /// The modality as far as it is a word of the standard: never what somebody typed there.
    #[must_use]
    pub fn modality(&self) -> &'static str {
        let given = self.facts.modality.as_str();
        let sop_class = self.facts.sop_class.as_str();
        let of_class = || {
            let row = FACES
                .iter()
                .find(|(_, classes)| classes.contains(&sop_class));
            row.map_or("", |(modality, _)| *modality)
        };
        MODALITIES
            .iter()
            .find(|known| **known == given)
            .copied()
            .unwrap_or_else(of_class)
    }

    /// Body part and descriptions.
    #[must_use]
    pub fn regions(&self) -> &[String] {
        &self.regions
    }

    /// Whether a face may be seen.
    #[must_use]
    pub fn head(&self) -> Head {
        let facts = &self.facts;
        let can = facts.picture
            && FACES.iter().any(|(modality, classes)| {
                facts.modality == *modality || classes.contains(&facts.sop_class.as_str())
            });
        if !can {
            return Head::No;
        }
        let says = |words: &[&str]| {
            let says = |region: &String| has_any_word(region, words);
            self.regions.iter().any(says)
        };
        if says(&HEAD) {
            Head::Shown
        } else if says(&ELSEWHERE) {
            Head::No
        } else {
            Head::Unsaid
        }
    }
}

/// Defined terms of Modality (PS3.3 C.7.3.1.1.1), retired ones included.
const MODALITIES: [&str; 94] = [
    "ANN",
    "AR",
    "ASMT",
    "AU",
    "BDUS",
    "BI",
    "BMD",
    "CFM",
    "CR",
    "CT",
    "CTPROTOCOL",
    "DMS",
    "DG",
    "DOC",
    "DX",
    "ECG",
    "EEG",
    "EMG",
    "EOG",
    "EPS",
    "ES",
    "FID",
    "GM",
    "HC",
    "HD",
    "IO",
    "IOL",
    "IVOCT",
    "IVUS",
    "KER",
    "KO",
    "LEN",
    "LS",
    "M3D",
    "MG",
    "MR",
    "NM",
    "OAM",
    "OCT",
    "OP",
    "OPM",
    "OPT",
    "OPTBSV",
    "OPTENF",
    "OPV",
    "OSS",
    "OT",
    "PA",
    "PLAN",
    "POS",
    "PR",
    "PT",
    "PX",
    "REG",
    "RESP",
    "RF",
    "RG",
    "RTDOSE",
    "RTIMAGE",
    "RTINTENT",
    "RTPLAN",
    "RTRAD",
    "RTRECORD",
    "RTSEGANN",
    "RTSTRUCT",
    "RWV",
    "SEG",
    "SM",
    "SMR",
    "SR",
    "SRF",
    "STAIN",
    "TEXTUREMAP",
    "TG",
    "US",
    "VA",
    "XA",
    "XAPROTOCOL",
    "XC",
    "AS",
    "CD",
    "CF",
    "CP",
    "CS",
    "DD",
    "DF",
    "DM",
    "DS",
    "EC",
    "FA",
    "FS",
    "LP",
    "MA",
    "MS",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn triage(rows: &[(Tag, &str)], sop_class: &str) -> Triage {
        let mut triage = Triage::default();
        for (tag, text) in rows {
            triage.take(*tag, text);
        }
        triage.take_size(tags::ROWS, Some(64));
        triage.finish(sop_class, "1.2.840.10008.1.2.1");
        triage
    }

    #[test]
    fn a_scan_of_a_head_is_known_by_its_words() {
        let mr = "1.2.840.10008.5.1.4.1.1.4";
        type Row<'a> = (&'a str, &'a [(Tag, &'a str)], Head);
        let rows: &[Row<'_>] = &[
            (mr, &[(tags::BODY_PART_EXAMINED, "BRAIN")], Head::Shown),
            (
                mr,
                &[(tags::STUDY_DESCRIPTION, "MRT Schädel nativ")],
                Head::Shown,
            ),
            (
                mr,
                &[(tags::SERIES_DESCRIPTION, "t1_mprage_HEAD")],
                Head::Shown,
            ),
            (mr, &[(tags::BODY_PART_EXAMINED, "KNEE")], Head::No),
            (mr, &[(tags::PROTOCOL_NAME, "t2 overhead")], Head::Unsaid),
            (mr, &[], Head::Unsaid),
            (
                "1.2.840.10008.5.1.4.1.1.1",
                &[(tags::BODY_PART_EXAMINED, "SKULL")],
                Head::No,
            ),
        ];
        for (class, attributes, expected) in rows {
            assert_eq!(
                triage(attributes, class).head(),
                *expected,
                "{attributes:?}"
            );
        }
    }

    #[test]
    fn a_picture_is_what_letters_can_be_read_in() {
        type Side = Option<Option<u16>>;
        let rows: &[(Side, Side, bool, bool)] = &[
            (Some(Some(512)), Some(Some(512)), true, true),
            (Some(Some(4)), Some(Some(4)), true, false),
            (Some(Some(8)), Some(Some(16)), true, true),
            (Some(Some(2)), Some(Some(4000)), true, false),
            (Some(None), Some(Some(64)), false, true),
            (Some(Some(64)), None, false, true),
            (None, None, true, true),
            (None, None, false, false),
        ];
        for (rows, columns, pixels, expected) in rows {
            let mut triage = Triage::default();
            for (tag, side) in [(tags::ROWS, rows), (tags::COLUMNS, columns)] {
                if let Some(number) = side {
                    triage.take_size(tag, *number);
                }
            }
            triage.note(tags::PIXEL_DATA, *pixels);
            triage.finish("1.2.3", "1.2.840.10008.1.2");
            assert_eq!(triage.facts.picture, *expected, "{rows:?} {columns:?}");
        }
    }

    #[test]
    fn a_modality_is_a_word_of_the_standard_or_nothing() {
        assert_eq!(triage(&[(tags::MODALITY, "MG")], "1.2.3").modality(), "MG");
        assert_eq!(
            triage(&[(tags::MODALITY, "DOE^JANE")], "1.2.3").modality(),
            ""
        );
        assert_eq!(triage(&[], "1.2.840.10008.5.1.4.1.1.2").modality(), "CT");
    }

    #[test]
    fn a_second_value_can_only_warn() {
        let twice = triage(
            &[
                (tags::BURNED_IN_ANNOTATION, "NO"),
                (tags::BURNED_IN_ANNOTATION, "YES"),
            ],
            "1.2.3",
        );
        assert_eq!(twice.facts.burned_in_annotation, "YES");
    }
}
