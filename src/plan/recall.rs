//! What a worker recalls of the data elements that it met before: the next file of a series has nearly all of them again, with
//! the same values.
//!
//! Owns: for each place (an attribute at a path of an IOD) what is decided there, and what became of the last value; each
//! under all that it depends on, compared whole. Bounded. What depends on more than that is not kept here.

use std::cell::RefCell;

use super::context::Context;
use super::decide::{Decision, Verdict, Why, is_curve, keeps_identifier};
use super::identifiers::kind_of;
use super::pixels::Pixels;
use super::resolve::Presence;
use super::tally::Count;
use super::triage::{Head, Triage};
use super::values::Becomes;
use super::{Engine, tags};
use crate::dicom::charset::CharacterSet;
use crate::dicom::element::ITEM;
use crate::dicom::walk::is_private;
use crate::dicom::{Tag, Vr};
use crate::identity::known::Kind;
use crate::profile::Ruleset;
use crate::profile::hold::Facts;
use crate::standard::attributes::attribute;
use crate::standard::iod::Node;

/// Places and attributes that are recalled, each in one slot that it may share: a power of two.
const SLOTS: usize = 1024;
/// The tag of an empty slot: an Item is no data element, and the walk takes it for none (PS3.5 section 7.5).
const NO_TAG: Tag = ITEM;
/// Bytes of a value that is worth recalling.
pub const LONGEST: u32 = 128;

thread_local! {
    static RECALL: RefCell<Option<Box<Recall>>> = const { RefCell::new(None) };
}

/// What one worker recalls, of one engine.
pub struct Recall {
    engine: u64,
    wanted: Vec<Wanted>,
    places: Vec<Place>,
    people: Option<Person>,
    person: u64,
    held: Option<(Facts, Vec<usize>)>,
    shown: Option<(Facts, Vec<String>, Head)>,
}

/// What the first walk wants of an attribute.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    tag: Tag,
    /// Something of it is wanted at the root of the data set.
    pub at_root: bool,
    /// Something of it is wanted wherever it stands.
    pub anywhere: bool,
    /// What its values identify, and are to be searched for.
    pub kind: Option<Kind>,
    /// The VR of the standard.
    pub vr: Vr,
}

/// Where a data element stands, as far as decisions depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Where the tree of Types of the IOD is in memory; 0 where the IOD is not known.
    pub iod: usize,
    /// The enclosing data set or item in the tree of types.
    pub node: Option<Node>,
    /// Its tag.
    pub tag: Tag,
    /// The VR that its header states.
    pub vr: Vr,
    /// The instance lists what it references.
    pub lists_references: bool,
}

/// What is decided at one place.
pub struct Place {
    key: Key,
    /// The VR by which it is decided.
    pub vr: Vr,
    /// Its Type.
    pub presence: Presence,
    /// What is decided.
    pub verdict: Verdict<'static>,
    /// What it is counted as where it does not stay.
    pub count: Count,
    value: Vec<u8>,
    /// A UID may stand in the value.
    may_be_uid: bool,
    of: Option<(u64, CharacterSet)>,
    became: Becomes,
}

/// All that the fate of a value depends on beside its place and its bytes.
#[derive(PartialEq, Eq)]
struct Person {
    words: u64,
    patient_id: String,
    issuer: String,
    patient_name: String,
    patient_code: String,
    study: String,
    sop_class: String,
}

impl Recall {
    /// Does something with what this thread recalls of this engine.
    pub fn with<T>(engine: &Engine, work: impl FnOnce(&mut Self) -> T) -> T {
        // taken out while it is in use: after a panic it is gone, and with it what may be half done
        let taken = RECALL
            .take()
            .filter(|recall| recall.engine == engine.number());
        let mut recall = taken.unwrap_or_else(|| Box::new(Self::of(engine.number())));
        let done = work(&mut recall);
        RECALL.set(Some(recall));
        done
    }

