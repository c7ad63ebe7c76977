#![expect(
    clippy::cast_possible_truncation,
    clippy::trivially_copy_pass_by_ref,
    reason = "small test data"
)]
use super::*;
use crate::dicom::source::BytesSource;

fn events(encoding: Encoding, bytes: &[u8]) -> Result<Vec<String>, ReadError> {
    let source = BytesSource(bytes);
    let mut walker = Walker::new(&source, encoding, 0, Limits::default());
    let mut out = Vec::new();
    while let Some(event) = walker.next_event()? {
        out.push(match event {
            Event::Element(e) => format!("{:04x}{:04x}", e.tag.group(), e.tag.element()),
            Event::SequenceStart(e) => format!("{:04x}{:04x}[", e.tag.group(), e.tag.element()),
            Event::ItemStart(_) => "(".to_owned(),
            Event::ItemEnd(_) => ")".to_owned(),
            Event::SequenceEnd(_) => "]".to_owned(),
            Event::FragmentsStart(_) => "<".to_owned(),
            Event::Fragment(f) => f.length.unwrap().to_string(),
            Event::FragmentsEnd(_) => ">".to_owned(),
            Event::Padding { .. } => "padding".to_owned(),
        });
    }
    Ok(out)
}

fn damage(encoding: Encoding, bytes: &[u8]) -> Damage {
    match events(encoding, bytes) {
        Err(ReadError::Damaged { damage, .. }) => damage,
        other => panic!("{other:?}"),
    }
}

const NAME: &[u8] = b"\x10\0\x10\0PN\x04\0A^B ";
const NAME_IMPLICIT: &[u8] = b"\x10\0\x10\0\x04\0\0\0A^B ";
const UNTIL: [u8; 4] = [0xFF; 4];
const ITEM_HEAD: [u8; 4] = [0xFE, 0xFF, 0, 0xE0];
const ITEM_TAIL: [u8; 8] = [0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0];
const SEQUENCE_TAIL: [u8; 8] = [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0];

fn items(undefined: bool, content: &[u8]) -> Vec<u8> {
    if undefined {
        [&ITEM_HEAD[..], &UNTIL, content, &ITEM_TAIL, &SEQUENCE_TAIL].concat()
    } else {
        [
            &ITEM_HEAD[..],
            &(content.len() as u32).to_le_bytes(),
            content,
        ]
        .concat()
    }
}

fn sequence(vr: &[u8; 2], undefined: bool, content: &[u8]) -> Vec<u8> {
    let items = items(undefined, content);
    let length = if undefined {
        UNTIL
    } else {
        (items.len() as u32).to_le_bytes()
    };
    [b"\x40\0\x75\x02", &vr[..], b"\0\0", &length, &items].concat()
}

#[test]
fn sequences_are_walked_in_every_form() {
    let inside = ["00400275[", "(", "00100010", ")", "]"];
    for undefined in [true, false] {
        assert_eq!(
            events(Encoding::ExplicitLe, &sequence(b"SQ", undefined, NAME)).unwrap(),
            inside
        );
        assert_eq!(
            events(
                Encoding::ExplicitLe,
                &sequence(b"UN", undefined, NAME_IMPLICIT)
            )
            .unwrap(),
            inside
        );
        assert_eq!(
            events(Encoding::ExplicitLe, &sequence(b"UN", undefined, NAME)).unwrap(),
            inside
        );
    }
    let implicit = [
        b"\x40\0\x75\x02".as_slice(),
        &UNTIL,
        &items(true, NAME_IMPLICIT),
    ]
    .concat();
    assert_eq!(events(Encoding::ImplicitLe, &implicit).unwrap(), inside);
    let inner = items(false, NAME_IMPLICIT);
    let private = [
        b"\x29\0\x10\x10".as_slice(),
        &(inner.len() as u32).to_le_bytes(),
        &inner,
    ]
    .concat();
    assert_eq!(
        events(Encoding::ImplicitLe, &private).unwrap(),
        ["00291010[", "(", "00100010", ")", "]"]
    );
}

#[test]
fn un_that_does_not_parse_completely_is_a_value() {
    let mut bytes = sequence(b"UN", false, NAME_IMPLICIT);
    bytes.truncate(bytes.len() - 1);
    bytes[8] -= 1;
    assert_eq!(events(Encoding::ExplicitLe, &bytes).unwrap(), ["00400275"]);
}

