use super::*;
use crate::dicom::Vr;
use crate::dicom::element::encode;
use crate::dicom::source::BytesSource;
use crate::dicom::value::pad;

const CLASS: &str = "1.2.840.10008.5.1.4.1.1.2";

fn element(encoding: Encoding, tag: Tag, vr: Vr, value: &[u8]) -> Vec<u8> {
    encode(encoding, tag, vr, &pad(vr, value.to_vec())).unwrap()
}

fn data_set(encoding: Encoding) -> Vec<u8> {
    [
        element(encoding, Tag(8, 0x16), Vr::UI, CLASS.as_bytes()),
        element(encoding, Tag(8, 0x60), Vr::CS, b"CT"),
    ]
    .concat()
}

fn meta(transfer_syntax: &str) -> Vec<u8> {
    let le = Encoding::ExplicitLe;
    let group = [
        element(le, Tag(2, 1), Vr::OB, &[0, 1]),
        element(le, Tag(2, 2), Vr::UI, CLASS.as_bytes()),
        element(le, Tag(2, 3), Vr::UI, b"1.2.999.1"),
        element(le, Tag(2, 0x10), Vr::UI, transfer_syntax.as_bytes()),
    ]
    .concat();
    let length = u32::try_from(group.len()).unwrap().to_le_bytes();
    [element(le, Tag(2, 0), Vr::UL, &length), group].concat()
}

fn file(meta: &[u8], data_set: &[u8]) -> Vec<u8> {
    [&[0; 128], b"DICM".as_slice(), meta, data_set].concat()
}

fn opened(bytes: &[u8]) -> Result<Part10, ReadError> {
    open(&BytesSource(bytes), &Limits::default())
}

#[test]
fn each_transfer_syntax_is_read_as_it_says() {
    for (transfer_syntax, encoding) in [
        (IMPLICIT_LE, Encoding::ImplicitLe),
        (EXPLICIT_LE, Encoding::ExplicitLe),
        (EXPLICIT_BE, Encoding::ExplicitBe),
        ("1.2.840.10008.1.2.4.50", Encoding::ExplicitLe),
    ] {
        let meta = meta(transfer_syntax);
        let part10 = opened(&file(&meta, &data_set(encoding))).unwrap();
        assert_eq!(part10.encoding, encoding, "{transfer_syntax}");
        assert_eq!(part10.transfer_syntax, transfer_syntax);
        assert_eq!(part10.data_set_at, u64::try_from(132 + meta.len()).unwrap());
        assert!(!part10.deflated && part10.has_prefix);
        assert_eq!(part10.sop_class.as_deref(), Some(CLASS));
        assert_eq!(part10.sop_instance.as_deref(), Some("1.2.999.1"));
    }
    for transfer_syntax in DEFLATED {
        let part10 = opened(&file(&meta(transfer_syntax), b"any bytes")).unwrap();
        assert!(part10.deflated);
        assert_eq!(part10.encoding, Encoding::ExplicitLe);
    }
}

#[test]
fn the_first_data_element_decides_where_it_contradicts() {
    let (implicit, explicit, big) = (
        Encoding::ImplicitLe,
        Encoding::ExplicitLe,
        Encoding::ExplicitBe,
    );
    for (stated, is) in [
        (IMPLICIT_LE, explicit),
        (EXPLICIT_LE, implicit),
        (EXPLICIT_BE, explicit),
        (EXPLICIT_LE, big),
        (EXPLICIT_BE, implicit),
        ("", explicit),
        ("", implicit),
        ("", big),
    ] {
        let part10 = opened(&file(&meta(stated), &data_set(is))).unwrap();
        assert_eq!(part10.encoding, is, "{stated}");
        let shown = match is {
            Encoding::ImplicitLe => IMPLICIT_LE,
            Encoding::ExplicitLe => EXPLICIT_LE,
            Encoding::ExplicitBe => EXPLICIT_BE,
        };
        assert_eq!(part10.transfer_syntax, shown, "{stated}");
    }
    // compressed pixels stay what they are called, however the data set is written
    let jpeg = "1.2.840.10008.1.2.4.50";
    let part10 = opened(&file(&meta(jpeg), &data_set(implicit))).unwrap();
    assert_eq!(
        (part10.encoding, part10.transfer_syntax.as_str()),
        (implicit, jpeg)
    );
    let in_big_endian = opened(&file(&meta(jpeg), &data_set(big)));
    assert!(matches!(
        in_big_endian,
        Err(ReadError::Damaged {
            damage: Damage::OtherEncoding,
            ..
        })
    ));
    // a long value whose length is in the second half of the header
    let long = element(explicit, Tag(8, 6), Vr::UT, &b"x".repeat(70_000));
    assert_eq!(
        opened(&file(&meta(EXPLICIT_LE), &long)).unwrap().encoding,
        explicit
    );
}