    /// Nothing yet, of the engine with this number.
    fn of(engine: u64) -> Self {
        Self {
            engine,
            wanted: Vec::new(),
            places: Vec::new(),
            people: None,
            person: 0,
            held: None,
            shown: None,
        }
    }

    /// What the first walk wants of this attribute; `None` where the tag alone does not tell.
    pub fn wanted(&mut self, rules: &Ruleset, tag: Tag) -> Option<Wanted> {
        let slot = slot(tag, 0);
        if let Some(wanted) = self.wanted.get(slot)
            && wanted.tag == tag
        {
            return Some(*wanted);
        }
        let wanted = Wanted::of(rules, tag)?;
        if self.wanted.is_empty() {
            self.wanted.resize(SLOTS, Wanted::NOTHING);
        }
        if let Some(place) = self.wanted.get_mut(slot) {
            *place = wanted;
        }
        Some(wanted)
    }

    /// The instance whose values come now.
    pub fn meet(&mut self, context: &Context) {
        let met = self.people.as_ref().is_some_and(|person| {
            person.words == context.known.number()
                && person.patient_id == context.patient_id
                && person.issuer == context.issuer
                && person.patient_name == context.patient_name
                && person.patient_code == context.patient_code
                && person.study == context.study
                && person.sop_class == context.sop_class
        });
        if !met {
            self.person = self.person.saturating_add(1);
            self.people = Some(Person {
                words: context.known.number(),
                patient_id: context.patient_id.clone(),
                issuer: context.issuer.clone(),
                patient_name: context.patient_name.clone(),
                patient_code: context.patient_code.clone(),
                study: context.study.clone(),
                sop_class: context.sop_class.clone(),
            });
        }
    }

    /// Which rules hold back an instance of which these facts are known.
    pub fn held_by(&mut self, rules: &Ruleset, facts: &Facts) -> Vec<usize> {
        if let Some((of, held_by)) = &self.held
            && of == facts
        {
            return held_by.clone();
        }
        let held_by = rules.held_by(facts);
        self.held = Some((facts.clone(), held_by.clone()));
        held_by
    }

    /// Whether a face may be seen.
    pub fn head(&mut self, triage: &Triage) -> Head {
        if let Some((facts, regions, head)) = &self.shown
            && *facts == triage.facts
            && regions == triage.regions()
        {
            return *head;
        }
        let head = triage.head();
        self.shown = Some((triage.facts.clone(), triage.regions().to_vec(), head));
        head
    }

    /// The place of a data element, where it is recalled.
    #[must_use]
    pub fn place(&self, key: &Key) -> Option<&Place> {
        self.places
            .get(key.slot())
            .filter(|place| place.key == *key)
    }

    /// Keeps what is decided at a place, where that depends on nothing else.
    pub fn keep(&mut self, key: Key, vr: Vr, presence: Presence, verdict: &Verdict<'_>) {
        let Some(verdict) = lasting(verdict) else {
            return;
        };
        if self.places.is_empty() {
            self.places.resize_with(SLOTS, Place::nowhere);
        }
        if let Some(place) = self.places.get_mut(key.slot()) {
            place.key = key;
            place.vr = vr;
            place.presence = presence;
            place.verdict = verdict;
            place.count = Count::of(key.tag, vr);
            place.of = None;
        }
    }

    /// What became of this value when it was met last, at this place and for this person.
    #[must_use]
    pub fn became(
        &self,
        key: &Key,
        value: &[u8],
        charset: &CharacterSet,
        context: &Context,
    ) -> Option<Becomes> {
        let place = self.place(key)?;
        let same = place.value == value
            && place.of == Some((self.person, *charset))
            && !(place.may_be_uid && context.known.has_uid(value));
        same.then(|| place.became.clone())
    }

