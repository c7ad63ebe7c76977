//! One kind of damage, with what has to be told of it.

use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_object::DefaultDicomObject;

use super::bench::{Bench, Copy, Found, with_item};

/// One damage.
pub struct Row {
    pub name: &'static str,
    pub damage: Damage,
    /// Code, the input whose output is named or a place, and what the data element contains.
    pub expected: (&'static str, &'static str, &'static str),
    /// The code when the journal was made to fit; `None` where it cannot be, or where no more is known then.
    pub sealed: Option<&'static str>,
}

/// What is done to the output of an input.
pub enum Damage {
    /// Whatever this does, be it to other files.
    By(fn(&Copy<'_>)),
    /// Its bytes are changed.
    Bytes(fn(&mut Vec<u8>)),
    /// Its data set is changed.
    Object(fn(&mut DefaultDicomObject)),
    /// A data element gets this value.
    Set(Tag, VR, &'static str),
    /// A data element gets it in the item of these sequences.
    Inside(&'static [Tag], Tag, VR, &'static str),
    /// A data element gets the value that one has in the output of another input: that input, its tag, the one that gets it.
    From(&'static str, Tag, Tag, VR),
}

impl Damage {
    fn to(&self, copy: &Copy<'_>, input: &str) {
        match self {
            Self::By(damage) => damage(copy),
            Self::Bytes(change) => copy.bytes(&copy.path(input), change),
            Self::Object(change) => copy.edit(input, change),
            Self::Set(tag, vr, text) => copy.set(input, *tag, *vr, text),
            Self::Inside(path, tag, vr, text) => copy.edit(input, |object| {
                with_item(object, path, |item| {
                    let value = PrimitiveValue::from(*text);
                    item.put(DataElement::new(*tag, *vr, value));
                });
            }),
            Self::From(other, of, tag, vr) => copy.set(input, *tag, *vr, &copy.get(other, *of)),
        }
    }
}

/// A damage that is told by the same code when the journal was made to fit: its name, the input, what is done to the output,
/// the code, what the data element contains.
pub const fn told(
    name: &'static str,
    input: &'static str,
    damage: Damage,
    code: &'static str,
    element: &'static str,
) -> Row {
    Row {
        name,
        damage,
        expected: (code, input, element),
        sealed: Some(code),
    }
}

/// A damage to whatever this changes.
pub const fn row(
    name: &'static str,
    damage: fn(&Copy<'_>),
    expected: (&'static str, &'static str, &'static str),
    sealed: Option<&'static str>,
) -> Row {
    Row {
        name,
        damage: Damage::By(damage),
        expected,
        sealed,
    }
}

impl Row {
    /// The same where this code is told when the journal was made to fit.
    pub const fn sealed(mut self, code: Option<&'static str>) -> Self {
        self.sealed = code;
        self
    }

    /// Damages a copy of the output.
    pub fn damage(&self, copy: &Copy<'_>) {
        self.damage.to(copy, self.expected.1);
    }

    /// True where the damage was told by this code, and in its place where that counts.
    pub fn is_told(&self, bench: &Bench, found: &Found, code: &str, place_counts: bool) -> bool {
        let (_, place, element) = self.expected;
        let names_input = !place.contains(['/', '.', '*']);
        let place = if names_input {
            bench.place(place)
        } else {
            place
        };
        let is_place = |told: &str| match place.strip_prefix('*') {
            Some(part) => told.contains(part),
            None => told == place,
        };
        found.iter().any(|(told, at, of)| {
            told == code && (!place_counts || is_place(at) && of.contains(element))
        })
    }
}
