//! The first walk: what decisions need before they can be made, because Study Date comes before Patient ID in a file.
//!
//! Owns: facts of one instance. Changes nothing, decides nothing.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::content::{ContentItems, ItemAction};
use super::decide::{is_curve, private_stay};
use super::declared::Declarations;
use super::identifiers::{collect_element, kind_of};
use super::pixels::Pixels;
use super::recall::Recall;
use super::triage::Triage;
use super::{Refusal, tags};
use crate::dicom::charset::{CharacterSet, default_repertoire};
use crate::dicom::part10::{Part10, uid_text};
use crate::dicom::source::ReadAt;
use crate::dicom::walk::{Element, Event, PIXEL_DATA, Walker, is_private, is_private_creator};
use crate::dicom::{Damage, Limits, PathStep, ReadError, Tag, Vr};
use crate::identity::known::{Kind, KnownIdentifiers, KnownIdentifiersBuilder};
use crate::profile::{Place, RuleAction, Ruleset};
use crate::standard::e1_1::ProfileOption;

/// Curve Data (50xx,3000), retired (PS3.3 C.10.2 of 2004).
const CURVE_DATA: u16 = 0x3000;
/// The group of the patient.
const PATIENT_GROUP: u16 = 0x0010;
/// Curve Data of more bytes are not looked through, and go.
const MOST_CURVE: u32 = 1 << 20;
/// Letters in a row that are a word: numbers do not make so many.
const WORD: usize = 3;

/// Most bytes of a code, a Value Type or a declaration that is read.
const MOST_CODE: u32 = 4096;

/// A private block whose creator stays because a child stays: (first byte of the data set or item, group, block).
pub type KeptBlock = (u64, u16, u8);

/// Facts of one instance.
pub struct Context {
    /// SOP Class UID, else the one of the File Meta Information, else empty.
    pub sop_class: String,
    /// SOP Instance UID of the data set, else of the File Meta Information.
    pub sop_instance: String,
    /// The data set has a SOP Instance UID element, be it empty.
    pub has_sop_instance: bool,
    /// The instance says at its root that it references other instances (PS3.3 C.12.2).
    pub lists_references: bool,
    /// Study Instance UID.
    pub study: String,
    /// Series Instance UID.
    pub series: String,
    /// Patient ID, decoded, without padding.
    pub patient_id: String,
    /// Issuer of Patient ID, decoded, without padding.
    pub issuer: String,
    /// The patient's pseudonym.
    pub patient_code: String,
    /// Rules that hold the instance back, by their place in [`Ruleset::holds`].
    pub held_by: Vec<usize>,
    /// Patient's Name, decoded, without padding.
    pub patient_name: String,
    /// Whether a human has to look, and what a run counts.
    pub triage: Triage,
    /// What is known of the pixel data.
    pub pixels: Pixels,
    /// What identifies people here.
    pub known: KnownIdentifiers,
    /// What the instance declares of its private data elements.
    pub declarations: Declarations,
    /// Content items that go or change as a whole, by their first byte.
    pub content: BTreeMap<u64, ItemAction>,
    /// Groups of curves whose data hold letters, as text does.
    pub lettered_curves: BTreeSet<u16>,
    /// Private blocks with a child that stays.
    pub kept_blocks: BTreeSet<KeptBlock>,
    /// Values of (0012,0063) that are there.
    pub methods: Vec<String>,
    /// Code values in (0012,0064) that are there.
    pub method_codes: Vec<String>,
    /// Markers that stand at the root already.
    pub markers_there: Vec<Tag>,
    /// (0028,0303) as it is there.
    pub dates_modified: String,
    /// It is a DICOMDIR.
    pub is_dicomdir: bool,
}

