//! Rules that hold a file back until a human has looked at it (`[[hold]]`): conditions over facts of one instance.
//!
//! Owns: what a condition means. A picture can carry a name that no header shows; which pictures are likely to is data in
//! the profile, and each rule carries examples that it must catch and leave. Source: PS3.15 E.2 (burned in annotation is
//! outside of what a profile without Clean Pixel Data does), PS3.3 C.7.6.1, C.8.6.1.

use std::collections::BTreeSet;

use crate::dicom::Tag;

/// What is known of one instance when it is decided whether it is held back. All of it stands at the root of the data set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// SOP Class UID.
    pub sop_class: String,
    /// Modality.
    pub modality: String,
    /// Burned In Annotation.
    pub burned_in_annotation: String,
    /// Recognizable Visual Features.
    pub recognizable_visual_features: String,
    /// Values of Image Type.
    pub image_type: Vec<String>,
    /// Conversion Type.
    pub conversion_type: String,
    /// Series Description.
    pub series_description: String,
    /// Photometric Interpretation.
    pub photometric_interpretation: String,
    /// Transfer Syntax UID.
    pub transfer_syntax: String,
    /// Attributes with a value, of those that some rule asks for.
    pub present: BTreeSet<Tag>,
    /// It has rows and columns, enough of them for letters to be read.
    pub picture: bool,
    /// It has an Encapsulated Document.
    pub document: bool,
    /// Its compressed pixel data are not what the transfer syntax says, so that words in them are not found.
    pub unread_pixels: bool,
}

/// The facts that a condition can name values of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// SOP Class UID; `*` at the end stands for the rest.
    SopClass,
    /// Modality.
    Modality,
    /// Burned In Annotation.
    BurnedInAnnotation,
    /// Recognizable Visual Features.
    RecognizableVisualFeatures,
    /// Any value of Image Type.
    ImageType,
    /// Conversion Type.
    ConversionType,
    /// Whole words of Series Description.
    SeriesDescription,
    /// Photometric Interpretation.
    PhotometricInterpretation,
    /// Transfer Syntax UID; `*` at the end stands for the rest.
    TransferSyntax,
}

/// All of it holds of an instance, or the condition does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition {
    /// The fact has one of these values.
    pub one_of: Vec<(Fact, Vec<String>)>,
    /// None of these attributes has a value.
    pub lacks: Vec<Tag>,
    /// It has rows and columns, or has none.
    pub picture: Option<bool>,
    /// It has an encapsulated document, or has none.
    pub document: Option<bool>,
    /// Its compressed pixel data could not be looked through, or could.
    pub unread_pixels: Option<bool>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// A stable word for reports.
    pub code: Box<str>,
    /// One of what it holds back, in plain words.
    pub label: Box<str>,
    /// Several of them.
    pub plural: Box<str>,
    /// Why, in plain words.
    pub reason: Box<str>,
    /// What it holds back.
    pub when: Condition,
    /// What it leaves all the same.
    pub unless: Option<Condition>,
}

/// The code of files whose patient is not in the map, where the profile holds these back.
pub const UNMAPPED: &str = "unmapped-patient";

impl Hold {
    /// The rule for patients who are not in the map: no fact of an instance meets it, the run does.
    #[must_use]
    pub fn unmapped() -> Self {
        Self {
            code: UNMAPPED.into(),
            label: "file of a patient who is not in your list".into(),
            plural: "files of patients who are not in your list".into(),
            reason: "the list of pseudonyms has no entry for this patient".into(),
            when: Condition::default(),
            unless: None,
        }
    }

    /// True when this instance is held back.
    #[must_use]
    pub fn catches(&self, facts: &Facts) -> bool {
        self.when.holds(facts)
            && !self
                .unless
                .as_ref()
                .is_some_and(|unless| unless.holds(facts))
    }
}

impl Condition {
    /// True when nothing is asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// True when all that is asked holds; never where nothing is.
    #[must_use]
    pub fn holds(&self, facts: &Facts) -> bool {
        !self.is_empty()
            && self
                .one_of
                .iter()
                .all(|(fact, values)| values.iter().any(|value| fact.is(value, facts)))
            && self.lacks.iter().all(|tag| !facts.present.contains(tag))
            && self.picture.is_none_or(|wanted| wanted == facts.picture)
            && self.document.is_none_or(|wanted| wanted == facts.document)
            && self
                .unread_pixels
                .is_none_or(|wanted| wanted == facts.unread_pixels)
    }
}

