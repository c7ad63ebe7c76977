use super::*;

fn decode(set: &str, bytes: &[u8]) -> String {
    let decoded = CharacterSet::parse(set.as_bytes()).decode(Vr::PN, bytes);
    assert!(decoded.lossless, "{set}");
    decoded.text
}

#[test]
fn names_decode_in_every_repertoire() {
    let rows: &[(&str, &[u8], &str)] = &[
        ("ISO_IR 100", b"Buc^J\xe9r\xf4me", "Buc^Jérôme"),
        ("ISO_IR 144", b"\xbb\xee\xda", "Люк"),
        ("ISO_IR 126", b"\xc4\xe9\xef", "Διο"),
        (
            "ISO_IR 192",
            "Wang^XiaoDong=王^小東".as_bytes(),
            "Wang^XiaoDong=王^小東",
        ),
        (
            "GB18030",
            b"Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab",
            "Wang^XiaoDong=王^小东",
        ),
        (
            "\\ISO 2022 IR 87",
            b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B",
            "Yamada^Tarou=山田^太郎",
        ),
        (
            "ISO 2022 IR 13\\ISO 2022 IR 87",
            b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J",
            "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎",
        ),
        (
            "\\ISO 2022 IR 149",
            b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7",
            "Hong^Gildong=洪^吉洞",
        ),
    ];
    for (set, bytes, text) in rows {
        assert_eq!(decode(set, bytes), *text, "{set}");
    }
}

#[test]
fn the_default_repertoire_is_the_same_in_every_set() {
    let text = "Yamada^Tarou=~\\ \r\n\t\0";
    assert_eq!(default_repertoire(text.as_bytes()), Some(text));
    assert_eq!(default_repertoire(b""), Some(""));
    for set in [
        "",
        "ISO_IR 144",
        "ISO_IR 192",
        "GB18030",
        "\\ISO 2022 IR 87",
        "ISO_IR 13",
    ] {
        assert_eq!(decode(set, text.as_bytes()), text, "{set}");
    }
    // a byte of another set, and an escape that calls in one where extensions are declared
    for other in [b"M\xfcller".as_slice(), "Müller".as_bytes()] {
        assert_eq!(default_repertoire(other), None);
    }
    let kanji = b"\x1b$B;3ED\x1b(B";
    assert!(kanji.is_ascii());
    assert_eq!(default_repertoire(kanji), None);
    assert_eq!(decode("\\ISO 2022 IR 87", kanji), "山田");
}

#[test]
fn every_single_byte_set_is_called_by_its_terms_and_by_its_escape() {
    let rows: &[(&str, &str, u8, u8, char)] = &[
        ("IR 100", "8859-1", b'A', 0xE9, 'é'),
        ("IR 101", "8859-2", b'B', 0xE6, 'ć'),
        ("IR 109", "8859-3", b'C', 0xE6, 'ĉ'),
        ("IR 110", "8859-4", b'D', 0xE7, 'į'),
        ("IR 144", "8859-5", b'L', 0xE6, 'ц'),
        ("IR 127", "8859-6", b'G', 0xE6, 'ن'),
        ("IR 126", "8859-7", b'F', 0xE6, 'ζ'),
        ("IR 138", "8859-8", b'H', 0xE0, 'א'),
        ("IR 148", "8859-9", b'M', 0xFD, 'ı'),
        ("IR 203", "8859-15", b'b', 0xA4, '€'),
        ("IR 166", "IR 166", b'T', 0xA1, 'ก'),
    ];
    for (term, other, last, byte, c) in rows {
        let text = format!("A{c}");
        for set in [
            format!("ISO_{term}"),
            format!("ISO-{other}"),
            term.to_lowercase(),
        ] {
            assert_eq!(decode(&set, &[b'A', *byte]), text, "{set}");
        }
        let escaped = [b'A', ESC, b'-', *last, *byte];
        assert_eq!(
            decode(&format!("\\ISO 2022 {term}"), &escaped),
            text,
            "{term}"
        );
        // a delimiter ends what an escape called in
        let ended = [&escaped[1..], b"^B"].concat();
        assert_eq!(
            decode(&format!("\\ISO 2022 {term}"), &ended),
            format!("{c}^B")
        );
    }
    for term in ["ISO_IR 14", "ISO_IR 13"] {
        assert_eq!(decode(term, &[0xB1, 0xDF]), "\u{FF71}\u{FF9F}");
        assert!(
            !CharacterSet::parse(term.as_bytes())
                .decode(Vr::PN, &[0xE0])
                .lossless
        );
    }
    for (term, bytes, text) in [
        ("GBK", b"\xcd\xf5".as_slice(), "王"),
        ("GB2312", b"\xcd\xf5", "王"),
        ("UTF-8", "王".as_bytes(), "王"),
        ("\\ISO 2022 IR 58", b"\x1b$)A\xcd\xf5", "王"),
        ("\\ISO 2022 IR 159", b"\x1b$(D\x30\x21\x1b(B!", "丂!"),
        // a space between characters of two bytes is one byte
        ("\\ISO 2022 IR 87", b"\x1b$B;3 ED\x1b(B", "山 田"),
    ] {
        assert_eq!(decode(term, bytes), text, "{term}");
    }
}

