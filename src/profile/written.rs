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
    #[expect(dead_code, reason = "shown by commands that list profiles")]
    pub description: Option<String>,
    /// The profile that this one goes on from.
    pub extends: Option<Spanned<String>>,
    /// Options by name.
    #[serde(default)]
    pub options: Vec<Spanned<String>>,
    /// `required` or `optional`.
    pub key: Option<Spanned<String>>,
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
