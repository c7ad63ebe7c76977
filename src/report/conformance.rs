//! The conformance statement that PS3.15 E.1.3 asks of a de-identifier, made from a profile: for an auditor.

use std::fmt::Write;

use crate::dicom::Vr;
use crate::profile::{Dates, Place, RuleAction, Ruleset, Selector, UnlistedText};
use crate::standard::EDITION;
use crate::standard::attributes::keyword_of;
use crate::standard::cid7050;
use crate::standard::e1_1::{self, ActionCode, ProfileOption};

/// What a rule's action is called here.
#[must_use]
pub fn action_name(action: &RuleAction) -> &'static str {
    match action {
        RuleAction::Remove => "remove",
        RuleAction::Empty => "empty",
        RuleAction::Dummy => "dummy",
        RuleAction::Keep => "keep",
        RuleAction::Hash { of_patient: true } => "hash, of the patient",
        RuleAction::Hash { of_patient: false } => "hash",
        RuleAction::Uid => "uid",
        RuleAction::ShiftDate => "shift-date",
        RuleAction::Clean => "clean",
        RuleAction::Replace(_) => "replace",
    }
}

/// What a selector selects, as one writes it.
#[must_use]
pub fn selector_text(selector: &Selector) -> String {
    let named = |tag: &crate::dicom::Tag| match keyword_of(*tag) {
        Some(keyword) => format!("{tag} {keyword}"),
        None => tag.to_string(),
    };
    match selector {
        Selector::Tag(tag) => named(tag),
        Selector::Pattern { tag, mask } => {
            let digit = |at: u32| {
                let shift = 28u32.saturating_sub(at.saturating_mul(4));
                match (mask >> shift & 15, tag >> shift & 15) {
                    (0, _) => 'x',
                    (_, value) => char::from_digit(value, 16).unwrap_or('x'),
                }
            };
            let digits: String = (0..8).map(digit).collect();
            let (group, element) = digits.split_at_checked(4).unwrap_or((&digits, ""));
            format!("tags ({group},{element})")
        }
        Selector::Vr(vr) => format!("all of VR {vr}"),
        Selector::Path {
            path,
            tag,
            anywhere,
        } => {
            let mut parts: Vec<String> = path.iter().map(named).collect();
            parts.push(named(tag));
            format!(
                "{}{}",
                if *anywhere { "anywhere: " } else { "" },
                parts.join(" > ")
            )
        }
        Selector::Creator { creator, low } => low.map_or_else(
            || format!("private data elements of \"{creator}\""),
            |low| format!("private data element xx{low:02X} of \"{creator}\""),
        ),
    }
}

/// The statement, as Markdown.
#[must_use]
pub fn statement(rules: &Ruleset) -> String {
    let mut out = String::new();
    // writing to a string cannot fail
    if write_statement(&mut out, rules).is_err() {
        out.clear();
    }
    out
}

fn write_statement(out: &mut String, rules: &Ruleset) -> std::fmt::Result {
    writeln!(out, "# Conformance statement: profile {}\n", rules.name())?;
    writeln!(
        out,
        "De-identifier: dcmscrub {}. Basis: DICOM PS3.15 {EDITION}, Annex E, Table E.1-1 with {} rows. This statement follows E.1.3.\n",
        env!("CARGO_PKG_VERSION"),
        e1_1::rows().count()
    )?;
    writeln!(out, "## Profile and options claimed\n")?;
    let codes = rules.method_codes();
    if codes.is_empty() {
        writeln!(
            out,
            "None: the profile keeps something that the Basic Profile does not. It describes itself in (0012,0063).\n"
        )?;
    }
    for code in codes {
        writeln!(out, "- {} {} ({})", code.value, code.meaning, code.scheme)?;
    }
    manner(out, rules)?;
    attributes(out, rules)?;
    unlisted_and_replacements(out, rules)?;
    restrictions(out, rules)
}