/// Walks the headers once.
///
/// # Errors
/// Those of the walk; two Pixel Data elements.
pub fn read<S: ReadAt + ?Sized>(
    source: &S,
    part10: &Part10,
    at: u64,
    rules: &Ruleset,
    recall: &mut Recall,
    limits: &Limits,
) -> Result<Context, Refusal> {
    let mut walker = Walker::new(source, part10.encoding, at, *limits);
    let mut facts = Context::of_nothing();
    let mut known = KnownIdentifiersBuilder::default();
    let mut scopes = vec![at];
    let mut inside = Inside {
        sequences: Vec::new(),
        content: ContentItems::new(rules.options()),
        declares: rules.has(ProfileOption::RetainSafePrivate),
    };
    let mut asking = Asking {
        rules,
        private_may_stay: rules.private_may_stay(),
        private_is_asked: rules.asks_for_private(),
        recall,
    };
    let mut pixel_data = 0u32;
    let ended = loop {
        let next = walker.next_event();
        // looked at where it is: it is too large to be moved for every data element
        let Ok(Some(event)) = &next else {
            break next;
        };
        inside.event(&mut facts.declarations, &mut walker, event)?;
        match event {
            Event::Element(element) => {
                facts.element(&mut walker, element, &scopes, &mut asking, &mut known)?;
                pixel_data = pixel_data
                    .saturating_add(u32::from(element.tag == PIXEL_DATA && scopes.len() == 1));
            }
            Event::FragmentsStart(element) => {
                facts.pixels.begin(&part10.transfer_syntax);
                if scopes.len() == 1 {
                    facts.triage.note(element.tag, true);
                }
                if asking.private_may_stay {
                    facts.note_private(&walker, element, &scopes, rules);
                }
                pixel_data = pixel_data
                    .saturating_add(u32::from(element.tag == PIXEL_DATA && scopes.len() == 1));
            }
            Event::SequenceStart(element) => {
                if scopes.len() == 1 {
                    facts.triage.note(element.tag, true);
                    let has_items = element.length != Some(0);
                    facts.note_present(element.tag, has_items, rules);
                }
                if asking.private_may_stay {
                    facts.note_private(&walker, element, &scopes, rules);
                }
                if scopes.len() == 1 && element.tag == tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE {
                    facts.markers_there.push(element.tag);
                }
                facts.lists_references |=
                    scopes.len() == 1 && tags::REFERENCES.contains(&element.tag);
                facts.is_dicomdir |= element.tag == tags::DIRECTORY_RECORD_SEQUENCE;
            }
            Event::ItemStart(item) => scopes.push(item.at),
            Event::ItemEnd(_) => {
                scopes.pop();
            }
            Event::Fragment(fragment) => {
                facts
                    .pixels
                    .fragment(source, &mut walker, fragment, limits)?;
            }
            Event::FragmentsEnd(_) => facts.pixels.end(),
            Event::SequenceEnd(_) | Event::Padding { .. } => {}
        }
        if pixel_data > 1 {
            return Err(ReadError::Damaged {
                at,
                path: None,
                damage: Damage::TwoPixelData,
            }
            .into());
        }
    };
    ended?;
    facts.finish(part10);
    facts.known = known.build();
    facts.content = inside.content.map(ContentItems::finish).unwrap_or_default();
    Ok(facts)
}

/// What items and sequences tell beyond their data elements, where an option asks for it.
struct Inside {
    sequences: Vec<Tag>,
    content: Option<ContentItems>,
    /// Declarations about private data elements are read.
    declares: bool,
}