    /// Keeps what becomes of a value at a place that is kept.
    pub fn keep_value(
        &mut self,
        key: &Key,
        value: &[u8],
        charset: &CharacterSet,
        context: &Context,
        became: &Becomes,
    ) {
        let may_be_uid = value.contains(&b'.');
        if may_be_uid && context.known.has_uid(value) {
            return;
        }
        let person = self.person;
        if let Some(place) = self.places.get_mut(key.slot())
            && place.key == *key
        {
            place.value.clear();
            place.value.extend_from_slice(value);
            place.may_be_uid = may_be_uid;
            place.of = Some((person, *charset));
            place.became.clone_from(became);
        }
    }
}

impl Key {
    fn slot(&self) -> usize {
        slot(self.tag, self.node.map_or(0, Node::number))
    }
}

impl Place {
    fn nowhere() -> Self {
        Self {
            key: Key {
                iod: 0,
                node: None,
                tag: NO_TAG,
                vr: Vr::UN,
                lists_references: false,
            },
            vr: Vr::UN,
            presence: Presence::UnknownIod,
            verdict: Verdict {
                decision: Decision::Remove,
                why: Why::Enclosing,
            },
            count: Count::Other,
            value: Vec::new(),
            may_be_uid: false,
            of: None,
            became: Becomes::Gone,
        }
    }
}

impl Wanted {
    const NOTHING: Self = Self {
        tag: NO_TAG,
        at_root: false,
        anywhere: false,
        kind: None,
        vr: Vr::UN,
    };

    fn of(rules: &Ruleset, tag: Tag) -> Option<Self> {
        if is_private(tag) {
            return None;
        }
        let vr = attribute(tag)?.vr;
        let kind = kind_of(tag, vr).filter(|_| !keeps_identifier(rules, tag));
        let at_root = super::context::is_fact(tag)
            || Triage::wants(tag)
            || Triage::notes(tag)
            || Pixels::wants(tag)
            || rules.asks_for(tag);
        let anywhere = kind.is_some()
            || tags::TECHNICAL.contains(&tag)
            || tag == tags::CODE_VALUE
            || is_curve(tag);
        Some(Self {
            tag,
            at_root,
            anywhere,
            kind,
            vr,
        })
    }
}

/// A slot for a tag at a node.
fn slot(tag: Tag, node: u16) -> usize {
    let number = u32::from(tag.group()) << 16 | u32::from(tag.element());
    let mixed = number
        .wrapping_add(u32::from(node).wrapping_mul(0x85EB_CA6B))
        .wrapping_mul(0x9E37_79B1);
    usize::try_from(mixed >> 16).unwrap_or(0) % SLOTS
}

/// The verdict, where it is no rule's of a profile.
fn lasting(verdict: &Verdict<'_>) -> Option<Verdict<'static>> {
    let why = match verdict.why {
        Why::Rule(_) => return None,
        Why::Table(code) => Why::Table(code),
        Why::Unlisted(reason) => Why::Unlisted(reason),
        Why::Private(reason) => Why::Private(reason),
        Why::Hygiene(reason) => Why::Hygiene(reason),
        Why::Enclosing => Why::Enclosing,
    };
    let decision = match verdict.decision {
        Decision::Replace(_) => return None,
        Decision::Keep => Decision::Keep,
        Decision::Remove => Decision::Remove,
        Decision::Empty => Decision::Empty,
        Decision::Dummy => Decision::Dummy,
        Decision::Uid => Decision::Uid,
        Decision::ClassUid => Decision::ClassUid,
        Decision::Hash { of_patient } => Decision::Hash { of_patient },
        Decision::ShiftDate => Decision::ShiftDate,
        Decision::Clean => Decision::Clean,
        Decision::Safe => Decision::Safe,
        Decision::Icc => Decision::Icc,
    };
    Some(Verdict { decision, why })
}

/// True where a decision depends on the place alone.
#[must_use]
pub fn depends_on_place(rules: &Ruleset, tag: Tag, vr: Vr) -> bool {
    !is_private(tag) && tag.group() > 0x0004 && !is_curve(tag) && !rules.is_ruled(tag, vr)
}

#[cfg(test)]
mod tests;