/// How an option does what it does.
#[must_use]
pub fn how(option: ProfileOption) -> &'static str {
    match option {
        ProfileOption::RetainSafePrivate => {
            "private data elements stay that Table E.3.10-1 lists, that the instance declares in (0008,0300), or that the profile lists; a text or bytes that hold anything that is known of the person go, dates and UIDs act as standard ones do"
        }
        ProfileOption::RetainUids => "UIDs stay",
        ProfileOption::RetainDeviceIdentity => {
            "attributes with K stay; titles of application entities are cleaned of what is known of people and places"
        }
        ProfileOption::RetainInstitutionIdentity => "attributes with K stay",
        ProfileOption::RetainPatientCharacteristics => {
            "attributes with K stay, an age over 89 years becomes 090Y; texts are cleaned as descriptors are"
        }
        ProfileOption::RetainLongitudinalFullDates => {
            "dates and times stay; the birth date does not"
        }
        ProfileOption::RetainLongitudinalModifiedDates => {
            "days of DA and DT move by one number of days for a patient, between -3650 and -1, made from the key and (Issuer of Patient ID, Patient ID), or the study where there is no Patient ID; times stay; what cannot be read as a date goes; the time zone goes; dates in text move where they can be read in one way, else go; the birth date does not stay"
        }
        ProfileOption::CleanDescriptors => {
            "out of text are cut: names, numbers, addresses, places, dates and UIDs that are known from the instance itself, in any case, order, grouping and spelling without diacritics; telephone numbers, e-mail and other addresses, record numbers behind a cue, names behind a title or a cue, houses of medicine, dates. Words of medicine and of the language stay, unless their place in the text makes them a name. A text that would be mostly cut is emptied"
        }
        ProfileOption::CleanStructuredContent => {
            "content items act by Table E.3.4-1, SNOMED-RT style codes included; an item goes with its children, or gets a dummy value where no sibling stays or where items are referred to by position"
        }
        ProfileOption::CleanGraphics => {
            "texts of annotations, overlays and curves are cleaned; bitmaps of overlays go unless a rule keeps them; curves whose data hold letters go"
        }
    }
}

/// How the options in force do what they do (E.3.3 to E.3.11 ask for it).
fn manner(out: &mut String, rules: &Ruleset) -> std::fmt::Result {
    if !rules.options().is_empty() {
        writeln!(out, "\n## Manner of the options\n")?;
    }
    for option in rules.options() {
        let manner = how(*option);
        writeln!(out, "- {}: {manner}.", option.name())?;
    }
    Ok(())
}

/// What becomes of the attributes of the table.
fn attributes(out: &mut String, rules: &Ruleset) -> std::fmt::Result {
    writeln!(out, "\n## Attributes by action\n")?;
    writeln!(
        out,
        "A compound letter is resolved by the attribute's Type in the IOD of the instance, at its path: what the IOD lets go is removed, what it wants present is emptied, what must have a value gets a dummy value. Sequences that stay are gone through at every depth.\n"
    )?;
    for (title, wanted) in [
        (
            "Removed, or emptied or given a dummy value where the IOD demands it",
            &[
                ActionCode::X,
                ActionCode::XZ,
                ActionCode::XD,
                ActionCode::XZD,
                ActionCode::XZU,
            ][..],
        ),
        (
            "Emptied, or given a dummy value where the IOD demands it",
            &[ActionCode::Z, ActionCode::ZD][..],
        ),
        ("Given a dummy value", &[ActionCode::D][..]),
        ("UIDs replaced", &[ActionCode::U][..]),
        ("Cleaned", &[ActionCode::C][..]),
        ("Kept", &[ActionCode::K][..]),
    ] {
        let rows: Vec<String> = e1_1::single_rows()
            .iter()
            .filter(|row| {
                let place = Place {
                    path: &[],
                    tag: row.tag,
                    vr: row.vr,
                    creator: None,
                };
                rules.rule_for(&place).is_none()
                    && rules
                        .code_for(row.tag)
                        .is_some_and(|code| wanted.contains(&code))
            })
            .map(|row| format!("{} {}", row.tag, row.keyword))
            .collect();
        if !rows.is_empty() {
            writeln!(out, "### {title}: {} attributes\n", rows.len())?;
            writeln!(out, "{}.\n", rows.join("; "))?;
        }
    }
    writeln!(out, "### By a rule of the profile\n")?;
    for rule in rules.rules() {
        let why = rule
            .why
            .as_deref()
            .map_or_else(String::new, |why| format!(": {why}"));
        writeln!(
            out,
            "- {}: {}{why}",
            selector_text(&rule.selector),
            action_name(&rule.action)
        )?;
    }
    writeln!(
        out,
        "\nCurves (50xx,eeee), overlay data and comments (60xx,3000), (60xx,4000) with their planes, and private data elements are removed unless an option above keeps them.\n"
    )?;
    Ok(())
}