impl Inside {
    fn event<S: ReadAt + ?Sized>(
        &mut self,
        declarations: &mut Declarations,
        walker: &mut Walker<'_, S>,
        event: &Event,
    ) -> Result<(), ReadError> {
        if self.content.is_none() && !self.declares {
            return Ok(());
        }
        match event {
            Event::Element(element) if element.length.is_some_and(|n| n <= MOST_CODE) => {
                if let Some(items) = &mut self.content
                    && ContentItems::wants(element.tag)
                {
                    let text = uid_text(walker.value(element)?);
                    items.take(walker.path(), element.tag, &text);
                }
                if self.declares && Declarations::wants(walker.path(), element.tag) {
                    let value = walker.value(element)?;
                    declarations.take(element.tag, value, element.encoding);
                }
            }
            Event::SequenceStart(element) => self.sequences.push(element.tag),
            Event::ItemStart(item) => {
                if let Some(items) = &mut self.content {
                    items.item_starts(self.sequences.last().copied(), item.at);
                }
                if self.declares {
                    declarations.item(walker.path());
                }
            }
            Event::ItemEnd(_) => {
                if let Some(items) = &mut self.content {
                    items.item_ends();
                }
            }
            Event::SequenceEnd(end) => {
                let tag = self.sequences.pop();
                if let Some(items) = &mut self.content {
                    items.sequence_ends(tag);
                }
                let declared = tag == Some(tags::PRIVATE_DATA_ELEMENT_CHARACTERISTICS_SEQUENCE);
                if declared && self.sequences.is_empty() {
                    declarations.ends(end.end);
                }
            }
            Event::Element(_)
            | Event::FragmentsStart(_)
            | Event::Fragment(_)
            | Event::FragmentsEnd(_)
            | Event::Padding { .. } => {}
        }
        Ok(())
    }
}

/// By what the first walk asks.
struct Asking<'a> {
    rules: &'a Ruleset,
    private_may_stay: bool,
    private_is_asked: bool,
    recall: &'a mut Recall,
}

/// True for attributes that tell a fact at the root of the data set.
#[must_use]
pub fn is_fact(tag: Tag) -> bool {
    tags::MARKERS.contains(&tag)
        || matches!(
            tag,
            tags::SOP_CLASS_UID
                | tags::SOP_INSTANCE_UID
                | tags::STUDY_INSTANCE_UID
                | tags::SERIES_INSTANCE_UID
                | tags::PATIENT_ID
                | tags::ISSUER_OF_PATIENT_ID
                | tags::PATIENT_NAME
                | tags::DIRECTORY_RECORD_SEQUENCE
        )
}

impl Context {
    /// Of an instance that says nothing.
    pub(super) fn of_nothing() -> Self {
        Self {
            sop_class: String::new(),
            sop_instance: String::new(),
            has_sop_instance: false,
            lists_references: false,
            study: String::new(),
            series: String::new(),
            patient_id: String::new(),
            issuer: String::new(),
            patient_code: String::new(),
            held_by: Vec::new(),
            patient_name: String::new(),
            triage: Triage::default(),
            pixels: Pixels::default(),
            known: KnownIdentifiers::of_nobody(),
            declarations: Declarations::default(),
            content: BTreeMap::new(),
            lettered_curves: BTreeSet::new(),
            kept_blocks: BTreeSet::new(),
            methods: Vec::new(),
            method_codes: Vec::new(),
            markers_there: Vec::new(),
            dates_modified: String::new(),
            is_dicomdir: false,
        }
    }

    /// What the file as a whole says.
    fn finish(&mut self, part10: &Part10) {
        let from_meta = |of: &mut String, meta: &Option<String>| {
            if of.is_empty() {
                *of = meta.clone().unwrap_or_default();
            }
        };
        from_meta(&mut self.sop_class, &part10.sop_class);
        from_meta(&mut self.sop_instance, &part10.sop_instance);
        self.is_dicomdir |= self.sop_class == tags::MEDIA_STORAGE_DIRECTORY;
        self.triage.facts.unread_pixels = self.pixels.unread || self.pixels.is_contradicted();
        self.triage.finish(&self.sop_class, &part10.transfer_syntax);
    }

