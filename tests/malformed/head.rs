//! What stands in front of the data set: preamble, prefix, File Meta Information, and a transfer syntax that lies.

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use super::bytes::{
    BIG_ENDIAN, CT_IMAGE, DEFLATED, EXPLICIT, Form, IMPLICIT, LE, UNDEFINED, meta, meta_elements,
    meta_of, meta_with_length, part10,
};
use super::case::Expect::{Clean, Either, Refuse};
use super::case::{Case, List, image, image_in};

pub fn cases() -> Vec<Case> {
    let mut list = List::new("head", 1);
    bare(&mut list);
    without_meta(&mut list);
    group_lengths(&mut list);
    transfer_syntaxes(&mut list);
    meta_elements_that_lie(&mut list);
    list.cases
}

fn bare(list: &mut List) {
    list.add("nothing", Refuse, |_| Vec::new());
    list.add("one-byte", Refuse, |_| b"D".to_vec());
    list.add("preamble-only", Refuse, |_| vec![0; 128]);
    list.add("prefix-only", Refuse, |_| part10(b"", b""));
    list.add("prefix-cut", Refuse, |_| part10(b"", b"")[..131].to_vec());
    list.add("meta-only", Either, |_| part10(&meta(EXPLICIT), b""));
    list.add("deflated-meta-only", Either, |_| {
        part10(&meta(DEFLATED), b"")
    });
    list.add("one-byte-of-data-set", Refuse, |_| {
        part10(&meta(EXPLICIT), b"\x08")
    });
}

fn without_meta(list: &mut List) {
    list.add("no-preamble", Either, |c| {
        [meta(EXPLICIT), image(c).bytes()].concat()
    });
    list.add("prefix-first", Either, |c| {
        [b"DICM".to_vec(), meta(EXPLICIT), image(c).bytes()].concat()
    });
    for form in [Form::Explicit, Form::Implicit, Form::Big] {
        list.add(format!("bare-{form:?}"), Clean, |c| {
            image_in(form, c).bytes()
        });
        list.add(format!("prefix-without-meta-{form:?}"), Clean, |c| {
            part10(b"", &image_in(form, c).bytes())
        });
    }
    list.add("long-preamble", Either, |c| {
        [vec![0; 128], image(c).file()].concat()
    });
    list.add("prefix-in-lower-case", Either, |c| {
        let mut file = image(c).file();
        file[128..132].copy_from_slice(b"dicm");
        file
    });
    list.add("file-in-a-file", Either, |c| {
        let inner = image(c).file();
        part10(&meta(EXPLICIT), &inner)
    });
}

fn group_lengths(list: &mut List) {
    for (name, stated) in [
        ("zero", 0),
        ("small", 4),
        ("one-more", 129),
        ("large", 4000),
        ("undefined", UNDEFINED),
    ] {
        list.add(format!("group-length-{name}"), Either, |c| {
            let head = meta_with_length(&meta_elements(EXPLICIT).bytes(), stated);
            part10(&head, &image(c).bytes())
        });
    }
    list.add("no-group-length", Clean, |c| {
        part10(&meta_elements(EXPLICIT).bytes(), &image(c).bytes())
    });
    list.add("deflated-without-group-length", Either, |c| {
        let data_set = super::bytes::deflate(&image(c).bytes());
        part10(&meta_elements(DEFLATED).bytes(), &data_set)
    });
    list.add("group-length-twice", Either, |c| {
        let first = LE.element(Tag(2, 0), "UL", 8u32.to_le_bytes());
        part10(&[first, meta(EXPLICIT)].concat(), &image(c).bytes())
    });
}

