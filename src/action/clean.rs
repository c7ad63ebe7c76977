//! C and `clean`: text is kept, what identifies is cut out of it (PRIVACY rules on text; PS3.15 E.3.5).
//!
//! `CT chest DOE JANE -> CT chest`. The text is decoded by the character set in force; what cannot be decoded is searched
//! as bytes and emptied when something is found.

use crate::dicom::charset::CharacterSet;
use crate::dicom::{Vr, value};
use crate::identity::known::KnownIdentifiers;
use crate::identity::text::{DatesInText, How};

/// The cleaned value, without padding; `None` when there was nothing to cut.
#[must_use]
pub fn clean(
    bytes: &[u8],
    vr: Vr,
    charset: &CharacterSet,
    known: &KnownIdentifiers,
    how: &How,
) -> Option<Vec<u8>> {
    let several = !matches!(vr, Vr::LT | Vr::ST | Vr::UT | Vr::UR);
    let trimmed = value::trim(vr, bytes);
    if trimmed.is_empty() {
        return None;
    }
    if !several {
        return clean_one(trimmed, vr, charset, known, how);
    }
    let mut changed = false;
    let mut out = Vec::with_capacity(bytes.len());
    for (index, one) in charset.split_values(trimmed).enumerate() {
        if index > 0 {
            out.push(b'\\');
        }
        match clean_one(one, vr, charset, known, how) {
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
    how: &How,
) -> Option<Vec<u8>> {
    let decoded = charset.decode(vr, bytes);
    let hit = known.strong_hits(bytes).next().is_some();
    if !decoded.lossless {
        // what is left may be kept where there is no doubt about it
        let cut = known.clean_text(&decoded.text, how);
        let plain = |text: String| {
            if text.is_ascii() && known.strong_hits(text.as_bytes()).next().is_none() {
                text.into_bytes()
            } else {
                Vec::new()
            }
        };
        return cut.map(plain).or_else(|| hit.then(Vec::new));
    }
    let fits = |text: &str| {
        let most = value::max_len(vr).unwrap_or(usize::MAX);
        text.chars().count() <= most.max(decoded.text.chars().count())
    };
    let cleaned = match known.clean_text(&decoded.text, how) {
        // a month can have a longer name than the one before
        Some(text) if !fits(&text) => {
            let cut = How {
                dates: DatesInText::Cut,
                ..*how
            };
            known.clean_text(&decoded.text, &cut)
        }
        cleaned => cleaned,
    };
    match cleaned {
        Some(text) => {
            let encoded = charset.encode(&text).unwrap_or_default();
            let still = known.strong_hits(&encoded).next().is_some();
            Some(if still { Vec::new() } else { encoded })
        }
        None => hit.then(Vec::new),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::identity::known::{Kind, KnownIdentifiersBuilder};
    use crate::identity::text::Depth;

    fn known() -> KnownIdentifiers {
        let mut builder = KnownIdentifiersBuilder::default();
        builder.add(Kind::Name, b"KOWALCZYK^ZBIGNIEW", "KOWALCZYK^ZBIGNIEW");
        builder.build()
    }

    fn how(days: i64) -> How {
        How {
            depth: Depth::Full,
            dates: DatesInText::Shift(days),
            keeps_uids: false,
        }
    }

    #[test]
    fn what_cannot_be_decoded_keeps_what_is_beyond_doubt() {
        let utf8 = CharacterSet::parse(b"ISO_IR 192");
        let cut = |bytes: &[u8]| clean(bytes, Vr::LO, &utf8, &known(), &how(-5));
        assert_eq!(cut(b"CT chest Kowalczyk"), Some(b"CT chest".to_vec()));
        assert_eq!(cut(b"CT K\xf6rper Kowalczyk"), Some(Vec::new()));
        assert_eq!(cut(b"CT K\xf6rper"), None);
    }

    proptest! {
        #[test]
        fn no_value_outgrows_its_vr(
            day in 1u8..29,
            month in 0usize..12,
            year in 1990u16..2024,
            days in -3650i64..0,
            fill in 0usize..40,
        ) {
            const MONTHS: [&str; 12] = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
            let text = format!("{}{day} {} {year}", "x ".repeat(fill), MONTHS[month]);
            for (vr, most) in [(Vr::SH, 16), (Vr::LO, 64), (Vr::LT, 10_240)] {
                let cleaned = clean(text.as_bytes(), vr, &CharacterSet::default(), &known(), &how(days)).unwrap_or_default();
                prop_assert!(cleaned.len() <= most.max(text.len()), "{text} {vr:?}");
                let written = format!(" {} {year}", MONTHS[month]);
                prop_assert!(!String::from_utf8_lossy(&cleaned).contains(&format!("{day}{written}")), "{text}");
            }
        }
    }
}
