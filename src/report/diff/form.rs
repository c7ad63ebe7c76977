//! A difference as a line for people and as a line of JSON. Values stand there only where they were asked for.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::entry::PREAMBLE;
use super::{Difference, Kind, Shape, Side, Sums};
use crate::report::words::{counted, escaped, grouped};

impl Difference {
    /// `~ (0008,0020) DA StudyDate <8 bytes> -> <8 bytes>`
    #[must_use]
    pub fn to_text(&self) -> String {
        let mark = match self.kind {
            Kind::Removed => '-',
            Kind::Added => '+',
            Kind::Changed => '~',
        };
        let (vr, value) = match (&self.a, &self.b) {
            (Some(a), Some(b)) => {
                let vr = if a.vr == b.vr {
                    a.vr.to_owned()
                } else {
                    format!("{} -> {}", a.vr, b.vr)
                };
                let (from, to) = (a.to_text(), b.to_text());
                let only_vr = !self
                    .aspects
                    .iter()
                    .any(|aspect| *aspect != super::Aspect::Vr);
                let value = if only_vr {
                    to
                } else {
                    format!("{from} -> {to}")
                };
                (vr, value)
            }
            (Some(one), None) | (None, Some(one)) => (one.vr.to_owned(), one.to_text()),
            (None, None) => (String::new(), String::new()),
        };
        let vr = if self.path == PREAMBLE { "" } else { &vr };
        let words = [self.path.as_str(), vr, self.keyword, &value];
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        format!("{mark} {}", words.join(" "))
    }
}

impl Side {
    fn size(&self) -> String {
        match self.shape {
            Shape::Value(0) => "<empty>".to_owned(),
            Shape::Value(n) => format!("<{}>", counted(n, "byte", "bytes")),
            Shape::Items(n) => format!("<{}>", counted(n, "item", "items")),
            Shape::Fragments(n, bytes) => format!(
                "<{}, {}>",
                counted(n, "fragment", "fragments"),
                counted(bytes, "byte", "bytes")
            ),
        }
    }

    fn to_text(&self) -> String {
        let Some(value) = &self.value else {
            return self.size();
        };
        let text = if value.is_text {
            format!("\"{}\"", escaped(&value.text))
        } else {
            value.text.clone()
        };
        if value.cut {
            format!("{text}... {}", self.size())
        } else {
            text
        }
    }
}

impl Serialize for Side {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("vr", self.vr)?;
        match self.shape {
            Shape::Value(bytes) => map.serialize_entry("bytes", &bytes)?,
            Shape::Items(n) => map.serialize_entry("items", &n)?,
            Shape::Fragments(n, bytes) => {
                map.serialize_entry("fragments", &n)?;
                map.serialize_entry("bytes", &bytes)?;
            }
        }
        if let Some(value) = &self.value {
            map.serialize_entry("value", &value.text)?;
            if value.cut {
                map.serialize_entry("cut", &true)?;
            }
        }
        map.end()
    }
}

impl Serialize for Difference {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("kind", &self.kind)?;
        map.serialize_entry("path", &self.path)?;
        map.serialize_entry("keyword", self.keyword)?;
        if self.kind == Kind::Changed {
            map.serialize_entry("differs", &self.aspects)?;
        }
        for (name, side) in [("a", &self.a), ("b", &self.b)] {
            if let Some(side) = side {
                map.serialize_entry(name, side)?;
            }
        }
        map.end()
    }
}

impl Sums {
    /// `12 removed, 3 changed, 140 the same`
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut parts: Vec<String> = [
            (self.removed, "removed"),
            (self.added, "added"),
            (self.changed, "changed"),
        ]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{} {word}", grouped(n)))
        .collect();
        if parts.is_empty() {
            parts.push("nothing differs".to_owned());
        }
        parts.push(format!("{} the same", grouped(self.same)));
        parts.join(", ")
    }
}
