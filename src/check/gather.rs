//! One walk over the headers of a file: what identifies by being there, and what text has to be looked through.
//!
//! Owns: collecting. What a file says of its own cleaning stands behind much of what it is about, so nothing is judged here.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the many VRs and kinds a few are told apart"
)]

use std::ops::Range;

use super::claims::Claims;
use super::comments::Comments;
use super::rules::{self, Rule};
use crate::dicom::charset::CharacterSet;
use crate::dicom::inflate::InflatedSource;
use crate::dicom::part10::{Part10, uid_text};
use crate::dicom::source::ReadAt;
use crate::dicom::walk::{Element, Event, PIXEL_DATA, Walker, is_private, is_private_creator};
use crate::dicom::{ElementPath, Limits, PathStep, ReadError, Tag, Vr, value};
use crate::identity::known::Kind;
use crate::plan::identifiers::kind_of;
use crate::plan::{tags, vr_for_rules};
use crate::standard::e1_1::{self, ActionCode, ProfileOption};
use crate::standard::ui_roles::{self, UiRole};
use crate::standard::{safe_private, uids};

/// Bytes of one value that are looked through; of a longer one the first and the last.
pub const MOST_VALUE: usize = 64 * 1024;
/// Bytes of text of one file that are looked through.
const MOST_TEXT: usize = 4 << 20;
/// Places of one file that are remembered.
const MOST_PLACES: usize = 10_000;

/// A value that identifies by being there.
pub struct Present {
    /// Where.
    pub path: ElementPath,
    /// The rule that it breaks.
    pub rule: &'static Rule,
    /// What it names.
    pub kind: Kind,
    /// The value as text, in [`Gathered::text`].
    pub value: Range<usize>,
}

/// Bytes that may hold a name or a number.
pub struct Text {
    /// Where.
    pub path: ElementPath,
    /// The bytes, in [`Gathered::bytes`].
    pub bytes: Range<usize>,
    /// The text that they are, in [`Gathered::text`]; empty for bytes that are none.
    pub decoded: Range<usize>,
    /// Why it is looked through.
    pub what: What,
}

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A description or a comment, which Table E.1-1 lists.
    Description,
    /// A long text that no table lists.
    Long,
    /// A label, a name of a device.
    Label,
    /// A private data element.
    Private,
    /// An encapsulated document.
    Document,
}

/// A private block that is on no list of harmless ones.
pub struct PrivateBlock {
    /// Its first data element.
    pub path: ElementPath,
    /// How many.
    pub count: u32,
    key: (u16, u8),
}

/// What a file has.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of the file")]
pub struct Gathered {
    /// What identifies by being there.
    pub present: Vec<Present>,
    /// What has to be looked through.
    pub texts: Vec<Text>,
    /// Private blocks.
    pub private: Vec<PrivateBlock>,
    /// What it says of its own cleaning.
    pub claims: Claims,
    /// Words between compressed pixel data.
    pub comments: Comments,
    /// It is the index of a disc.
    pub is_disc_index: bool,
    /// It has pixel data, which are not looked at.
    pub has_pixels: bool,
    /// It has an encapsulated document, of which only the outside is looked at.
    pub has_document: bool,
    /// More places than are remembered.
    pub overflows: bool,
    text: String,
    bytes: Vec<u8>,
}