fn transfer_syntaxes(list: &mut List) {
    let forms = [Form::Explicit, Form::Implicit, Form::Big];
    for said in forms {
        for is in forms.into_iter().filter(|is| *is != said) {
            list.add(format!("says-{said:?}-is-{is:?}"), Either, |c| {
                image_in(is, c).file_in(said.syntax())
            });
        }
    }
    for (name, expect, uid) in [
        ("unknown", Refuse, "1.2.3.4.5.6"),
        ("private", Refuse, "1.2.840.113619.5.2"),
        ("a-sop-class", Refuse, CT_IMAGE),
        ("cut", Refuse, "1.2.840.10008.1."),
        ("empty", Either, ""),
        ("with-spaces", Either, " 1.2.840.10008.1.2.1 "),
        (
            "two-values",
            Either,
            "1.2.840.10008.1.2.1\\1.2.840.10008.1.2",
        ),
        ("deflated-is-not", Refuse, DEFLATED),
    ] {
        list.add(format!("syntax-{name}"), expect, |c| image(c).file_in(uid));
    }
    list.add("syntax-with-text-behind-nul", Either, |c| {
        let uid = format!("{EXPLICIT}\0{}", c.text("TransferSyntaxUID behind NUL"));
        image(c).file_in(&uid)
    });
    list.add("syntax-absent", Clean, |c| {
        let head = meta_elements(EXPLICIT).without(tags::TRANSFER_SYNTAX_UID);
        part10(&meta_of(&head), &image(c).bytes())
    });
    list.add("syntax-twice", Either, |c| {
        let second = LE.element(tags::TRANSFER_SYNTAX_UID, "UI", BIG_ENDIAN);
        let head = meta_elements(EXPLICIT).also(tags::TRANSFER_SYNTAX_UID, second);
        part10(&meta_of(&head), &image(c).bytes())
    });
    list.add("syntax-of-70000-bytes", Either, |c| {
        let value = vec![b'1'; 70_000];
        let long = LE.declared(tags::TRANSFER_SYNTAX_UID, "UN", &value, 70_000);
        let head = meta_elements(EXPLICIT).raw(tags::TRANSFER_SYNTAX_UID, long);
        part10(&meta_of(&head), &image(c).bytes())
    });
}

fn meta_elements_that_lie(list: &mut List) {
    list.add("meta-implicit", Either, |c| {
        let syntax = Form::Implicit.element(tags::TRANSFER_SYNTAX_UID, "UI", EXPLICIT);
        part10(&syntax, &image(c).bytes())
    });
    list.add("meta-big-endian", Either, |c| {
        let syntax = Form::Big.element(tags::TRANSFER_SYNTAX_UID, "UI", EXPLICIT);
        part10(&syntax, &image(c).bytes())
    });
    list.add("meta-twice", Either, |c| {
        part10(
            &[meta(IMPLICIT), meta(EXPLICIT)].concat(),
            &image(c).bytes(),
        )
    });
    list.add("meta-out-of-order", Either, |c| {
        part10(&meta_elements(EXPLICIT).reversed(), &image(c).bytes())
    });
    for (name, tag, vr, stated) in [
        ("beyond-end", Tag(2, 0x0102), "OB", 0x7FFF_FFFF),
        ("undefined", Tag(2, 0x0102), "OB", UNDEFINED),
        (
            "short-beyond-end",
            tags::SOURCE_APPLICATION_ENTITY_TITLE,
            "AE",
            0xFFFF,
        ),
    ] {
        list.add(format!("meta-length-{name}"), Refuse, |c| {
            let token = c.text("meta value");
            let element = LE.declared(tag, vr, token, stated);
            let head = [meta_elements(EXPLICIT).bytes(), element].concat();
            part10(&head, &image(c).bytes())
        });
    }
    list.add("meta-false-vr", Either, |c| {
        let value = c.text("SourceApplicationEntityTitle");
        let element = LE.declared(tags::SOURCE_APPLICATION_ENTITY_TITLE, "??", &value, 12);
        let head = [meta_elements(EXPLICIT).bytes(), element].concat();
        part10(&head, &image(c).bytes())
    });
    list.add("meta-cut", Refuse, |_| {
        let mut file = part10(&meta(EXPLICIT), b"");
        file.truncate(file.len() - 3);
        file
    });
}
