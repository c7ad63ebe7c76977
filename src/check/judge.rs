//! What was gathered against the rules: findings with their places.
//!
//! Owns: judging values and texts. The cleaning's own code (`identity`) says what a name in a text is, so that what it leaves
//! is not found and what it cuts is.

use std::collections::{BTreeMap, BTreeSet};

use super::claims::{Asked, Claims};
use super::gather::{Gathered, Present, Text, What};
use super::memory::Memory;
use super::nobody::{is_code_of_letters, is_nobody};
use super::rules::{self, Rule};
use super::{Finding, Place, documents};
use crate::dicom::ElementPath;
use crate::identity::known::{Kind, KnownIdentifiers, KnownIdentifiersBuilder};
use crate::identity::text::{DatesInText, Depth, How};
use crate::plan::tags;
use crate::standard::e1_1::ProfileOption;

/// Findings of one file, one for each rule and attribute, with how often it was found.
#[derive(Default)]
pub struct Findings(BTreeMap<(usize, Place), u32>);

impl Findings {
    /// Adds one.
    pub fn add(&mut self, rule: &'static Rule, place: Place) {
        self.add_times(rule, place, 1);
    }

    fn add_times(&mut self, rule: &'static Rule, place: Place, times: u32) {
        let at = rules::ALL
            .iter()
            .position(|one| one.code == rule.code)
            .unwrap_or(usize::MAX);
        // the same attribute in another item is the same finding once more
        let same = self
            .0
            .iter_mut()
            .find(|((other, there), _)| *other == at && there.is_of_same_attribute(&place));
        match same {
            Some((_, count)) => *count = count.saturating_add(times),
            None => {
                self.0.insert((at, place), times);
            }
        }
    }

    /// All of them, the surest rule first.
    #[must_use]
    pub fn finish(self) -> Vec<Finding> {
        let found = self.0.into_iter().filter_map(|((rule, place), count)| {
            let rule = rules::ALL.get(rule).copied()?;
            Some(Finding { rule, place, count })
        });
        found.collect()
    }
}

/// Judges what a file has, and its name below what was looked through.
pub fn judge(gathered: &Gathered, name: &[String], meta: &[&str], memory: &mut Memory) -> Findings {
    let mut findings = Findings::default();
    let people = People::of(gathered);
    let of_index = Claims::of_disc_index();
    let claims = if gathered.is_disc_index && !people.is_anybody {
        &of_index
    } else {
        &gathered.claims
    };
    for (at, present) in gathered.present.iter().enumerate() {
        if !people.nobody.contains(&at) && is_found(present, claims) {
            findings.add(present.rule, Place::Element(present.path.clone()));
        }
    }
    let look = Look {
        gathered,
        known: &people.known,
        claims,
    };
    for text in &gathered.texts {
        look.text(text, memory, &mut findings);
    }
    if !claims.has(ProfileOption::RetainSafePrivate) {
        for block in &gathered.private {
            findings.add_times(
                &rules::PRIVATE,
                Place::Element(block.path.clone()),
                block.count,
            );
        }
    }
    if gathered.comments.has_words() {
        let known = look.is_known(gathered.comments.words(), "", memory);
        let rule = if known {
            &rules::KNOWN_VALUE
        } else {
            &rules::PIXEL_COMMENT
        };
        findings.add(rule, Place::Pixels);
    }
    for part in name {
        let text = part.replace('_', " ");
        if look.is_known(part.as_bytes(), &text, memory) {
            findings.add(&rules::KNOWN_PATH, Place::Name);
            break;
        }
    }
    for value in meta {
        if look.is_known(value.as_bytes(), value, memory) {
            findings.add(&rules::KNOWN_VALUE, Place::FileMeta);
        }
    }
    findings
}

/// Who is named in a file.
struct People {
    known: KnownIdentifiers,
    /// Values that stand for nobody, by their place in [`Gathered::present`].
    nobody: BTreeSet<usize>,
    /// A patient is named.
    is_anybody: bool,
}