#[test]
fn an_escape_is_one_only_where_code_extensions_are_declared() {
    let plain = CharacterSet::parse(b"ISO_IR 100").decode(Vr::LO, b"\x1b-Fa\xe6");
    assert_eq!(plain.text, "\u{1b}-Faæ");
    let whole = CharacterSet::parse(b"ISO_IR 192\\ISO 2022 IR 87");
    assert_eq!(
        whole.decode(Vr::LO, "é\u{1b}$B".as_bytes()).text,
        "é\u{1b}$B"
    );
    let unknown = CharacterSet::parse(b"\\ISO 2022 IR 87").decode(Vr::LO, b"a\x1b-Zb");
    assert!(!unknown.lossless, "an escape that nobody knows");
    // codes and numbers have no character set
    assert_eq!(
        CharacterSet::parse(b"ISO_IR 144")
            .decode(Vr::CS, b"\xe6")
            .text,
        "æ"
    );
}

#[test]
fn what_cannot_be_decoded_is_said_and_kept() {
    let decoded = CharacterSet::parse(b"ISO_IR 192").decode(Vr::LO, b"M\xfcller");
    assert!(!decoded.lossless);
    assert_eq!(decoded.text, "Müller");
}

#[test]
fn a_backslash_inside_a_character_does_not_split() {
    let gb = CharacterSet::parse(b"GB18030");
    assert_eq!(gb.split_values(b"A\\\x81\x5cB").count(), 2);
    let latin = CharacterSet::parse(b"ISO_IR 100");
    assert_eq!(latin.split_values(b"A\\\x81\x5cB").count(), 3);
    let japanese = CharacterSet::parse(b"\\ISO 2022 IR 87");
    assert_eq!(japanese.split_values(b"\x1b$B!\\\x1b(B\\B").count(), 2);
    assert_eq!(latin.split_values(b"").count(), 1);
}

#[test]
fn text_goes_back_into_its_set() {
    for (set, text) in [
        ("ISO_IR 100", "Jérôme"),
        ("ISO_IR 192", "王小東"),
        ("\\ISO 2022 IR 87", "Tarou 山田 x"),
        ("GB18030", "小东"),
        ("\\ISO 2022 IR 149", "A 洪 B"),
    ] {
        let set = CharacterSet::parse(set.as_bytes());
        let bytes = set.encode(text).unwrap();
        assert_eq!(set.decode(Vr::LO, &bytes).text, text);
    }
    assert!(CharacterSet::default().encode("é").is_none());
}