impl Gathered {
    /// A text that was gathered.
    #[must_use]
    pub fn text(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    /// Bytes that were gathered.
    #[must_use]
    pub fn bytes(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }

    /// Walks the data set of a file. What was met before an error stays.
    ///
    /// # Errors
    /// Those of the walk.
    pub fn walk<S: ReadAt + ?Sized>(
        &mut self,
        source: &S,
        part10: &Part10,
        limits: &Limits,
    ) -> Result<(), ReadError> {
        self.is_disc_index = part10.sop_class.as_deref() == Some(tags::MEDIA_STORAGE_DIRECTORY);
        if part10.deflated {
            let inflated = InflatedSource::new(source, part10.data_set_at, limits)?;
            self.walk_from(&inflated, part10, 0, limits)
        } else {
            self.walk_from(source, part10, part10.data_set_at, limits)
        }
    }

    fn walk_from<S: ReadAt + ?Sized>(
        &mut self,
        source: &S,
        part10: &Part10,
        at: u64,
        limits: &Limits,
    ) -> Result<(), ReadError> {
        let mut walker = Walker::new(source, part10.encoding, at, *limits);
        let mut fragments_of = PIXEL_DATA;
        while let Some(event) = walker.next_event()? {
            match event {
                Event::Element(element) => self.element(&mut walker, &element)?,
                Event::SequenceStart(element) => {
                    self.is_disc_index |= element.tag == tags::DIRECTORY_RECORD_SEQUENCE;
                    self.note_private(&walker, &element);
                }
                Event::FragmentsStart(element) => {
                    fragments_of = element.tag;
                    self.has_pixels |= element.tag == PIXEL_DATA;
                    self.note_private(&walker, &element);
                    self.comments.begin(&part10.transfer_syntax);
                }
                Event::Fragment(fragment) => {
                    self.comments.fragment(source, &fragment)?;
                    if is_private(fragments_of) {
                        let fragment = Element {
                            tag: fragments_of,
                            ..fragment
                        };
                        let length = fragment
                            .length
                            .map_or(0, |n| usize::try_from(n).unwrap_or(0));
                        self.take_bytes(&mut walker, &fragment, What::Private, length)?;
                    }
                }
                Event::ItemStart(_)
                | Event::ItemEnd(_)
                | Event::SequenceEnd(_)
                | Event::FragmentsEnd(_)
                | Event::Padding { .. } => {}
            }
        }
        Ok(())
    }

    fn element<S: ReadAt + ?Sized>(
        &mut self,
        walker: &mut Walker<'_, S>,
        element: &Element,
    ) -> Result<(), ReadError> {
        let tag = element.tag;
        let length = element
            .length
            .map_or(0, |n| usize::try_from(n).unwrap_or(usize::MAX));
        if length == 0 {
            return Ok(());
        }
        let vr = vr_for_rules(element);
        self.note_claim(walker, element)?;
        if is_private(tag) {
            return self.private_element(walker, element, vr, length);
        }
        match tag {
            PIXEL_DATA | tags::FLOAT_PIXEL_DATA | tags::DOUBLE_FLOAT_PIXEL_DATA => {
                self.has_pixels = true;
                return Ok(());
            }
            tags::ENCAPSULATED_DOCUMENT => {
                self.has_document = true;
                return self.take_bytes(walker, element, What::Document, length);
            }
            _ => {}
        }
        if vr == Vr::UI {
            return self.uids(walker, element, length);
        }
        if let Some((rule, kind)) = identifies(tag, vr) {
            return self.identifier(walker, element, vr, (rule, kind), length);
        }
        let what = match vr {
            Vr::UN => What::Private,
            Vr::LT | Vr::ST | Vr::UT | Vr::UC if !is_description(tag) => What::Long,
            Vr::LO | Vr::SH | Vr::UR if !is_description(tag) => What::Label,
            Vr::LT | Vr::ST | Vr::UT | Vr::UC | Vr::LO | Vr::SH | Vr::UR => What::Description,
            _ => return Ok(()),
        };
        self.take_text(walker, element, vr, what, length)
    }

    /// What the file says of its own cleaning.
    fn note_claim<S: ReadAt + ?Sized>(
        &mut self,
        walker: &mut Walker<'_, S>,
        element: &Element,
    ) -> Result<(), ReadError> {
        let is_short = element.length.is_some_and(|n| n <= 64);
        let is_code = element.tag == tags::CODE_VALUE
            && matches!(
                walker.path(),
                [PathStep {
                    sequence: tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE,
                    ..
                }]
            );
        if is_short && is_code {
            let code = uid_text(walker.value(element)?);
            self.claims.add_code(&code);
        }
        let is_root = walker.path().is_empty();
        if is_short && is_root && element.tag == tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED {
            let value = uid_text(walker.value(element)?);
            self.claims.set_dates(&value);
        }
        Ok(())
    }

    /// An attribute that names somebody: each of its values.
    fn identifier<S: ReadAt + ?Sized>(
        &mut self,
        walker: &mut Walker<'_, S>,
        element: &Element,
        vr: Vr,
        (rule, kind): (&'static Rule, Kind),
        length: usize,
    ) -> Result<(), ReadError> {
        let charset = *walker.charset();
        let path = path_of(walker, element.tag);
        let bytes = start_of(walker, element, length)?;
        let bytes = bytes.split(|&b| b == 0).next().unwrap_or_default();
        let whole = matches!(vr, Vr::ST | Vr::LT | Vr::UT | Vr::UR);
        let mut values: Vec<&[u8]> = Vec::with_capacity(1);
        if whole {
            values.push(bytes);
        } else {
            values.extend(charset.split_values(bytes));
        }
        for one in values {
            let one = value::trim(vr, one);
            if one.is_empty() || self.is_full() {
                continue;
            }
            let value = self.add_text(&charset, vr, one);
            self.present.push(Present {
                path: path.clone(),
                rule,
                kind,
                value,
            });
        }
        Ok(())
    }

    fn uids<S: ReadAt + ?Sized>(
        &mut self,
        walker: &mut Walker<'_, S>,
        element: &Element,
        length: usize,
    ) -> Result<(), ReadError> {
        if ui_roles::role(element.tag) == Some(UiRole::Keep) {
            return Ok(());
        }
        let path = path_of(walker, element.tag);
        let bytes = start_of(walker, element, length)?;
        let found = bytes.split(|&b| b == b'\\').find_map(|one| {
            let uid = uid_text(one);
            let leads = !uid.is_empty()
                && !uids::is_registered(&uid)
                && !super::nobody::is_random_uid(&uid);
            leads.then_some(uid)
        });
        if let Some(uid) = found
            && !self.is_full()
        {
            let start = self.text.len();
            self.text.push_str(&uid);
            self.present.push(Present {
                path,
                rule: &rules::UID,
                kind: Kind::Uid,
                value: start..self.text.len(),
            });
        }
        Ok(())
    }

    fn private_element<S: ReadAt + ?Sized>(
        &mut self,
        walker: &mut Walker<'_, S>,
        element: &Element,
        vr: Vr,
        length: usize,
    ) -> Result<(), ReadError> {
        self.note_private(walker, element);
        match vr {
            Vr::US
            | Vr::SS
            | Vr::UL
            | Vr::SL
            | Vr::FL
            | Vr::FD
            | Vr::OF
            | Vr::OD
            | Vr::AT
            | Vr::UV
            | Vr::SV => Ok(()),
            Vr::PN => self.identifier(
                walker,
                element,
                vr,
                (&rules::OTHER_PERSON, Kind::Physician),
                length,
            ),
            _ => self.take_text(walker, element, vr, What::Private, length),
        }
    }

    fn note_private<S: ReadAt + ?Sized>(&mut self, walker: &Walker<'_, S>, element: &Element) {
        let tag = element.tag;
        if !is_private(tag) || is_private_creator(tag) {
            return;
        }
        let [block, low] = tag.element().to_be_bytes();
        let creator = walker.creator_of(tag);
        if creator.is_some_and(|creator| safe_private::row(creator, tag.group(), low).is_some()) {
            return;
        }
        let key = (tag.group(), block);
        let blocks = self.private.len();
        match self.private.iter_mut().find(|known| known.key == key) {
            Some(known) => known.count = known.count.saturating_add(1),
            None if blocks < 256 => self.private.push(PrivateBlock {
                path: path_of(walker, tag),
                count: 1,
                key,
            }),
            None => self.overflows = true,
        }
    }

    fn take_text<S: ReadAt + ?Sized>(
        &mut self,
        walker: &mut Walker<'_, S>,
        element: &Element,
        vr: Vr,
        what: What,
        length: usize,
    ) -> Result<(), ReadError> {
        let is_text = !matches!(vr, Vr::UN | Vr::OB | Vr::OW | Vr::OL | Vr::OV);
        if !is_text {
            return self.take_bytes(walker, element, what, length);
        }
        let charset = *walker.charset();
        let path = path_of(walker, element.tag);
        let bytes = start_of(walker, element, length)?;
        let bytes = value::trim(vr, bytes.split(|&b| b == 0).next().unwrap_or_default());
        if bytes.is_empty() || self.is_full() {
            return Ok(());
        }
        let decoded = self.add_text(&charset, vr, bytes);
        self.add(path, bytes, decoded, what);
        self.take_end(walker, element, what, length)
    }

    fn take_bytes<S: ReadAt + ?Sized>(
        &mut self,
        walker: &mut Walker<'_, S>,
        element: &Element,
        what: What,
        length: usize,
    ) -> Result<(), ReadError> {
        if self.is_full() {
            return Ok(());
        }
        let path = path_of(walker, element.tag);
        let bytes = start_of(walker, element, length)?;
        let decoded = if is_printable(bytes) {
            let charset = CharacterSet::default();
            let trimmed = bytes.split(|&b| b == 0).next().unwrap_or_default();
            self.add_text(&charset, Vr::UT, trimmed)
        } else {
            0..0
        };
        self.add(path, bytes, decoded, what);
        self.take_end(walker, element, what, length)
    }

    /// The end of a long value, as bytes: the middle is not looked at.
    fn take_end<S: ReadAt + ?Sized>(
        &mut self,
        walker: &mut Walker<'_, S>,
        element: &Element,
        what: What,
        length: usize,
    ) -> Result<(), ReadError> {
        let rest = length.saturating_sub(MOST_VALUE).min(MOST_VALUE);
        if rest == 0 || self.is_full() {
            return Ok(());
        }
        let path = path_of(walker, element.tag);
        let end = element.end().unwrap_or(element.value_at);
        let from = end.saturating_sub(u64::try_from(rest).unwrap_or(0));
        self.add(path, walker.bytes(from, rest)?, 0..0, what);
        Ok(())
    }

    fn add(&mut self, path: ElementPath, bytes: &[u8], decoded: Range<usize>, what: What) {
        let bytes = self.add_bytes(bytes);
        self.texts.push(Text {
            path,
            bytes,
            decoded,
            what,
        });
    }

    /// True when enough is remembered; that more was there is said.
    fn is_full(&mut self) -> bool {
        let full = self.present.len() >= MOST_PLACES
            || self.texts.len() >= MOST_PLACES
            || self.text.len().saturating_add(self.bytes.len()) >= MOST_TEXT;
        self.overflows |= full;
        full
    }

    fn add_text(&mut self, charset: &CharacterSet, vr: Vr, bytes: &[u8]) -> Range<usize> {
        let start = self.text.len();
        match std::str::from_utf8(bytes) {
            Ok(text) if text.is_ascii() && !bytes.contains(&0x1B) => self.text.push_str(text),
            Ok(_) | Err(_) => self.text.push_str(&charset.decode(vr, bytes).text),
        }
        start..self.text.len()
    }

    fn add_bytes(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        start..self.bytes.len()
    }
}

/// The rule that an attribute breaks by having a value, and what the value names.
fn identifies(tag: Tag, vr: Vr) -> Option<(&'static Rule, Kind)> {
    let kind = kind_of(tag, vr)?;
    let rule = match kind {
        Kind::Name => &rules::PATIENT_NAME,
        Kind::Id if tag.group() == 0x0010 => &rules::PATIENT_ID,
        Kind::Id if is_of_a_device(tag) => &rules::DEVICE,
        Kind::Id | Kind::Accession => &rules::ORDER_NUMBER,
        Kind::Phone | Kind::Address => &rules::CONTACT,
        Kind::Date => &rules::DATE,
        Kind::BirthDate => &rules::BIRTH_DATE,
        Kind::Organisation => &rules::INSTITUTION,
        Kind::Physician => &rules::OTHER_PERSON,
        Kind::Station => &rules::DEVICE,
        Kind::Uid => &rules::UID,
        Kind::Other => &rules::DESCRIPTION,
    };
    Some((rule, kind))
}

/// An option of the standard keeps it with the device.
fn is_of_a_device(tag: Tag) -> bool {
    e1_1::row(tag).is_some_and(|row| row.option(ProfileOption::RetainDeviceIdentity).is_some())
}

/// A text that the Basic Profile takes away and Clean Descriptors cleans.
fn is_description(tag: Tag) -> bool {
    e1_1::row(tag).is_some_and(|row| {
        row.basic != ActionCode::K
            && row.option(ProfileOption::CleanDescriptors) == Some(ActionCode::C)
    })
}

fn path_of<S: ReadAt + ?Sized>(walker: &Walker<'_, S>, tag: Tag) -> ElementPath {
    ElementPath {
        steps: walker.path().into(),
        tag,
    }
}

/// The value, or the start of a long one.
fn start_of<'w, S: ReadAt + ?Sized>(
    walker: &'w mut Walker<'_, S>,
    element: &Element,
    length: usize,
) -> Result<&'w [u8], ReadError> {
    walker.bytes(element.value_at, length.min(MOST_VALUE))
}

/// Bytes that are mostly letters.
fn is_printable(bytes: &[u8]) -> bool {
    let start = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    let plain = start
        .iter()
        .filter(|b| matches!(b, 0x20..=0x7E | b'\n' | b'\r' | b'\t'))
        .count();
    plain >= 4 && plain.saturating_mul(10) >= start.len().saturating_mul(9)
}
