//! The second walk: a decision about every data element becomes edits.
//!
//! Owns: nesting of decisions (a sequence that goes takes its content with it), markers, hygiene of headers.

mod creators;
mod dropping;
mod element;
mod pixel_data;
mod private_fragments;

use creators::Creator;
use dropping::Dropping;
use private_fragments::PrivateFragments;

use super::content::ItemAction;
use super::context::Context;
use super::decide::{Decision, Why, vr_for_rules};
use super::edits::{EditList, Edits, TooLong};
use super::markers::Markers;
use super::recall::Recall;
use super::tally::Tally;
use super::{Detail, Engine, Refusal, Step, path_text, tags};
use crate::action::sequence::minimal_content;
use crate::action::{document, dummy};
use crate::dicom::element::{encode, encode_header};
use crate::dicom::part10::Part10;
use crate::dicom::source::ReadAt;
use crate::dicom::walk::{Element, End, Event, Walker, is_private};
use crate::dicom::{Bound, ReadError, Tag, Vr, value};
use crate::identity::text::How;
use crate::standard::attributes::{keyword_of, vr_of};
use crate::standard::iod::{AttributeType, Iod, Node, iod, root};

/// A private value of more bytes is not read whole.
const LARGE: u32 = 1 << 20;

/// What the walk draws up.
pub struct Drawn {
    /// What is written in place of what.
    pub edits: Edits,
    /// Spans that the last look passes over.
    pub passed_over: Vec<(u64, u64)>,
    /// Decisions, where asked for.
    pub steps: Vec<Step>,
    /// How much goes and stays.
    pub tally: Tally,
}

struct Planner<'a, S: ReadAt> {
    engine: &'a Engine,
    recall: &'a mut Recall,
    /// Private data elements may stay.
    private_may_stay: bool,
    context: &'a Context,
    source: &'a S,
    walker: Walker<'a, S>,
    edits: EditList,
    passed_over: Vec<(u64, u64)>,
    steps: Vec<Step>,
    tally: Tally,
    detail: Detail,
    sop_instance: &'a str,
    iod: Option<Iod>,
    /// The IOD is that of an encapsulated document.
    has_document: bool,
    /// Where each open data set or item stands in the tree of types; the root first.
    nodes: Vec<Option<Node>>,
    /// First byte of each open data set or item.
    scopes: Vec<u64>,
    /// Tags of the open sequences.
    path: Vec<Tag>,
    dropping: Option<Dropping>,
    /// Depth of `path` from which on sequences keep their shape only.
    shape_only_from: Option<usize>,
    fragment_index: u64,
    private_fragments: Option<PrivateFragments>,
    /// Markers still to be inserted, first tag last.
    to_insert: Vec<(Tag, &'a [u8])>,
    /// Private creators of open data sets and items that stay so far.
    creators: Vec<Creator>,
    markers_met: Vec<Tag>,
    end: u64,
}

/// Draws the edits of one data set.
///
/// # Errors
/// Those of the walk; [`Refusal::TooLong`]; [`Bound::Edits`].
#[expect(
    clippy::too_many_arguments,
    reason = "one call, which tells the whole story"
)]
pub fn draw<S: ReadAt>(
    engine: &Engine,
    recall: &mut Recall,
    source: &S,
    part10: &Part10,
    context: &Context,
    at: u64,
    sop_instance: &str,
    detail: Detail,
) -> Result<Drawn, Refusal> {
    let mut planner = Planner {
        engine,
        recall,
        private_may_stay: engine.rules().private_may_stay(),
        context,
        source,
        walker: Walker::new(source, part10.encoding, at, *engine.limits()),
        edits: EditList::for_a_header(),
        passed_over: Vec::with_capacity(16),
        steps: Vec::new(),
        tally: Tally::default(),
        detail,
        sop_instance,
        iod: iod(&context.sop_class),
        has_document: iod(&context.sop_class)
            .and_then(|iod| iod.attribute_type(&[tags::ENCAPSULATED_DOCUMENT]))
            == Some(AttributeType::One),
        nodes: vec![Some(root())],
        scopes: vec![at],
        path: Vec::new(),
        dropping: None,
        shape_only_from: None,
        fragment_index: 0,
        private_fragments: None,
        to_insert: Vec::new(),
        creators: Vec::new(),
        markers_met: Vec::new(),
        end: source.len(),
    };
    if !engine.rules().is_keep_everything() {
        let has = |tag| context.markers_there.contains(&tag);
        planner.to_insert = engine.markers().absent(context, part10.encoding, has);
        planner.to_insert.reverse();
    }
    planner.run()?;
    Ok(Drawn {
        edits: planner.edits.finish(),
        passed_over: planner.passed_over,
        steps: planner.steps,
        tally: planner.tally,
    })
}

