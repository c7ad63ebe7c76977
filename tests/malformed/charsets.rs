//! Texts in character sets that are unknown, wrong, or left in mid-sequence, and other spellings of the person's name.

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use super::bytes::{DataSet, LE, length};
use super::case::Expect::{Clean, Either};
use super::case::{Canaries, Case, List};

pub fn cases() -> Vec<Case> {
    let mut list = List::new("charsets", 6);
    unknown(&mut list);
    broken(&mut list);
    trails(&mut list);
    other_forms(&mut list);
    scopes(&mut list);
    list.cases
}

fn with_charset(data_set: DataSet, charset: &str) -> DataSet {
    data_set.with(tags::SPECIFIC_CHARACTER_SET, "CS", charset)
}

fn unknown(list: &mut List) {
    for (name, charset) in [
        ("number", "ISO_IR 999"),
        ("word", "UTF-16"),
        ("lower-case", "iso_ir 100"),
        ("underscores", "ISO_IR_100"),
        ("spaces", " ISO_IR 192 "),
        ("empty-values", "\\\\"),
        (
            "many",
            "ISO 2022 IR 6\\ISO 2022 IR 87\\ISO 2022 IR 149\\ISO 2022 IR 58",
        ),
        ("utf8-with-extension", "ISO_IR 192\\ISO 2022 IR 87"),
        ("unknown-extension", "\\ISO 2022 IR 999"),
        ("gbk", "GBK"),
        ("gb18030", "GB18030"),
    ] {
        list.image(format!("unknown-{name}"), Either, |data_set, c| {
            let mut value = c.direct("OtherPatientNames").into_bytes();
            value.extend(b"^\xe4\xf6\x5c");
            with_charset(data_set, charset).with(tags::OTHER_PATIENT_NAMES, "PN", value)
        });
    }
    list.owned("charset-is-a-name", Either, |data_set, id| {
        with_charset(data_set, id)
    });
    list.owned("charset-of-2000-bytes", Either, |data_set, id| {
        with_charset(data_set, &id.repeat(170))
    });
}

fn broken(list: &mut List) {
    for (name, charset, behind) in [
        ("escape-cut", "\\ISO 2022 IR 87", &b"\x1b$"[..]),
        ("escape-cut-more", "\\ISO 2022 IR 87", b"\x1b"),
        ("escape-unknown", "\\ISO 2022 IR 87", b"\x1b$)Z\xb1\xb1"),
        ("escape-not-declared", "ISO_IR 100", b"\x1b$B;3ED"),
        ("no-way-back", "\\ISO 2022 IR 87", b"\x1b$B;3E"),
        ("utf8-cut", "ISO_IR 192", b"\xc3"),
        ("utf8-invalid", "ISO_IR 192", b"\xc3\x28\xff\xfe"),
        ("utf8-overlong", "ISO_IR 192", b"\xc0\xaf\xc1\x81"),
        ("utf8-surrogates", "ISO_IR 192", b"\xed\xa0\x80\xed\xb0\x80"),
        ("gb18030-cut", "GB18030", b"\x81\x30\x81"),
        ("korean-cut", "\\ISO 2022 IR 149", b"\x1b$)C\xb1"),
        ("high-in-ascii", "ISO_IR 6", b"\xc4\xd6\xdc"),
    ] {
        list.image(format!("broken-{name}"), Either, |data_set, c| {
            let mut value = c.direct("a name before a broken escape").into_bytes();
            value.extend(b"^");
            value.extend(behind);
            let mut comment = c.text("a name behind a broken escape").into_bytes();
            comment.splice(0..0, behind.iter().copied());
            with_charset(data_set, charset)
                .with(tags::OTHER_PATIENT_NAMES, "PN", value)
                .with(tags::IMAGE_COMMENTS, "LT", comment)
        });
    }
}

/// The second byte of a character is a backslash, which separates no values there.
fn trails(list: &mut List) {
    for (name, charset, character) in [
        ("gbk", "GBK", &b"\x81\x5c"[..]),
        ("gb18030", "GB18030", b"\x95\x5c"),
        ("shift-jis-undeclared", "ISO_IR 13", b"\x83\x5c"),
        ("kanji", "\\ISO 2022 IR 87", b"\x1b$B%\x5c\x1b(B"),
    ] {
        list.image(format!("trail-{name}"), Clean, |data_set, c| {
            let token = c.direct("OtherPatientNames behind a backslash");
            let value = [b"A", character, token.as_bytes(), character].concat();
            with_charset(data_set, charset)
                .with(tags::OTHER_PATIENT_NAMES, "PN", value.clone())
                .with(tags::PATIENT_NAME, "PN", value)
        });
    }
}