#[test]
fn the_walk_goes_on_behind_fragments() {
    let pixels = [
        b"\xe0\x7f\x10\0OB\0\0".as_slice(),
        &UNTIL,
        &ITEM_HEAD,
        &[0; 4],
        &ITEM_HEAD,
        &[2, 0, 0, 0, 1, 2],
        &SEQUENCE_TAIL,
    ]
    .concat();
    assert_eq!(
        events(Encoding::ExplicitLe, &[&pixels, NAME].concat()).unwrap(),
        ["<", "0", "2", ">", "00100010"]
    );
}

#[test]
fn zeros_behind_the_last_element_are_padding() {
    assert_eq!(
        events(Encoding::ExplicitLe, &[NAME, &[0; 13]].concat()).unwrap(),
        ["00100010", "padding"]
    );
}

#[test]
fn damage_has_its_name() {
    let le = Encoding::ExplicitLe;
    assert_eq!(damage(le, &[NAME, b"\x10\0"].concat()), Damage::HeaderCut);
    assert_eq!(damage(le, &NAME[..10]), Damage::LengthBeyondEnd);
    assert_eq!(damage(le, b"\x10\0\x10\0??\x04\0A^B "), Damage::NotAVr);
    assert_eq!(
        damage(le, b"\x40\0\x60\xa1UT\0\0\xff\xff\xff\xffAB"),
        Damage::UndefinedLength
    );
    assert_eq!(
        damage(le, &[NAME, &ITEM_TAIL].concat()),
        Damage::StrayDelimiter
    );
    assert_eq!(
        damage(le, &[NAME, &SEQUENCE_TAIL].concat()),
        Damage::StrayDelimiter
    );
    assert_eq!(
        damage(
            le,
            &[b"\x40\0\x75\x02SQ\0\0\x0c\0\0\0".as_slice(), NAME].concat()
        ),
        Damage::NotAnItem
    );
    let open = sequence(b"SQ", true, NAME);
    assert_eq!(damage(le, &open[..open.len() - 8]), Damage::NoDelimiter);
    assert_eq!(damage(le, &open[..open.len() - 16]), Damage::NoDelimiter);
}

#[test]
fn nesting_is_bounded_and_costs_no_stack() {
    let nest = |depth: usize| {
        let open = [
            b"\x40\0\x30\xa7SQ\0\0".as_slice(),
            &UNTIL,
            &ITEM_HEAD,
            &UNTIL,
        ]
        .concat();
        let close = [ITEM_TAIL, SEQUENCE_TAIL].concat();
        [open.repeat(depth), NAME.to_vec(), close.repeat(depth)].concat()
    };
    assert!(events(Encoding::ExplicitLe, &nest(64)).is_ok());
    for depth in [65, 100_000] {
        assert!(matches!(
            events(Encoding::ExplicitLe, &nest(depth)),
            Err(ReadError::Bound {
                bound: Bound::Depth,
                ..
            })
        ));
    }
}

#[test]
fn creators_and_character_sets_belong_to_their_item() {
    let creator = b"\x29\0\x10\0LO\x04\0ACME";
    let set = b"\x08\0\x05\0CS\x0a\0ISO_IR 192";
    let private = b"\x29\0\x01\x10LO\x02\0X ";
    let bytes = [
        sequence(b"SQ", true, &[set.as_slice(), creator, private].concat()),
        private.to_vec(),
    ]
    .concat();
    let source = BytesSource(bytes);
    let mut walker = Walker::new(&source, Encoding::ExplicitLe, 0, Limits::default());
    let mut seen = Vec::new();
    while let Some(event) = walker.next_event().unwrap() {
        if let Event::Element(e) = event
            && e.tag == Tag(0x29, 0x1001)
        {
            seen.push((
                walker.creator_of(e.tag).map(str::to_owned),
                *walker.charset() == CharacterSet::parse(b"ISO_IR 192"),
            ));
        }
    }
    assert_eq!(seen, [(Some("ACME".to_owned()), true), (None, false)]);
}

#[test]
fn the_creator_of_a_sequence_or_of_fragments_that_begin_stands_around_them() {
    let creator = |text: &[u8; 4]| [b"\x29\0\x10\0LO\x04\0".as_slice(), text].concat();
    let start = |vr: &[u8; 2]| [b"\x29\0\x01\x10", vr.as_slice(), b"\0\0\xFF\xFF\xFF\xFF"].concat();
    let item = b"\xFE\xFF\0\xE0\xFF\xFF\xFF\xFF".as_slice();
    let item_end = b"\xFE\xFF\x0D\xE0\0\0\0\0".as_slice();
    let end = b"\xFE\xFF\xDD\xE0\0\0\0\0".as_slice();
    let bytes = [
        &creator(b"ACME"),
        &start(b"SQ"),
        item,
        // without a creator in its own item
        &start(b"SQ"),
        end,
        item_end,
        item,
        &creator(b"EMCA"),
        &start(b"SQ"),
        end,
        &start(b"OB"),
        end,
        item_end,
        end,
    ]
    .concat();
    let source = BytesSource(bytes);
    let mut walker = Walker::new(&source, Encoding::ExplicitLe, 0, Limits::default());
    let mut seen = Vec::new();
    while let Some(event) = walker.next_event().unwrap() {
        if let Event::SequenceStart(e) | Event::FragmentsStart(e) = event {
            seen.push(walker.creator_of(e.tag).map(str::to_owned));
        }
    }
    let [outer, inner] = ["ACME", "EMCA"].map(|text| Some(text.to_owned()));
    assert_eq!(seen, [outer, None, inner.clone(), inner]);
}

