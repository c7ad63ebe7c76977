//! What a profile says of itself, and the text that a new one starts from.

use super::written::Written;

/// What the author wrote about the whole profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// What it is for.
    pub description: Option<String>,
    /// What it goes on from.
    pub extends: Option<String>,
}

/// Reads what a profile says of itself; nothing where the text is no profile.
#[must_use]
pub fn about(text: &str) -> About {
    match toml::from_str::<Written>(text) {
        Ok(written) => About {
            description: written.description,
            extends: written.extends.map(toml::Spanned::into_inner),
        },
        Err(_) => About::default(),
    }
}

/// The text of a new profile that goes on from `extends`: comments, a rule and a reason to look that work as they stand. `None`
/// where the name of the parent has characters that no profile can hold.
#[must_use]
pub fn starting_text(extends: &str) -> Option<String> {
    if extends.chars().any(char::is_control) {
        return None;
    }
    let quoted = extends.replace('\\', "\\\\").replace('"', "\\\"");
    Some(START.replace("{extends}", &quoted))
}

const START: &str = r#"# A profile of dcmscrub: what becomes of each attribute, and which files a person has to look at first.
#
#   dcmscrub profile check THIS-FILE           is anything wrong with it
#   dcmscrub plan FILE -p THIS-FILE            what becomes of each element of a file
#   dcmscrub explain StationName -p THIS-FILE  what becomes of one attribute, and why
#
# Lines that begin with # do nothing.

description = "what it is for, in one line"

# Everything of this profile, and then what stands below.
extends = "{extends}"

# Options of PS3.15 that let more stay. They add to those of the parent; dcmscrub explain clean-descriptors says what one does.
options = [
    # "clean-descriptors",
    # "retain-patient-characteristics",
    # "retain-longitudinal-modified-dates",
    # "retain-device-identity",
]

# "required": refuse to run without --key-file, so that the same patient gets the same code in every month.
# key = "required"

# A rule about one attribute: remove, empty, dummy, keep, hash, uid, shift-date, clean, or replace (with = "text").
[[rule]]
tag    = "StationName"
action = "hash"
why    = "rooms are told apart, and not named"

# [[rule]]
# tag    = "InstitutionName"
# action = "replace"
# with   = "Teaching collection"
# why    = "where the collection is kept, and not where the pictures were taken"

# A reason to look: such a file is cleaned and held back until a person has looked at it. Whenever the profile is read, the
# rule is tried on the made-up files of catches, which it must hold back, and of leaves, which it must not.
[[hold]]
code    = "patient-card"
label   = "picture of a patient card"
plural  = "pictures of patient cards"
reason  = "somebody took a picture of the card with the name on it"
when    = { picture = true, series-description = ["patient card", "id card"] }
catches = [{ picture = true, series-description = "Patient_Card" }]
leaves  = [{ picture = true, series-description = "HEAD" }, { series-description = "Patient Card" }]
"#;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::hold::Facts;
    use crate::profile::{Overrides, builtin_names, builtin_text, load_text};

    #[test]
    fn a_new_profile_works_as_it_stands_whatever_it_goes_on_from() {
        for parent in builtin_names() {
            let text = starting_text(parent).unwrap();
            let rules = load_text("new.toml", &text, &Overrides::default()).unwrap();
            assert!(rules.claims_basic(), "{parent}");
            assert!(
                rules
                    .rules()
                    .iter()
                    .any(|rule| rule.origin.starts_with("new.toml:"))
            );
            let card = Facts {
                picture: true,
                series_description: "patient card".to_owned(),
                ..Facts::default()
            };
            let held = rules.held_by(&card);
            assert!(
                held.iter()
                    .any(|at| &*rules.holds()[*at].code == "patient-card")
            );
            assert_eq!(about(&text).extends.as_deref(), Some(parent));
        }
        assert_eq!(starting_text("a\nb"), None);
        let odd = about(&starting_text("a\"b\\c.toml").unwrap());
        assert_eq!(odd.extends.as_deref(), Some("a\"b\\c.toml"));
    }

    #[test]
    fn every_built_in_profile_says_what_it_is_for() {
        for name in builtin_names() {
            let said = about(builtin_text(name).unwrap());
            assert!(
                said.description.is_some_and(|text| text.len() > 20),
                "{name}"
            );
        }
        assert_eq!(about("a letter to Jane"), About::default());
    }
}