impl Fact {
    /// Its name in a profile.
    pub const ALL: [(&'static str, Self); 9] = [
        ("sop-class", Self::SopClass),
        ("modality", Self::Modality),
        ("burned-in-annotation", Self::BurnedInAnnotation),
        (
            "recognizable-visual-features",
            Self::RecognizableVisualFeatures,
        ),
        ("image-type", Self::ImageType),
        ("conversion-type", Self::ConversionType),
        ("series-description", Self::SeriesDescription),
        (
            "photometric-interpretation",
            Self::PhotometricInterpretation,
        ),
        ("transfer-syntax", Self::TransferSyntax),
    ];

    fn is(self, value: &str, facts: &Facts) -> bool {
        let same = |fact: &str| fact.trim().eq_ignore_ascii_case(value);
        let uid = |fact: &str| match value.strip_suffix('*') {
            Some(start) => fact.starts_with(start),
            None => fact == value,
        };
        match self {
            Self::SopClass => uid(&facts.sop_class),
            Self::TransferSyntax => uid(&facts.transfer_syntax),
            Self::Modality => same(&facts.modality),
            Self::BurnedInAnnotation => same(&facts.burned_in_annotation),
            Self::RecognizableVisualFeatures => same(&facts.recognizable_visual_features),
            Self::ImageType => facts.image_type.iter().any(|one| same(one)),
            Self::ConversionType => same(&facts.conversion_type),
            Self::SeriesDescription => has_words(&facts.series_description, value),
            Self::PhotometricInterpretation => same(&facts.photometric_interpretation),
        }
    }
}

/// True when these words stand in the text one behind the other, whatever stands between words.
#[must_use]
pub fn has_words(text: &str, words: &str) -> bool {
    let mut rest = words_of(text);
    if words_of(words).next().is_none() {
        return rest.next().is_none();
    }
    loop {
        let mut from = rest.clone();
        if words_of(words).all(|word| from.next().is_some_and(|there| is_word(there, word))) {
            return true;
        }
        if rest.next().is_none() {
            return false;
        }
    }
}

/// True when one of these stands in the text as a word; each is one word in lower case.
#[must_use]
pub fn has_any_word(text: &str, words: &[&str]) -> bool {
    words_of(text).any(|there| words.contains(&there.to_lowercase().as_str()))
}

fn words_of(text: &str) -> impl Iterator<Item = &str> + Clone {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// One word but for case.
fn is_word(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        a.eq_ignore_ascii_case(b)
    } else {
        a.to_lowercase() == b.to_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_of_several_words_is_found_as_a_word() {
        let words = ["head", "schädel"];
        for (text, expected) in [
            ("MR Head/Neck", true),
            ("SCHÄDEL", true),
            ("t1_overhead", false),
            ("", false),
        ] {
            assert_eq!(has_any_word(text, &words), expected, "{text}");
        }
    }

    #[test]
    fn words_are_found_whole_and_in_any_spelling() {
        for (text, words, expected) in [
            ("SCREEN_SAVE 3", "screen save", true),
            ("Patient-Protocol", "patient protocol", true),
            ("Screensaver", "screen save", false),
            ("T1 overhead", "head", false),
            ("", "head", false),
            ("screen SCREEN save", "screen save", true),
            ("screen", "screen save", false),
            ("KÖRPERSCAN, Größe", "körperscan größe", true),
            ("head", " ", false),
        ] {
            assert_eq!(has_words(text, words), expected, "{text}");
        }
    }

    #[test]
    fn a_condition_that_asks_nothing_holds_of_nothing() {
        assert!(!Condition::default().holds(&Facts::default()));
        assert!(!Hold::unmapped().catches(&Facts::default()));
    }

    #[test]
    fn all_that_is_asked_has_to_hold() {
        let condition = Condition {
            one_of: vec![(Fact::SopClass, vec!["1.2.3.*".to_owned()])],
            lacks: vec![Tag(0x0018, 0x0060)],
            picture: Some(true),
            document: None,
            unread_pixels: None,
        };
        let facts = Facts {
            sop_class: "1.2.3.4".to_owned(),
            picture: true,
            ..Facts::default()
        };
        assert!(condition.holds(&facts));
        let none = [
            Facts {
                sop_class: "1.2.4".to_owned(),
                ..facts.clone()
            },
            Facts {
                picture: false,
                ..facts.clone()
            },
            Facts {
                present: [Tag(0x0018, 0x0060)].into(),
                ..facts
            },
        ];
        assert!(none.iter().all(|facts| !condition.holds(facts)));
    }
}