impl People {
    fn of(gathered: &Gathered) -> Self {
        let mut nobody = BTreeSet::new();
        let mut known = KnownIdentifiersBuilder::default();
        let mut is_anybody = false;
        for (at, present) in gathered.present.iter().enumerate() {
            let text = gathered.text(&present.value);
            // one code in four hundred has letters alone
            let is_of_code = || {
                let same = |other: &&Present| gathered.text(&other.value) == text;
                says_cleaned(gathered) || gathered.present.iter().filter(same).count() > 1
            };
            let stands_for_nobody = is_nobody(present.kind, text)
                || is_code_of_letters(text) && is_of_code()
                || is_pseudonym(gathered, present);
            if present.kind != Kind::Uid && stands_for_nobody {
                nobody.insert(at);
                continue;
            }
            let is_of_patient = matches!(
                present.rule.code,
                "patient-name" | "patient-id" | "birth-date"
            );
            is_anybody |= is_of_patient;
            // days and UIDs stand in too many places to say whose a text is
            let tells = !matches!(present.kind, Kind::Date | Kind::Uid)
                && gathered.claims.asked(present.path.tag) != Asked::MayStay;
            if tells {
                known.add(present.kind, text.as_bytes(), text);
            }
        }
        Self {
            known: known.build(),
            nobody,
            is_anybody,
        }
    }
}

/// A pseudonym of a list: a file that was cleaned has the same one as Patient's Name and as Patient ID. The index of a disc
/// says nothing of its own cleaning, and its files are looked at themselves.
fn is_pseudonym(gathered: &Gathered, present: &Present) -> bool {
    let pair = [tags::PATIENT_NAME, tags::PATIENT_ID];
    let text = gathered.text(&present.value);
    let is_other = |other: &Present| {
        other.path.tag != present.path.tag
            && pair.contains(&other.path.tag)
            && gathered.text(&other.value) == text
    };
    says_cleaned(gathered)
        && pair.contains(&present.path.tag)
        && gathered.present.iter().any(is_other)
}

/// The file says that it was cleaned by the profile, or is the index of a disc, which has no place to say so.
fn says_cleaned(gathered: &Gathered) -> bool {
    gathered.is_disc_index || gathered.claims.has_profile()
}

/// Whether a value that stands for somebody may be there.
fn is_found(present: &Present, claims: &Claims) -> bool {
    match present.kind {
        Kind::Date => !claims.dates_may_stay(),
        Kind::Uid => {
            !claims.has(ProfileOption::RetainUids)
                && claims.asked(present.path.tag) != Asked::MayStay
        }
        Kind::Name
        | Kind::Id
        | Kind::Accession
        | Kind::Phone
        | Kind::Address
        | Kind::BirthDate
        | Kind::Organisation
        | Kind::Physician
        | Kind::Station
        | Kind::Other => claims.asked(present.path.tag) == Asked::Gone || !is_listed(&present.path),
    }
}

fn is_listed(path: &ElementPath) -> bool {
    crate::standard::e1_1::row(path.tag).is_some()
}

/// With what texts are looked through.
struct Look<'g> {
    gathered: &'g Gathered,
    known: &'g KnownIdentifiers,
    claims: &'g Claims,
}

impl Look<'_> {
    /// Names and numbers of the file stand there, as bytes or as text.
    fn is_known(&self, bytes: &[u8], text: &str, memory: &mut Memory) -> bool {
        memory.is_known(self.known, bytes, text)
    }

    fn text(&self, found: &Text, memory: &mut Memory, findings: &mut Findings) {
        let bytes = self.gathered.bytes(&found.bytes);
        let text = self.gathered.text(&found.decoded);
        let place = || Place::Element(found.path.clone());
        if self.is_known(bytes, text, memory) {
            findings.add(&rules::KNOWN_VALUE, place());
            return;
        }
        if found.what == What::Document {
            if documents::says_whose_it_is(bytes) {
                findings.add(&rules::DOCUMENT, place());
            }
            return;
        }
        let asked = self.claims.asked(found.path.tag);
        if found.what == What::Description && asked == Asked::Gone && !is_nobody(Kind::Other, text)
        {
            findings.add(&rules::DESCRIPTION, place());
            return;
        }
        if asked != Asked::MayStay
            && !text.is_empty()
            && memory.has_shape(text, &self.how(found.what))
        {
            findings.add(&rules::TEXT, place());
        }
    }

    /// As far as the cleaning goes.
    fn how(&self, what: What) -> How {
        How {
            depth: match what {
                What::Description | What::Long => Depth::Full,
                What::Label | What::Private | What::Document => Depth::Known,
            },
            dates: if self.claims.dates_may_stay() {
                DatesInText::Shift(0)
            } else {
                DatesInText::Cut
            },
            keeps_uids: self.claims.has(ProfileOption::RetainUids),
        }
    }
}