#[test]
fn an_item_that_overruns_its_sequence_ends_with_it() {
    let mut bytes = sequence(b"SQ", false, NAME);
    bytes[16] += 24;
    assert_eq!(
        events(Encoding::ExplicitLe, &bytes).unwrap(),
        ["00400275[", "(", "00100010", ")", "]"]
    );
}

#[test]
fn as_many_elements_as_the_bound_are_read_and_not_one_more() {
    let source = BytesSource(NAME.repeat(5));
    for (elements, refused) in [(4, true), (5, false), (6, false)] {
        let limits = Limits {
            elements,
            ..Limits::default()
        };
        let mut walker = Walker::new(&source, Encoding::ExplicitLe, 0, limits);
        let end = loop {
            match walker.next_event() {
                Ok(Some(_)) => {}
                Ok(None) => break None,
                Err(e) => break Some(e),
            }
        };
        let bound = matches!(
            end,
            Some(ReadError::Bound {
                at: 48,
                bound: Bound::Elements
            })
        );
        assert_eq!(bound, refused, "{elements}: {end:?}");
        assert_eq!(end.is_some(), refused);
    }
}

#[test]
fn values_are_read_whole_up_to_the_bound_and_by_place() {
    let source = BytesSource(NAME);
    for (value, given) in [(3, false), (4, true)] {
        let limits = Limits {
            value,
            ..Limits::default()
        };
        let mut walker = Walker::new(&source, Encoding::ExplicitLe, 0, limits);
        let Some(Event::Element(element)) = walker.next_event().unwrap() else {
            panic!("an element");
        };
        match walker.value(&element) {
            Ok(bytes) => assert!(given && bytes == b"A^B "),
            Err(e) => assert!(!given, "{e}"),
        }
        assert_eq!(walker.bytes(4, 2).unwrap(), b"PN");
        assert!(walker.bytes(10, 3).is_err());
    }
}

#[test]
fn reserved_bytes_that_say_something_are_noticed() {
    for (reserved, used) in [([0, 0], false), ([b'J', 0], true), ([0, b'D'], true)] {
        let bytes = [b"\x42\0\x11\0OB".as_slice(), &reserved, b"\x02\0\0\0AB"].concat();
        let source = BytesSource(&bytes);
        let mut walker = Walker::new(&source, Encoding::ExplicitLe, 0, Limits::default());
        let Some(Event::Element(element)) = walker.next_event().unwrap() else {
            panic!("an element");
        };
        assert_eq!(element.reserved_used, used);
        assert_eq!((element.length_at, element.value_at), (8, 12));
        assert_eq!((element.length_size, element.length), (4, Some(2)));
    }
}

#[test]
fn un_inside_un_is_looked_into_by_the_walk_and_not_by_the_probe() {
    // an item of a UN whose own UN holds what begins as an item and is none
    let inner = [&ITEM_HEAD[..], &[0x40, 0, 0, 0], b"no item"].concat();
    let inside = [
        b"\x09\0\x01\x10".as_slice(),
        &(inner.len() as u32).to_le_bytes(),
        &inner,
    ]
    .concat();
    let outer = sequence(b"UN", false, &inside);
    assert_eq!(
        events(Encoding::ExplicitLe, &outer).unwrap(),
        ["00400275[", "(", "00091001", ")", "]"]
    );
    let whole = [
        b"\x09\0\x01\x10".as_slice(),
        &((items(false, NAME_IMPLICIT).len()) as u32).to_le_bytes(),
        &items(false, NAME_IMPLICIT),
    ]
    .concat();
    assert_eq!(
        events(Encoding::ExplicitLe, &sequence(b"UN", false, &whole)).unwrap(),
        [
            "00400275[",
            "(",
            "00091001[",
            "(",
            "00100010",
            ")",
            "]",
            ")",
            "]"
        ]
    );
}
