//! A profile as it is written: the shape of the TOML, with the place of every value. Nothing is judged here.

use serde::Deserialize;
use toml::Spanned;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Written {
    /// Name; that of the file where it is missing.
    pub name: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// The profile that this one goes on from.
    pub extends: Option<Spanned<String>>,
    /// Options by name.
    #[serde(default)]
    pub options: Vec<Spanned<String>>,
    /// `required` or `optional`.
    pub key: Option<Spanned<String>>,
    /// `stop`, `derive` or `hold`: patients who are not in the map.
    pub unmapped: Option<Spanned<String>>,
    /// Rules of the parent that do not hold files back here, by code.
    #[serde(default)]
    pub no_hold: Vec<Spanned<String>>,
    /// What is held back.
    #[serde(default)]
    pub hold: Vec<Spanned<Hold>>,
    /// Keeps every byte; built-in profiles only.
    #[serde(default)]
    pub keep_everything: bool,
    /// What Table E.1-1 does not list.
    #[serde(default)]
    pub unlisted: Unlisted,
    /// Private data elements.
    #[serde(default)]
    pub private: Private,
    /// Rules.
    #[serde(default)]
    pub rule: Vec<Spanned<Rule>>,
}

/// `[unlisted]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unlisted {
    /// `keep`, `clean` or `remove`.
    pub text: Option<Spanned<String>>,
}

/// `[private]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Private {
    /// What stays.
    #[serde(default)]
    pub keep: Vec<Spanned<PrivateKeep>>,
}

/// Elements of one creator.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrivateKeep {
    /// Private creator.
    pub creator: Spanned<String>,
    /// Group in hexadecimal; any where it is missing.
    pub group: Option<Spanned<String>>,
    /// Low bytes in hexadecimal.
    pub elements: Vec<Spanned<String>>,
}

/// `[[rule]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Keyword or tag.
    pub tag: Option<Spanned<String>>,
    /// Group pattern.
    pub group: Option<Spanned<String>>,
    /// VR.
    pub vr: Option<Spanned<String>>,
    /// Path of sequences and an attribute.
    pub path: Option<Spanned<String>>,
    /// Private creator.
    pub creator: Option<Spanned<String>>,
    /// Low byte of a private element, with `creator`.
    pub element: Option<Spanned<String>>,
    /// Action.
    pub action: Spanned<String>,
    /// `patient`, with `hash`.
    pub of: Option<Spanned<String>>,
    /// The text of `replace`.
    pub with: Option<Spanned<String>>,
    /// For people.
    pub why: Option<String>,
}

/// `[[hold]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// A stable word for reports.
    pub code: Option<Spanned<String>>,
    /// One of what it holds back.
    pub label: Option<String>,
    /// Several of them.
    pub plural: Option<String>,
    /// Why.
    pub reason: Spanned<String>,
    /// What it holds back.
    pub when: Spanned<Condition>,
    /// What it leaves all the same.
    pub unless: Option<Spanned<Condition>>,
    /// Instances that it must hold back.
    #[serde(default)]
    pub catches: Vec<Spanned<Example>>,
    /// Instances that it must leave.
    #[serde(default)]
    pub leaves: Vec<Spanned<Example>>,
}

/// Facts by name, with the values of which one has to be there.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Condition {
    /// UIDs.
    #[serde(default)]
    pub sop_class: Vec<Spanned<String>>,
    /// Values.
    #[serde(default)]
    pub modality: Vec<Spanned<String>>,
    /// Values.
    #[serde(default)]
    pub burned_in_annotation: Vec<Spanned<String>>,
    /// Values.
    #[serde(default)]
    pub recognizable_visual_features: Vec<Spanned<String>>,
    /// Values.
    #[serde(default)]
    pub image_type: Vec<Spanned<String>>,
    /// Values.
    #[serde(default)]
    pub conversion_type: Vec<Spanned<String>>,
    /// Words.
    #[serde(default)]
    pub series_description: Vec<Spanned<String>>,
    /// Values.
    #[serde(default)]
    pub photometric_interpretation: Vec<Spanned<String>>,
    /// UIDs.
    #[serde(default)]
    pub transfer_syntax: Vec<Spanned<String>>,
    /// Keywords of attributes that have no value.
    #[serde(default)]
    pub lacks: Vec<Spanned<String>>,
    /// Rows and columns.
    pub picture: Option<bool>,
    /// An encapsulated document.
    pub document: Option<bool>,
    /// Compressed pixel data that could not be looked through.
    pub unread_pixels: Option<bool>,
}

/// The facts of an instance that a rule is tried on.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Example {
    /// UID.
    pub sop_class: String,
    /// Value.
    pub modality: String,
    /// Value.
    pub burned_in_annotation: String,
    /// Value.
    pub recognizable_visual_features: String,
    /// Values, with backslashes between them.
    pub image_type: String,
    /// Value.
    pub conversion_type: String,
    /// Value.
    pub series_description: String,
    /// Value.
    pub photometric_interpretation: String,
    /// UID.
    pub transfer_syntax: String,
    /// Keywords of attributes that have a value.
    pub has: Vec<Spanned<String>>,
    /// Rows and columns.
    pub picture: bool,
    /// An encapsulated document.
    pub document: bool,
    /// Compressed pixel data that could not be looked through.
    pub unread_pixels: bool,
}
