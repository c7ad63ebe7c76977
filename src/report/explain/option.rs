//! What an option of PS3.15 does: its section, its code, and the attributes that Table E.1-1 treats otherwise under it.

use std::fmt::Write;

use serde::Serialize;

use crate::report::conformance::how;
use crate::standard::e1_1::{ActionCode, ProfileOption, rows};

/// What is told of one option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename = "option")]
pub struct OptionTold {
    /// Its name in profiles.
    pub name: &'static str,
    /// Its section of PS3.15.
    pub section: &'static str,
    /// Its code in CID 7050.
    pub code: &'static str,
    /// What that code means.
    pub meaning: &'static str,
    /// What it does here.
    pub how: &'static str,
    /// The profile that was asked about has it in force.
    pub in_force: bool,
    /// Attributes that it treats otherwise than the Basic Profile.
    pub attributes: Vec<Treated>,
}

/// One of these attributes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Treated {
    /// Tag; of a repeating group its first.
    pub tag: String,
    /// Keyword.
    pub keyword: &'static str,
    /// Code of the Basic Profile.
    pub basic: String,
    /// Code under the option.
    pub code: String,
}

/// Tells of an option.
#[must_use]
pub fn option(option: ProfileOption, in_force: bool) -> OptionTold {
    let treated = rows().filter_map(|row| {
        let code = row.option(option).filter(|code| *code != row.basic)?;
        Some(Treated {
            tag: row.tag.to_string(),
            keyword: row.keyword,
            basic: row.basic.to_string(),
            code: code.to_string(),
        })
    });
    OptionTold {
        name: option.name(),
        section: option.section(),
        code: option.code().map_or("", |code| code.value),
        meaning: option.code().map_or("", |code| code.meaning),
        how: how(option),
        in_force,
        attributes: treated.collect(),
    }
}

impl OptionTold {
    /// For people.
    #[must_use]
    pub fn to_text(&self, profile: &str) -> String {
        let count = |code: ActionCode| {
            let code = code.to_string();
            self.attributes
                .iter()
                .filter(|one| one.code == code)
                .count()
        };
        let mut parts = Vec::new();
        for (code, words) in [(ActionCode::K, "kept"), (ActionCode::C, "cleaned")] {
            match count(code) {
                0 => {}
                n => parts.push(format!("{n} {words}")),
            }
        }
        let force = if self.in_force {
            "in force in"
        } else {
            "not in force in"
        };
        let mut out = format!("{}  an option of PS3.15\n", self.name);
        for (name, text) in [
            ("section", self.section.to_owned()),
            ("code", format!("{} {} (CID 7050)", self.code, self.meaning)),
            ("does", self.how.to_owned()),
            (
                "changes",
                format!(
                    "{} attributes of Table E.1-1: {}; --format json names them",
                    self.attributes.len(),
                    parts.join(", ")
                ),
            ),
            ("profile", format!("{force} {profile}")),
        ] {
            // writing to a string cannot fail
            if writeln!(out, "  {name:<12}{text}").is_err() {
                break;
            }
        }
        out.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_says_what_it_changes() {
        for one in ProfileOption::ALL {
            let told = option(one, true);
            assert!(
                !told.attributes.is_empty() && !told.code.is_empty(),
                "{one:?}"
            );
            assert!(
                told.attributes
                    .iter()
                    .all(|a| matches!(a.code.as_str(), "K" | "C"))
            );
        }
        assert_eq!(
            option(ProfileOption::RetainInstitutionIdentity, false).to_text("basic"),
            format!(
                "retain-institution-identity  an option of PS3.15
  section     E.3.11
  code        113112 Retain Institution Identity Option (CID 7050)
  does        attributes with K stay
  changes     {n} attributes of Table E.1-1: {n} kept; --format json names them
  profile     not in force in basic",
                n = rows()
                    .filter(|row| row
                        .option(ProfileOption::RetainInstitutionIdentity)
                        .is_some())
                    .count()
            )
        );
    }
}