#[test]
fn a_command_set_in_front_tells_nothing_of_the_order_of_bytes() {
    for (stated, encoding) in [
        (EXPLICIT_LE, Encoding::ExplicitLe),
        (EXPLICIT_BE, Encoding::ExplicitBe),
        (IMPLICIT_LE, Encoding::ImplicitLe),
    ] {
        let mut bytes = element(encoding, Tag(0, 2), Vr::UI, CLASS.as_bytes());
        bytes.extend(data_set(encoding));
        assert_eq!(
            opened(&file(&meta(stated), &bytes)).unwrap().encoding,
            encoding,
            "{stated}"
        );
    }
    let mut bytes = element(Encoding::ExplicitLe, Tag(0, 2), Vr::UI, CLASS.as_bytes());
    bytes.extend(data_set(Encoding::ExplicitLe));
    assert_eq!(
        opened(&file(&meta(""), &bytes)).unwrap().encoding,
        Encoding::ExplicitLe
    );
}

#[test]
fn a_file_without_prefix_is_one_when_it_begins_as_one() {
    for encoding in [
        Encoding::ImplicitLe,
        Encoding::ExplicitLe,
        Encoding::ExplicitBe,
    ] {
        let bytes = data_set(encoding);
        let part10 = opened(&bytes).unwrap();
        assert_eq!((part10.encoding, part10.data_set_at), (encoding, 0));
        assert!(!part10.has_prefix && may_be_dicom(&bytes));
    }
    let with_meta = [meta(EXPLICIT_LE), data_set(Encoding::ExplicitLe)].concat();
    assert_eq!(opened(&with_meta).unwrap().transfer_syntax, EXPLICIT_LE);
    let without_preamble = [b"DICM".as_slice(), &with_meta].concat();
    assert!(opened(&without_preamble).unwrap().has_prefix && may_be_dicom(&without_preamble));
    for none in [
        b"".as_slice(),
        b"\x08\0",
        b"\x08\0\x16\0UI\x05",
        b"%PDF-1.4 and what follows",
        b"\x08\0 a text that begins with a control character",
        b"\x02\0 another one, of many more words than one",
    ] {
        assert!(matches!(opened(none), Err(ReadError::NotDicom)), "{none:?}");
    }
    // eight bytes are an empty data element
    assert!(opened(b"\x08\0\x50\0SH\0\0").is_ok());
}

#[test]
fn the_group_length_is_not_trusted_but_where_a_stream_begins_behind_it() {
    for lie in [0u32, 4, 4000, u32::MAX] {
        let mut lying = meta(EXPLICIT_LE);
        lying[8..12].copy_from_slice(&lie.to_le_bytes());
        let part10 = opened(&file(&lying, &data_set(Encoding::ExplicitLe))).unwrap();
        assert_eq!(
            part10.data_set_at,
            u64::try_from(132 + lying.len()).unwrap(),
            "{lie}"
        );
    }
    // a stream may begin as group 0002 does
    let meta = meta(DEFLATED[0]);
    let stream = b"\x02\0\x10\0UI\x02\0ab".as_slice();
    let part10 = opened(&file(&meta, stream)).unwrap();
    assert_eq!(part10.data_set_at, u64::try_from(132 + meta.len()).unwrap());
}

#[test]
fn damage_in_front_of_the_data_set_has_its_name() {
    let damage = |bytes: &[u8]| match opened(bytes) {
        Err(ReadError::Damaged { damage, .. }) => damage,
        other => panic!("{other:?}"),
    };
    assert_eq!(damage(&file(b"", b"")), Damage::NoDataSet);
    assert_eq!(
        damage(&file(b"\x02\0\x02\0UI\x40\0ab", b"")),
        Damage::LengthBeyondEnd
    );
    assert_eq!(
        damage(&file(b"\x02\0\x01\0OB\0\0\x02", b"")),
        Damage::HeaderCut
    );
    assert_eq!(
        damage(&file(&meta(""), b"\xFF\xFE\xFF\xFE\xFF\xFE\xFF\x7E")),
        Damage::NotAVr
    );
    assert!(matches!(
        opened(&file(&meta("1.2.3.4"), &data_set(Encoding::ExplicitLe))),
        Err(ReadError::TransferSyntax)
    ));
    // a long text in place of a UID says nothing
    let le = Encoding::ExplicitLe;
    let long = element(le, Tag(2, 2), Vr::UT, &[b'1'; 300]);
    let part10 = opened(&file(&long, &data_set(le))).unwrap();
    assert_eq!(part10.sop_class, None);
    let short = element(le, Tag(2, 2), Vr::UT, &[b'1'; 256]);
    assert!(
        opened(&file(&short, &data_set(le)))
            .unwrap()
            .sop_class
            .is_some()
    );
}