    fn element<S: ReadAt + ?Sized>(
        &mut self,
        walker: &mut Walker<'_, S>,
        element: &Element,
        scopes: &[u64],
        asking: &mut Asking<'_>,
        known: &mut KnownIdentifiersBuilder,
    ) -> Result<(), ReadError> {
        let rules = asking.rules;
        let tag = element.tag;
        let root = scopes.len() == 1;
        if is_private(tag) {
            if root && asking.private_is_asked {
                self.note_present(tag, element.length != Some(0), rules);
            }
            if asking.private_may_stay {
                self.note_private(walker, element, scopes, rules);
            }
            return Ok(());
        }
        let wanted = asking.recall.wanted(rules, tag);
        if wanted.is_some_and(|wanted| !(wanted.anywhere || root && wanted.at_root)) {
            return Ok(());
        }
        let (vr, kind) = if let Some(wanted) = wanted {
            (wanted.vr, wanted.kind)
        } else {
            let vr = super::vr_for_rules(element);
            let kept = super::decide::keeps_identifier(rules, tag);
            (vr, kind_of(tag, vr).filter(|_| !kept))
        };
        if root {
            self.at_root(walker, element, vr, rules)?;
        } else if tag == tags::CODE_VALUE
            && matches!(
                walker.path(),
                [PathStep {
                    sequence: tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE,
                    ..
                }]
            )
        {
            let code = uid_text(walker.value(element)?);
            self.method_codes.push(code);
        }
        if is_curve(tag) && tag.element() == CURVE_DATA && rules.has(ProfileOption::CleanGraphics) {
            let small = element.length.is_some_and(|n| n <= MOST_CURVE);
            if !small || has_words(walker.value(element)?) {
                self.lettered_curves.insert(tag.group());
            }
        }
        if tags::TECHNICAL.contains(&tag) && element.length.is_some_and(|n| n <= 1024) {
            let value = walker.value(element)?;
            value
                .split(|&b| matches!(b, b'\\' | 0))
                .for_each(|one| known.add_technical(one));
        }
        if let Some(kind) = kind
            && element.length.is_some_and(|n| n > 0 && n <= 16 * 1024)
        {
            let charset = *walker.charset();
            let value = walker.value(element)?;
            if kind == Kind::Accession || kind == Kind::Id && tag.group() == PATIENT_GROUP {
                value
                    .split(|&b| matches!(b, b'\\' | 0))
                    .for_each(|one| known.add_number(one));
            }
            collect_element(known, kind, vr, value, &charset);
        }
        Ok(())
    }

    /// What is told at the root of the data set.
    fn at_root<S: ReadAt + ?Sized>(
        &mut self,
        walker: &mut Walker<'_, S>,
        element: &Element,
        vr: Vr,
        rules: &Ruleset,
    ) -> Result<(), ReadError> {
        let tag = element.tag;
        self.fact(walker, element)?;
        let has_value = element.length != Some(0);
        self.triage.note(tag, has_value);
        self.note_present(tag, has_value, rules);
        if matches!(tag, tags::ROWS | tags::COLUMNS) && has_value {
            let bytes = walker.value(element)?.first_chunk::<2>().copied();
            let number = bytes.map(|two| element.encoding.u16(two));
            self.triage.take_size(tag, number);
        }
        if tag == PIXEL_DATA {
            self.pixels.native = element.length.map_or(0, u64::from);
        }
        if Pixels::wants(tag) && has_value {
            let value = walker.value(element)?;
            self.pixels.take(element, value);
        }
        if Triage::wants(tag) && has_value {
            let charset = *walker.charset();
            let text = text_of(walker.value(element)?, vr, &charset);
            self.triage.take(tag, &text);
        }
        Ok(())
    }

