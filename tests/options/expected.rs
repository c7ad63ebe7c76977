//! What becomes of a planted value: the table of PRIVACY.md section 1 written a second time, from the page and not from the
//! code.

use dcmscrub::dicom::{Tag, Vr};
use dcmscrub::standard::e1_1::{self, ActionCode as Code, ProfileOption, Row};
use dcmscrub::standard::iod::{AttributeType as Type, iod};

use super::places::{At, Place, UNKNOWN_CLASS};

/// A curve's label; the numbers of a curve are in `claims`.
pub const CURVE_LABEL: Tag = Tag(0x5000, 0x2500);
/// The bitmap of an overlay.
pub const OVERLAY_DATA: Tag = Tag(0x6000, 0x3000);
/// The comments of an overlay.
pub const OVERLAY_COMMENTS: Tag = Tag(0x6000, 0x4000);
/// A private attribute of `GEMS_ACQU_01` in Table E.3.10-1.
pub const SAFE_PRIVATE: Tag = Tag(0x0019, 0x1023);

/// What the output has in the place of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// No data element.
    Removed,
    /// A data element without a value, a sequence without items.
    Empty,
    /// A value that is valid and another; a sequence with items and without its words.
    Dummy,
    /// The same value; a sequence that was gone into.
    Same,
    /// Another UID.
    Uid,
    /// The same date, moved by the patient's days.
    Shifted,
    /// The text without the name.
    Cleaned,
}

/// The VR that a row is planted with.
pub fn vr_of(place: &Place) -> Vr {
    match place.tag {
        CURVE_LABEL => Vr::LO,
        OVERLAY_DATA => Vr::OW,
        SAFE_PRIVATE => Vr::DS,
        _ => place.row.vr,
    }
}

/// The code in force: an option's replaces the basic one, and of two the more protective one counts, C over K.
fn code(row: &Row, options: &[ProfileOption]) -> Code {
    let of_options: Vec<Code> = options.iter().filter_map(|o| row.option(*o)).collect();
    if of_options.contains(&Code::C) {
        Code::C
    } else {
        of_options.first().copied().unwrap_or(row.basic)
    }
}

/// C of a value; `None`: it cannot be cleaned, so that the code without the option acts.
fn cleaned(tag: Tag, vr: Vr) -> Option<Outcome> {
    // the time zone
    if tag == Tag(0x0008, 0x0201) {
        return None;
    }
    match vr {
        Vr::DA | Vr::DT => Some(Outcome::Shifted),
        // whole days leave times alone; a code is no text; a sequence is gone into
        Vr::TM | Vr::CS | Vr::SQ => Some(Outcome::Same),
        // the letter of E.1-1: comments are text, and stay cleaned where the bitmap goes
        Vr::LT if tag == OVERLAY_COMMENTS => Some(Outcome::Cleaned),
        Vr::AE | Vr::LO | Vr::LT | Vr::SH | Vr::ST | Vr::UC | Vr::UT => Some(Outcome::Cleaned),
        Vr::OB | Vr::OW | Vr::UN => None,
        _ => panic!("C for {vr:?}"),
    }
}

/// The table of PRIVACY.md section 1.
fn resolved(code: Code, at: At) -> Outcome {
    use Outcome::{Dummy, Empty, Removed, Same, Uid};
    let (must_have_value, must_be_there) = match at {
        At::Typed(Type::One | Type::OneC) => (true, true),
        At::Typed(Type::Two | Type::TwoC) => (false, true),
        At::Typed(Type::Three) | At::NotInIod => (false, false),
        At::UnknownClass => (code != Code::X, code != Code::X),
    };
    let in_iod = at != At::NotInIod;
    match code {
        Code::K => Same,
        Code::U => Uid,
        Code::C => panic!("C is answered before"),
        Code::D if in_iod => Dummy,
        Code::D => Removed,
        Code::Z | Code::ZD if must_have_value => Dummy,
        Code::Z | Code::ZD if in_iod => Empty,
        Code::Z | Code::ZD => Removed,
        Code::XZU if must_have_value => Same,
        Code::X | Code::XZ | Code::XD | Code::XZD if must_have_value => Dummy,
        Code::X | Code::XZ | Code::XD | Code::XZD | Code::XZU if must_be_there => Empty,
        Code::X | Code::XZ | Code::XD | Code::XZD | Code::XZU => Removed,
    }
}

