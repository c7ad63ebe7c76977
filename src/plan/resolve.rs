//! From an action code of Table E.1-1 to what is done here: PS3.15 E.1.1 and PS3.3 attribute types.
//!
//! A compound code says "the least that keeps the instance conformant"; what that is depends on the attribute's Type in
//! the IOD of this instance, at this path.

use crate::standard::e1_1::ActionCode;
use crate::standard::iod::AttributeType;

/// What is known about an attribute's Type at its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// The SOP Class is not known, so nothing is.
    UnknownIod,
    /// The IOD has no such attribute at this path.
    NotInIod,
    /// Its strictest Type over the modules of the IOD.
    Typed(AttributeType),
}

/// The action that a code comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolved {
    /// The data element goes.
    Remove,
    /// The value goes.
    Empty,
    /// The value becomes a dummy value.
    Dummy,
    /// It stays; inside a sequence the profile goes on.
    Keep,
    /// UIDs are replaced.
    Uid,
}

/// The demand that a Type makes, strictest first.
#[derive(Clone, Copy)]
enum Demand {
    Value,
    Present,
    Nothing,
    NotInIod,
}

/// Resolves a code. C has no meaning of its own here: the caller gives the code that stands in for it.
#[must_use]
pub fn resolve(code: ActionCode, presence: Presence) -> Resolved {
    let demand = match presence {
        Presence::UnknownIod if code == ActionCode::X => Demand::NotInIod,
        Presence::UnknownIod | Presence::Typed(AttributeType::One | AttributeType::OneC) => {
            Demand::Value
        }
        Presence::Typed(AttributeType::Two | AttributeType::TwoC) => Demand::Present,
        Presence::Typed(AttributeType::Three) => Demand::Nothing,
        Presence::NotInIod => Demand::NotInIod,
    };
    match code {
        ActionCode::K | ActionCode::C => Resolved::Keep,
        ActionCode::U => Resolved::Uid,
        ActionCode::D => match demand {
            Demand::NotInIod => Resolved::Remove,
            Demand::Value | Demand::Present | Demand::Nothing => Resolved::Dummy,
        },
        ActionCode::Z | ActionCode::ZD => match demand {
            Demand::Value => Resolved::Dummy,
            Demand::Present | Demand::Nothing => Resolved::Empty,
            Demand::NotInIod => Resolved::Remove,
        },
        ActionCode::X | ActionCode::XZ | ActionCode::XD | ActionCode::XZD => match demand {
            Demand::Value => Resolved::Dummy,
            Demand::Present => Resolved::Empty,
            Demand::Nothing | Demand::NotInIod => Resolved::Remove,
        },
        ActionCode::XZU => match demand {
            Demand::Value => Resolved::Keep,
            Demand::Present => Resolved::Empty,
            Demand::Nothing | Demand::NotInIod => Resolved::Remove,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ActionCode::{D, U, X, XD, XZ, XZD, XZU, Z, ZD};
    use AttributeType::{One, OneC, Three, Two, TwoC};
    use Presence::{NotInIod, Typed, UnknownIod};

    #[test]
    fn codes_resolve_by_type_as_the_table_of_the_specification_says() {
        let rows: &[(&[ActionCode], &[Presence], Resolved)] = &[
            (
                &[X, XZ, XD, XZD, XZU],
                &[Typed(Three), NotInIod],
                Resolved::Remove,
            ),
            (
                &[X, XZ, XD, XZD, XZU],
                &[Typed(Two), Typed(TwoC)],
                Resolved::Empty,
            ),
            (
                &[X, XZ, XD, XZD],
                &[Typed(One), Typed(OneC)],
                Resolved::Dummy,
            ),
            (
                &[XZU],
                &[Typed(One), Typed(OneC), UnknownIod],
                Resolved::Keep,
            ),
            (
                &[Z, ZD],
                &[Typed(Three), Typed(Two), Typed(TwoC)],
                Resolved::Empty,
            ),
            (&[Z, ZD, D], &[NotInIod], Resolved::Remove),
            (&[Z, ZD, D, XZ, XD, XZD], &[UnknownIod], Resolved::Dummy),
            (&[X], &[UnknownIod], Resolved::Remove),
            (&[Z, ZD], &[Typed(One), Typed(OneC)], Resolved::Dummy),
            (
                &[D],
                &[Typed(Three), Typed(Two), Typed(OneC), Typed(One)],
                Resolved::Dummy,
            ),
            (
                &[U],
                &[Typed(Three), NotInIod, UnknownIod, Typed(One)],
                Resolved::Uid,
            ),
        ];
        for (codes, presences, expected) in rows {
            for code in *codes {
                for presence in *presences {
                    assert_eq!(
                        resolve(*code, *presence),
                        *expected,
                        "{code:?} {presence:?}"
                    );
                }
            }
        }
    }
}
