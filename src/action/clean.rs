//! C and `clean`: text is kept, what identifies is cut out of it (PRIVACY rules on text; PS3.15 E.3.5).
//!
//! `CT chest DOE JANE -> CT chest`. The text is decoded by the character set in force; what cannot be decoded is searched
//! as bytes and emptied when something is found.

use crate::dicom::charset::CharacterSet;
use crate::dicom::{Vr, value};
use crate::identity::known::KnownIdentifiers;

/// The cleaned value, without padding; `None` when there was nothing to cut.
#[must_use]
pub fn clean(
    bytes: &[u8],
    vr: Vr,
    charset: &CharacterSet,
    known: &KnownIdentifiers,
) -> Option<Vec<u8>> {
    let several = !matches!(vr, Vr::LT | Vr::ST | Vr::UT | Vr::UR);
    let trimmed = value::trim(vr, bytes);
    if trimmed.is_empty() {
        return None;
    }
    if !several {
        return clean_one(trimmed, vr, charset, known);
    }
    let mut changed = false;
    let mut out = Vec::with_capacity(bytes.len());
    for (index, one) in charset.split_values(trimmed).enumerate() {
        if index > 0 {
            out.push(b'\\');
        }
        match clean_one(one, vr, charset, known) {
            Some(new) => {
                changed = true;
                out.extend_from_slice(&new);
            }
            None => out.extend_from_slice(one),
        }
    }
    changed.then_some(out)
}

fn clean_one(
    bytes: &[u8],
    vr: Vr,
    charset: &CharacterSet,
    known: &KnownIdentifiers,
) -> Option<Vec<u8>> {
    let decoded = charset.decode(vr, bytes);
    let hit = known.strong_hits(bytes).next().is_some();
    if !decoded.lossless {
        let cut = known.clean_text(&decoded.text).is_some();
        return (hit || cut).then(Vec::new);
    }
    match known.clean_text(&decoded.text) {
        Some(text) => {
            let encoded = charset.encode(&text).unwrap_or_default();
            let still = known.strong_hits(&encoded).next().is_some();
            Some(if still || encoded.len() > bytes.len() {
                Vec::new()
            } else {
                encoded
            })
        }
        None => hit.then(Vec::new),
    }
}