/// Bytes of a text of the person's name in another form of writing.
type Writing = fn(&str) -> Vec<u8>;

fn utf16_le(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn utf16_be(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

fn other_forms(list: &mut List) {
    let writings: [(&str, Writing); 6] = [
        ("utf16-le", utf16_le),
        ("utf16-be", utf16_be),
        ("utf16-with-mark", |text| {
            [vec![0xFF, 0xFE], utf16_le(text)].concat()
        }),
        ("lower-case", |text| text.to_lowercase().into_bytes()),
        ("between-nuls", |text| {
            format!("\0\0{text}\0\0").into_bytes()
        }),
        ("utf8-with-mark", |text| {
            format!("\u{feff}{text}").into_bytes()
        }),
    ];
    for (name, writing) in writings {
        for (place, tag, vr) in [
            ("private", Tag(0x0029, 0x1010), "UN"),
            ("unlisted-bytes", Tag(0x0018, 0x9999), "OB"),
            ("description", tags::SERIES_DESCRIPTION, "LO"),
            ("unlisted-text", tags::CONTRAST_BOLUS_ROUTE, "LO"),
        ] {
            list.image(format!("{name}-in-{place}"), Either, |data_set, c| {
                let name = named_patient(c);
                data_set
                    .with(tags::PATIENT_NAME, "PN", format!("{name}^ANNA"))
                    .with(tag, vr, writing(&name))
            });
        }
    }
    list.image("name-reversed-and-split", Clean, |data_set, c| {
        let name = named_patient(c);
        data_set
            .with(tags::PATIENT_NAME, "PN", format!("{name}^ANNA"))
            .with(
                tags::SERIES_DESCRIPTION,
                "LO",
                format!("ANNA {name} THORAX"),
            )
            .with(
                tags::CONTRAST_BOLUS_ROUTE,
                "LO",
                format!("IV for {name}, ANNA"),
            )
    });
    list.image("id-in-other-text", Clean, |data_set, c| {
        let id = c.direct("PatientID in a text");
        data_set
            .with(tags::PATIENT_ID, "LO", &id)
            .with(tags::BODY_PART_EXAMINED, "CS", format!("HEAD {id}"))
            .with(tags::CONTRAST_BOLUS_AGENT, "LO", format!("see {id}"))
            .with(tags::FILTER_TYPE, "SH", &id)
    });
}

fn named_patient(c: &mut Canaries) -> String {
    c.direct("PatientName in another form")
}

/// A character set holds for its item, and for what is in it.
fn scopes(list: &mut List) {
    list.image("another-in-an-item", Clean, |data_set, c| {
        let charset = LE.element(tags::SPECIFIC_CHARACTER_SET, "CS", "GB18030");
        let token = c.direct("PatientName in an item");
        let name = [b"\x81\x5c", token.as_bytes()].concat();
        let name = LE.element(tags::PATIENT_NAME, "PN", name);
        let tag = tags::REQUEST_ATTRIBUTES_SEQUENCE;
        with_charset(data_set, "ISO_IR 100").raw(tag, LE.sequence(tag, &[[charset, name].concat()]))
    });
    list.image("one-inside-unknown", Clean, |data_set, c| {
        let form = super::bytes::Form::Implicit;
        let charset = form.element(tags::SPECIFIC_CHARACTER_SET, "CS", "ISO_IR 192");
        let name = c.direct("PatientName inside UN").replace('Z', "\u{17d}");
        c.given(&name, "PatientName in UTF-8 inside UN");
        let name = form.element(tags::PATIENT_NAME, "PN", name);
        let item = form.item([charset, name].concat());
        let tag = tags::REQUEST_ATTRIBUTES_SEQUENCE;
        data_set.raw(tag, LE.declared(tag, "UN", &item, length(&item)))
    });
    list.image("one-behind-the-name", Clean, |data_set, c| {
        let token = c.direct("OtherPatientNames before the character set");
        let element = LE.element(tags::SPECIFIC_CHARACTER_SET, "CS", "GB18030");
        let name = LE.element(tags::OTHER_PATIENT_NAMES, "PN", format!("{token}\\x"));
        data_set.also(tags::OTHER_PATIENT_NAMES, [name, element].concat())
    });
}