    /// Facts that stand at the root of the data set; of a duplicate the first that says something counts.
    fn fact<S: ReadAt + ?Sized>(
        &mut self,
        walker: &mut Walker<'_, S>,
        element: &Element,
    ) -> Result<(), ReadError> {
        if tags::MARKERS.contains(&element.tag) {
            self.markers_there.push(element.tag);
        }
        self.has_sop_instance |= element.tag == tags::SOP_INSTANCE_UID;
        let place = match element.tag {
            tags::SOP_CLASS_UID => &mut self.sop_class,
            tags::SOP_INSTANCE_UID => &mut self.sop_instance,
            tags::STUDY_INSTANCE_UID => &mut self.study,
            tags::SERIES_INSTANCE_UID => &mut self.series,
            tags::PATIENT_ID => &mut self.patient_id,
            tags::ISSUER_OF_PATIENT_ID => &mut self.issuer,
            tags::PATIENT_NAME => &mut self.patient_name,
            tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED => &mut self.dates_modified,
            tags::DEIDENTIFICATION_METHOD => {
                let charset = *walker.charset();
                let text = text_of(walker.value(element)?, Vr::LO, &charset);
                self.methods
                    .extend(text.split('\\').map(|one| one.trim().to_owned()));
                return Ok(());
            }
            tags::DIRECTORY_RECORD_SEQUENCE => {
                self.is_dicomdir = true;
                return Ok(());
            }
            _ => return Ok(()),
        };
        if place.is_empty() {
            let charset = *walker.charset();
            *place = text_of(walker.value(element)?, Vr::LO, &charset).into_owned();
        }
        Ok(())
    }

    fn note_present(&mut self, tag: Tag, has_value: bool, rules: &Ruleset) {
        if has_value && rules.asks_for(tag) {
            self.triage.facts.present.insert(tag);
        }
    }

    fn note_private<S: ReadAt + ?Sized>(
        &mut self,
        walker: &Walker<'_, S>,
        element: &Element,
        scopes: &[u64],
        rules: &Ruleset,
    ) {
        let tag = element.tag;
        if !is_private(tag) || is_private_creator(tag) {
            return;
        }
        let [block, low] = tag.element().to_be_bytes();
        if let Some(creator) = walker.creator_of(tag)
            && (private_stay(
                rules,
                creator,
                tag,
                low,
                self.declarations.of(element.at, creator, tag),
            )
            .is_some()
                || ruled_to_stay(rules, walker, creator, element))
            && let Some(scope) = scopes.last()
        {
            self.kept_blocks.insert((*scope, tag.group(), block));
        }
    }
}

/// Letters in a row, as bytes or as UTF-16.
fn has_words(bytes: &[u8]) -> bool {
    let runs = |mut letters: &mut dyn Iterator<Item = bool>| {
        let mut run = 0usize;
        (&mut letters).any(|is_letter| {
            run = if is_letter { run.saturating_add(1) } else { 0 };
            run >= WORD
        })
    };
    let letter = |b: &u8| b.is_ascii_alphabetic() || *b >= 0xC0;
    let wide = |two: &[u8]| matches!(two, [0, b] | [b, 0] if letter(b));
    let odd = bytes.get(1..).unwrap_or_default();
    runs(&mut bytes.iter().map(u8::is_ascii_alphabetic))
        || runs(&mut bytes.chunks(2).map(wide))
        || runs(&mut odd.chunks(2).map(wide))
}

/// A rule of the profile lets this private data element stay, so that its creator has to.
fn ruled_to_stay<S: ReadAt + ?Sized>(
    rules: &Ruleset,
    walker: &Walker<'_, S>,
    creator: &str,
    element: &Element,
) -> bool {
    let path: Vec<Tag> = walker.path().iter().map(|step| step.sequence).collect();
    let place = Place {
        path: &path,
        tag: element.tag,
        vr: super::vr_for_rules(element),
        creator: Some(creator),
    };
    rules
        .rule_for(&place)
        .is_some_and(|rule| rule.action != RuleAction::Remove)
}

/// Decoded text without padding.
#[must_use]
pub fn text_of<'v>(value: &'v [u8], vr: Vr, charset: &CharacterSet) -> Cow<'v, str> {
    let value = value.split(|&b| b == 0).next().unwrap_or_default();
    if let Some(text) = default_repertoire(value) {
        return Cow::Borrowed(text.trim());
    }
    Cow::Owned(charset.decode(vr, value).text.trim().to_owned())
}