/// Rows that the tool has a rule of its own for, each with its reason.
fn exception(place: &Place, options: &[ProfileOption]) -> Option<Outcome> {
    match place.tag {
        // basic.toml, PRIVACY.md 4: the patient's code, which Z/D and Z allow; at every depth and for every IOD
        Tag(0x0010, 0x0010 | 0x0020) => Some(Outcome::Dummy),
        // PRIVACY.md 2.7: command group, file meta group in a data set, directory group outside a DICOMDIR
        Tag(0x0000 | 0x0002 | 0x0004, _) => Some(Outcome::Removed),
        // PRIVACY.md 2.7: padding behind the data set
        Tag(0xFFFC, 0xFFFC) => Some(Outcome::Removed),
        // PS3.15 E.3.10: C of private attributes means that those that are known to be safe stay
        SAFE_PRIVATE if options.contains(&ProfileOption::RetainSafePrivate) => Some(Outcome::Same),
        _ => None,
    }
}

/// What the sequences around a place come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Around {
    /// They are gone into.
    Open,
    /// One of them goes with all that is in it, or keeps no item.
    Gone,
    /// One of them becomes a dummy; what is inside is not in PRIVACY.md section 1.
    Dummy,
}

/// What the sequences around this place come to; those that the table does not list are gone into.
pub fn around(class: &str, path: &[Tag], options: &[ProfileOption]) -> Around {
    for (depth, tag) in path.iter().enumerate() {
        let Some(row) = e1_1::row(*tag) else {
            continue;
        };
        let t = iod(class).and_then(|iod| iod.attribute_type(&path[..=depth]));
        let sequence = Place {
            row,
            tag: *tag,
            sop_class: UNKNOWN_CLASS,
            path: path[..depth].to_vec(),
            at: t.map_or(At::NotInIod, At::Typed),
        };
        match of_row(&sequence, options) {
            Outcome::Same => {}
            Outcome::Dummy => return Around::Dummy,
            _ => return Around::Gone,
        }
    }
    Around::Open
}

/// What becomes of a value of this row at this place; `None` inside a dummy.
pub fn outcome(place: &Place, options: &[ProfileOption]) -> Option<Outcome> {
    match around(place.sop_class, &place.path, options) {
        Around::Open => Some(of_row(place, options)),
        Around::Gone => Some(Outcome::Removed),
        Around::Dummy => None,
    }
}

fn of_row(place: &Place, options: &[ProfileOption]) -> Outcome {
    if let Some(outcome) = exception(place, options) {
        return outcome;
    }
    let vr = vr_of(place);
    let code = match code(place.row, options) {
        Code::C => match cleaned(place.tag, vr) {
            Some(outcome) => return outcome,
            None => place.row.basic,
        },
        code => code,
    };
    resolved(code, place.at)
}

/// What becomes of the row where it is there without a value: it stays so, unless D and t = 1.
pub fn outcome_of_empty(place: &Place, options: &[ProfileOption]) -> Option<Outcome> {
    let is_d = code(place.row, options) == Code::D;
    let outcome = match outcome(place, options)? {
        Outcome::Removed => Outcome::Removed,
        // an instance without a UID gets one from its content, so that two of them do not become one
        Outcome::Uid if place.tag == Tag(0x0008, 0x0018) && place.path.is_empty() => Outcome::Uid,
        // PRIVACY.md 2.13: the tree of a report becomes a minimal valid one, whatever it was
        Outcome::Dummy if place.tag == Tag(0x0040, 0xA730) => Outcome::Dummy,
        // no item that conforms to every IOD can be made: docs/design.md
        Outcome::Dummy if is_d && vr_of(place) == Vr::SQ => Outcome::Empty,
        Outcome::Dummy
            if is_d
                && matches!(
                    place.at,
                    At::Typed(Type::One | Type::OneC) | At::UnknownClass
                ) =>
        {
            Outcome::Dummy
        }
        _ => Outcome::Empty,
    };
    Some(outcome)
}