impl<S: ReadAt> Planner<'_, S> {
    fn run(&mut self) -> Result<(), Refusal> {
        let ended = loop {
            let next = self.walker.next_event();
            // looked at where it is: it is too large to be moved for every data element
            let Ok(Some(event)) = &next else {
                break next;
            };
            if self.dropping.is_some() {
                self.drop_event(event);
                continue;
            }
            match event {
                Event::Element(element) => self.element(element)?,
                Event::SequenceStart(element) => self.sequence(element),
                Event::ItemStart(item)
                    if self.context.content.get(&item.at) == Some(&ItemAction::Remove)
                        && !self.engine.rules().is_keep_everything() =>
                {
                    let asked = Asked::by("E.3.4-1");
                    self.note(tags::CONTENT_SEQUENCE, Vr::SQ, "remove item", asked);
                    self.drop_item(item.at);
                }
                Event::ItemStart(item) => {
                    self.edits.open(&Element {
                        overruns: item.overruns && !self.engine.rules().is_keep_everything(),
                        ..*item
                    });
                    self.scopes.push(item.at);
                    let inside = self.nodes.last().copied().flatten().zip(self.path.last());
                    self.nodes
                        .push(inside.and_then(|(node, tag)| node.child(*tag)));
                }
                Event::ItemEnd(end) => {
                    self.settle_creators();
                    self.scopes.pop();
                    self.nodes.pop();
                    self.close(end)?;
                }
                Event::SequenceEnd(end) => self.sequence_end(end)?,
                Event::FragmentsStart(element) => self.fragments(element),
                Event::Fragment(fragment) => self.fragment(fragment)?,
                Event::FragmentsEnd(end) => match self.private_fragments.take() {
                    Some(open) => self.private_fragments_end(&open, end),
                    None => self.zero_delimiter(end),
                },
                Event::Padding { at, end } => {
                    self.insert_markers(None, *at);
                    if !self.engine.rules().is_keep_everything() {
                        self.edits.remove(*at, *end);
                    }
                }
            }
            if self.edits.weight() > self.engine.limits().edits {
                return Err(ReadError::Bound {
                    at: self.scopes.last().copied().unwrap_or(0),
                    bound: Bound::Edits,
                }
                .into());
            }
        };
        ended?;
        self.insert_markers(None, self.end);
        self.settle_creators();
        Ok(())
    }

    /// Inserts the markers that belong in front of a root data element with this tag; all of them at the end.
    fn insert_markers(&mut self, before: Option<Tag>, at: u64) {
        while let Some((tag, bytes)) = self
            .to_insert
            .pop_if(|(tag, _)| before.is_none_or(|next| *tag < next))
        {
            self.edits.replace(at, at, bytes);
            let vr = vr_of(tag).unwrap_or(Vr::UN);
            self.note(tag, vr, "insert", Asked::by("marker"));
        }
    }

    fn note(&mut self, tag: Tag, vr: Vr, action: &'static str, asked: Asked) {
        if self.detail == Detail::Steps {
            let path = path_text(self.walker.path(), tag);
            self.steps.push(Step {
                path,
                keyword: keyword_of(tag).unwrap_or(""),
                vr: vr.to_string(),
                action,
                rule: asked.rule,
                why: asked.why,
            });
        }
    }

    /// Markers that are there already are written over; a second one of the same goes.
    fn marker(&mut self, element: &Element) -> Result<bool, Refusal> {
        let (vr, text) = match element.tag {
            _ if self.engine.rules().is_keep_everything() => return Ok(false),
            tags::PATIENT_IDENTITY_REMOVED => {
                (Vr::CS, Markers::identity_removed(self.context).to_owned())
            }
            tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED => {
                (Vr::CS, self.engine.markers().dates(self.context).to_owned())
            }
            tags::DEIDENTIFICATION_METHOD => {
                let known = &self.context.known;
                let clean = |one: &String| {
                    known
                        .clean_text(one, &How::KNOWN)
                        .unwrap_or_else(|| one.clone())
                };
                let there: Vec<String> = self.context.methods.iter().map(clean).collect();
                (Vr::LO, self.engine.markers().methods(&there))
            }
            _ => return Ok(false),
        };
        if self.markers_met.contains(&element.tag) {
            self.edits
                .remove(element.at, element.end().unwrap_or(element.value_at));
        } else {
            self.markers_met.push(element.tag);
            self.set(
                element,
                vr,
                text.as_bytes(),
                element.tag != tags::DEIDENTIFICATION_METHOD,
            )?;
        }
        self.note(element.tag, vr, "replace", Asked::by("marker"));
        Ok(true)
    }

    fn sequence(&mut self, element: &Element) {
        if self.path.is_empty() {
            self.insert_markers(Some(element.tag), element.at);
        }
        let verdict = self.verdict(element, self.presence(element.tag));
        let decision = owned(&verdict.decision);
        let asked = self.asked(&verdict.why);
        let vr = vr_for_rules(element);
        let is_sequence = vr == Vr::SQ || vr == Vr::UN || is_private(element.tag);
        let dummy = || {
            // an attribute that is no sequence, encoded as one
            let new = dummy::dummy(element.tag, vr).map(|new| value::pad(vr, new));
            new.and_then(|new| encode(element.encoding, element.tag, vr, &new))
        };
        let empty = || encode_header(element.encoding, element.tag, vr, 0).unwrap_or_default();
        let keeps = self.engine.rules().is_keep_everything();
        let shape_only = self.shape_only_from.is_some();
        let (action, with) = match decision {
            // as private values do
            Kind::Stays | Kind::Dummy if shape_only && is_private(element.tag) => {
                ("remove", Some(Vec::new()))
            }
            Kind::Goes => ("remove", Some(Vec::new())),
            Kind::Empties => ("empty", Some(empty())),
            Kind::Dummy if element.tag == tags::CONTENT_SEQUENCE => {
                ("dummy", Some(minimal_content(element.encoding)))
            }
            Kind::Dummy if is_sequence => {
                self.shape_only_from.get_or_insert(self.path.len());
                ("dummy", None)
            }
            Kind::Stays if is_sequence || keeps => ("keep", None),
            Kind::Dummy | Kind::Stays | Kind::Other if !is_sequence => match dummy() {
                Some(with) => ("dummy", Some(with)),
                None => ("remove", Some(Vec::new())),
            },
            Kind::Dummy | Kind::Stays | Kind::Other => ("remove", Some(Vec::new())),
        };
        self.note(element.tag, vr_for_rules(element), action, asked);
        if with.as_ref().is_none_or(|with| !with.is_empty()) {
            self.stays(element);
        }
        match with {
            Some(with) => {
                self.tally.changed(element.tag, vr);
                self.drop_from(element, with);
            }
            None => self.enter(element),
        }
    }

    fn enter(&mut self, element: &Element) {
        self.keep_header(element);
        self.edits.open(element);
        self.path.push(element.tag);
    }

    fn sequence_end(&mut self, end: &End) -> Result<(), Refusal> {
        let tag = self.path.pop();
        if self.path.is_empty()
            && tag == Some(tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE)
            && !self.engine.rules().is_keep_everything()
            && !self
                .markers_met
                .contains(&tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE)
        {
            self.markers_met
                .push(tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE);
            let items = self
                .engine
                .markers()
                .code_items(&self.context.method_codes, self.walker.encoding());
            if !items.is_empty() {
                self.edits.replace(end.at, end.at, items);
            }
        }
        if self
            .shape_only_from
            .is_some_and(|from| self.path.len() <= from)
        {
            self.shape_only_from = None;
        }
        self.close(end)
    }

    fn close(&mut self, end: &End) -> Result<(), Refusal> {
        self.zero_delimiter(end);
        self.edits
            .close()
            .map_err(|TooLong { at }| Refusal::TooLong { at })
    }

    fn zero_delimiter(&mut self, end: &End) {
        if end.delimiter_used && !self.engine.rules().is_keep_everything() {
            self.edits
                .replace(end.at.saturating_add(4), end.at.saturating_add(8), [0; 4]);
        }
    }

    fn fragments(&mut self, element: &Element) {
        if self.path.is_empty() {
            self.insert_markers(Some(element.tag), element.at);
        }
        let verdict = self.verdict(element, self.presence(element.tag));
        let asked = self.asked(&verdict.why);
        let stays = matches!(verdict.decision, Decision::Keep | Decision::Safe)
            && self.shape_only_from.is_none();
        if stays && is_private(element.tag) {
            self.note(element.tag, vr_for_rules(element), "keep", asked);
            let open = PrivateFragments::begin(element, self.steps.len());
            self.private_fragments = Some(open);
        } else if stays {
            let words = self
                .context
                .pixels
                .blanks_in(element.value_at, u64::MAX)
                .next();
            let action = if words.is_some() { "clean" } else { "keep" };
            self.note(element.tag, vr_for_rules(element), action, asked);
            self.keep_header(element);
            self.fragment_index = 0;
        } else {
            let with = if element.tag == tags::ENCAPSULATED_DOCUMENT {
                encode(
                    element.encoding,
                    element.tag,
                    Vr::OB,
                    &document::stand_in(&self.context.sop_class),
                )
                .unwrap_or_default()
            } else {
                Vec::new()
            };
            let action = if with.is_empty() { "remove" } else { "dummy" };
            self.note(element.tag, vr_for_rules(element), action, asked);
            self.drop_from(element, with);
        }
    }

    fn asked(&self, why: &Why<'_>) -> Asked {
        if self.detail == Detail::Edits {
            return Asked::default();
        }
        let rule = match why {
            Why::Rule(rule) => {
                return Asked {
                    rule: rule.origin.to_string(),
                    why: rule.why.as_deref().map(str::to_owned),
                };
            }
            Why::Table(code) => format!("E.1-1 {code}"),
            Why::Unlisted(reason) => format!("not listed: {reason}"),
            Why::Private(reason) => format!("private: {reason}"),
            Why::Hygiene(reason) => format!("hygiene: {reason}"),
            Why::Enclosing => "enclosing sequence".to_owned(),
        };
        Asked { rule, why: None }
    }
}

/// Which rule asked for a decision, and what its author says of it.
#[derive(Default)]
struct Asked {
    rule: String,
    why: Option<String>,
}

impl Asked {
    fn by(rule: &str) -> Self {
        Self {
            rule: rule.to_owned(),
            why: None,
        }
    }
}

/// What a decision means for a sequence.
enum Kind {
    Stays,
    Goes,
    Empties,
    Dummy,
    Other,
}

fn owned(decision: &Decision<'_>) -> Kind {
    match decision {
        Decision::Keep | Decision::Clean | Decision::Safe | Decision::Uid | Decision::ClassUid => {
            Kind::Stays
        }
        Decision::Remove => Kind::Goes,
        Decision::Empty => Kind::Empties,
        Decision::Dummy => Kind::Dummy,
        Decision::Hash { .. } | Decision::ShiftDate | Decision::Replace(_) | Decision::Icc => {
            Kind::Other
        }
    }
}