/// What the table does not list, how replacements are made, what is inserted.
fn unlisted_and_replacements(out: &mut String, rules: &Ruleset) -> std::fmt::Result {
    writeln!(out, "## What Table E.1-1 does not list\n")?;
    let text = match rules.unlisted().text {
        UnlistedText::Keep => "kept",
        UnlistedText::Clean => "searched for the person's own identifiers, which are cut out",
        UnlistedText::Remove => "removed",
    };
    writeln!(
        out,
        "- Free text (LO, LT, SH, ST, UC, UR, UT): {text}; removed where no composite IOD has the attribute."
    )?;
    writeln!(
        out,
        "- UIDs: {}.",
        if rules.has(ProfileOption::RetainUids) {
            "kept"
        } else {
            "replaced, unless PS3.6 registers the value or the attribute names a class"
        }
    )?;
    writeln!(
        out,
        "- Dates and times: {}. Ages and person names: removed. Unknown attributes: removed.\n",
        match rules.dates() {
            Dates::Removed => "removed",
            Dates::Full => "kept",
            Dates::Modified => "days move, times stay",
        }
    )?;
    writeln!(out, "## How replacements are made\n")?;
    writeln!(
        out,
        "- Dummy values are fixed, the same for everybody, and valid for the VR: text `REMOVED`, dates `19000101`, numbers `0`."
    )?;
    writeln!(
        out,
        "- Pseudonyms: 16 characters of base 32, from HMAC-SHA-256 under a key of 256 bits and a project name; UIDs: `2.25.` and a UUID of version 8 from the same. No hash is made without a key. {}",
        if rules.key_required() {
            "A key file is demanded."
        } else {
            "Without a key file a random key is made for the run and forgotten."
        }
    )?;
    writeln!(
        out,
        "- Referential integrity: one UID and one patient give one replacement in all files, at all depths, in all runs with the same key and project; without a key file within one run."
    )?;
    writeln!(out, "- Dates: {}\n", dates(rules))?;
    writeln!(out, "## Attributes inserted\n")?;
    writeln!(
        out,
        "(0012,0062) PatientIdentityRemoved YES (NO while a person has still to look at the file); (0012,0063) DeidentificationMethod, appended; (0012,0064) DeidentificationMethodCodeSequence, items appended; (0028,0303) LongitudinalTemporalInformationModified. File Meta Information and preamble are written anew. Encrypted attributes: none are made; those of the input are removed, so that no transfer syntax for them applies.\n"
    )?;
    Ok(())
}

/// What is not done, and what is held back for it.
fn restrictions(out: &mut String, rules: &Ruleset) -> std::fmt::Result {
    writeln!(out, "## Held back for a person\n")?;
    for hold in rules.holds() {
        writeln!(out, "- `{}`: {}", hold.code, hold.reason)?;
    }
    writeln!(out, "\n## Restrictions\n")?;
    writeln!(
        out,
        "Pixel data are not changed: text burned into a picture and recognizable features are not cleaned (113101 and 113102 are never claimed); what is likely to have them is held back as above. Encapsulated documents are replaced by a minimal document of their kind."
    )?;
    for code in ["113101", "113102"] {
        if let Some(code) = cid7050::code(code) {
            writeln!(out, "- {} {}: not performed", code.value, code.meaning)?;
        }
    }
    Ok(())
}

fn dates(rules: &Ruleset) -> &'static str {
    let place = Place {
        path: &[],
        tag: crate::dicom::Tag(0x0008, 0x0020),
        vr: Vr::DA,
        creator: None,
    };
    let by_rule = rules
        .rule_for(&place)
        .is_some_and(|rule| rule.action == RuleAction::ShiftDate);
    if by_rule || rules.dates() == Dates::Modified {
        "moved by one whole number of days per patient (-3650 to -1) from the key; times stay."
    } else if rules.has(ProfileOption::RetainLongitudinalFullDates) {
        "kept (but for the birth date)."
    } else {
        "removed, emptied or given a dummy value by the table."
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Overrides, load};

    #[test]
    fn a_statement_says_what_the_profile_does() {
        let with = |options: &[&str], rules: &[(&'static str, &str)]| {
            let overrides = Overrides {
                options: options.iter().map(|o| (*o).to_owned()).collect(),
                rules: rules
                    .iter()
                    .map(|(flag, tag)| (*flag, (*tag).to_owned(), String::new()))
                    .collect(),
                unmapped: None,
            };
            statement(&load("basic", &overrides).unwrap())
        };
        let basic = with(&[], &[]);
        assert!(basic.contains("113100 Basic Application Confidentiality Profile"));
        assert!(basic.contains("(0010,0020) PatientID: hash, of the patient"));
        assert!(basic.contains("(0010,0030) PatientBirthDate"));
        assert!(basic.contains("`ultrasound`"));
        let device = with(&["retain-device-identity"], &[]);
        assert!(device.contains("113109") && device.contains("### Kept: "));
        let text = with(
            &["clean-descriptors", "retain-longitudinal-modified-dates"],
            &[],
        );
        assert!(text.contains("- clean-descriptors: out of text are cut"));
        assert!(text.contains("moved by one whole number of days per patient"));
        let weaker = with(&[], &[("keep", "StudyDescription")]);
        assert!(weaker.contains("None: the profile keeps"));
        assert!(!weaker.contains("- 113100"));
    }

    #[test]
    fn every_row_of_the_table_is_in_the_statement() {
        let statement = statement(&load("basic", &Overrides::default()).unwrap());
        let missing = e1_1::single_rows()
            .iter()
            .filter(|row| !statement.contains(row.keyword));
        assert_eq!(missing.count(), 0);
    }
}
