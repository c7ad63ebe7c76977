//! What an encapsulated document says of itself: author, title, subject of a PDF; people of a clinical document.
//!
//! Owns: the outside of documents (ISO 32000-1 section 14.3, HL7 CDA). What they say inside is not looked at.

use memchr::memmem;

/// Entries of the document information of a PDF that people fill in; `Creator` and `Producer` are programs.
const ENTRIES: [&[u8]; 4] = [b"/Author", b"/Title", b"/Subject", b"/Keywords"];
/// The same in XMP.
const XMP: [&[u8]; 3] = [b"<dc:creator>", b"<dc:title>", b"<dc:description>"];
/// People of a clinical document.
const PEOPLE: [&[u8]; 3] = [b"<family", b"<given", b"<streetAddressLine"];

/// True when a value is there.
#[must_use]
pub fn says_whose_it_is(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"%PDF") || memmem::find(bytes, b"%%EOF").is_some() {
        ENTRIES.iter().any(|entry| has_string(bytes, entry))
            || XMP.iter().any(|mark| holds(bytes, mark))
    } else {
        PEOPLE.iter().any(|mark| has_content(bytes, mark))
    }
}

fn holds(bytes: &[u8], mark: &[u8]) -> bool {
    memmem::find(bytes, mark).is_some()
}

/// `/Author (J. Doe)` or `/Author <FEFF...>`, and not an empty one.
fn has_string(bytes: &[u8], entry: &[u8]) -> bool {
    memmem::find_iter(bytes, entry).any(|at| {
        let behind = bytes
            .get(at.saturating_add(entry.len())..)
            .unwrap_or_default();
        let behind = behind.trim_ascii_start();
        match behind {
            [b'(', b')', ..] | [b'<', b'>' | b'<', ..] => false,
            [b'(' | b'<', ..] => true,
            _ => false,
        }
    })
}

/// `<family>Doe</family>`, and not `<family nullFlavor="MSK"/>`.
fn has_content(bytes: &[u8], mark: &[u8]) -> bool {
    memmem::find_iter(bytes, mark).any(|at| {
        let behind = bytes.get(at..).unwrap_or_default();
        let end = memchr::memchr(b'>', behind).unwrap_or(behind.len());
        let tag = behind.get(..end).unwrap_or_default();
        let content = behind.get(end.saturating_add(1)..).unwrap_or_default();
        !tag.ends_with(b"/")
            && content
                .trim_ascii_start()
                .first()
                .is_some_and(|b| *b != b'<')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_that_say_whose_they_are_are_told_from_those_that_do_not() {
        let rows: &[(&[u8], bool)] = &[
            (
                b"%PDF-1.4\n1 0 obj\n<</Author (QUILLA Verbor)/Producer (x)>>",
                true,
            ),
            (
                b"%PDF-1.4\n1 0 obj\n<</Author () /Title<>/Producer (x)>>",
                false,
            ),
            (b"%PDF-1.7 <</Title <FEFF0051>>>", true),
            (b"... trailer <</Subject (about somebody)>> %%EOF", true),
            (b"<?xml?><name><given>Q</given></name>", true),
            (b"<?xml?><name><family nullFlavor=\"MSK\"/></name>", false),
            (
                &crate::action::document::stand_in("1.2.840.10008.5.1.4.1.1.104.1"),
                false,
            ),
            (
                &crate::action::document::stand_in("1.2.840.10008.5.1.4.1.1.104.2"),
                false,
            ),
        ];
        for (bytes, expected) in rows {
            assert_eq!(
                says_whose_it_is(bytes),
                *expected,
                "{}",
                String::from_utf8_lossy(bytes)
            );
        }
    }
}
