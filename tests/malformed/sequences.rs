//! Sequences and items that do not nest as they should, or nest too deep.

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use super::bytes::{
    EXPLICIT, Form, ITEM, ITEM_END, LE, SEQUENCE_END, UNDEFINED, length, meta, part10,
};
use super::case::Expect::{Clean, Either, Refuse};
use super::case::{Canaries, Case, List, image, image_in};

const OUTER: Tag = tags::REQUEST_ATTRIBUTES_SEQUENCE;
const CONTENT: Tag = tags::CONTENT_SEQUENCE;

pub fn cases() -> Vec<Case> {
    let mut list = List::new("sequences", 4);
    ends(&mut list);
    lengths(&mut list);
    strays(&mut list);
    depth(&mut list);
    numbers(&mut list);
    unknown(&mut list);
    list.cases
}

fn description(form: Form, c: &mut Canaries) -> Vec<u8> {
    let token = c.text("in an item");
    form.element(tags::SCHEDULED_PROCEDURE_STEP_DESCRIPTION, "LO", token)
}

fn ends(list: &mut List) {
    list.add("no-end-at-all", Either, |c| {
        let item = [LE.marker(ITEM, UNDEFINED), description(LE, c)].concat();
        let data_set = image(c).without(tags::PIXEL_DATA);
        data_set
            .raw(OUTER, LE.declared(OUTER, "SQ", item, UNDEFINED))
            .file()
    });
    list.image("delimiters-with-lengths", Either, |data_set, c| {
        let value = [
            LE.marker(ITEM, UNDEFINED),
            description(LE, c),
            LE.marker(ITEM_END, 8),
            LE.marker(SEQUENCE_END, UNDEFINED),
        ];
        data_set.raw(OUTER, LE.declared(OUTER, "SQ", value.concat(), UNDEFINED))
    });
    list.image("item-closed-by-sequence-end", Either, |data_set, c| {
        let value = [
            LE.marker(ITEM, UNDEFINED),
            description(LE, c),
            LE.marker(SEQUENCE_END, 0),
        ];
        data_set.raw(OUTER, LE.declared(OUTER, "SQ", value.concat(), UNDEFINED))
    });
    list.image("end-inside-defined-length", Either, |data_set, c| {
        let value = [LE.item(description(LE, c)), LE.marker(SEQUENCE_END, 0)].concat();
        let stated = length(&value);
        data_set.raw(OUTER, LE.declared(OUTER, "SQ", value, stated))
    });
    list.image(
        "end-of-item-inside-defined-length",
        Either,
        |data_set, c| {
            let value = LE.item([description(LE, c), LE.marker(ITEM_END, 0)].concat());
            let stated = length(&value);
            data_set.raw(OUTER, LE.declared(OUTER, "SQ", value, stated))
        },
    );
    list.image("no-items", Clean, |data_set, _| {
        data_set.raw(OUTER, LE.sequence(OUTER, &[]))
    });
    list.image("empty-of-defined-length", Clean, |data_set, _| {
        data_set.raw(OUTER, LE.defined_sequence(OUTER, &[]))
    });
    list.image("one-empty-item", Clean, |data_set, _| {
        data_set.raw(OUTER, LE.sequence(OUTER, &[Vec::new()]))
    });
}

fn lengths(list: &mut List) {
    for (name, stated) in [("overruns", 400), ("huge", 0xFFFF_FFF0), ("one-more", 21)] {
        list.image(format!("item-{name}"), Either, |data_set, c| {
            let value = [LE.marker(ITEM, stated), description(LE, c)].concat();
            let whole = length(&value);
            data_set.raw(OUTER, LE.declared(OUTER, "SQ", value, whole))
        });
    }
    for short in [2, 6, 20] {
        list.image(
            format!("sequence-{short}-too-short"),
            Either,
            |data_set, c| {
                let value = LE.item(description(LE, c));
                let stated = length(&value) - short;
                data_set.raw(OUTER, LE.declared(OUTER, "SQ", value, stated))
            },
        );
    }
    list.image("item-too-short", Either, |data_set, c| {
        let content = description(LE, c);
        let value = [LE.marker(ITEM, length(&content) - 4), content].concat();
        let whole = length(&value);
        data_set.raw(OUTER, LE.declared(OUTER, "SQ", value, whole))
    });
    list.image("sequence-swallows-pixel-data", Either, |data_set, c| {
        let value = LE.item(description(LE, c));
        let stated = length(&value) + 40;
        data_set.raw(OUTER, LE.declared(OUTER, "SQ", value, stated))
    });
    list.image("inner-longer-than-outer", Either, |data_set, c| {
        let inner = LE.declared(CONTENT, "SQ", LE.item(description(LE, c)), 4000);
        data_set.raw(OUTER, LE.defined_sequence(OUTER, &[inner]))
    });
}

fn strays(list: &mut List) {
    list.add("item-end-first", Either, |c| {
        let data_set = [LE.marker(ITEM_END, 0), image(c).bytes()].concat();
        part10(&meta(EXPLICIT), &data_set)
    });
    let middle = Tag(0x0010, 0x0011);
    list.image("sequence-end-in-the-middle", Either, |data_set, _| {
        data_set.raw(middle, LE.marker(SEQUENCE_END, 0))
    });
    list.image("item-end-in-the-middle", Either, |data_set, _| {
        data_set.raw(middle, LE.marker(ITEM_END, 0))
    });
    list.image("item-in-the-middle", Either, |data_set, c| {
        let comments = LE.element(tags::PATIENT_COMMENTS, "LT", c.text("in a stray item"));
        data_set.raw(middle, LE.item(comments))
    });
    list.image("rubbish-for-items", Either, |data_set, _| {
        data_set.raw(OUTER, LE.declared(OUTER, "SQ", [0xAB; 40], 40))
    });
    list.image("elements-for-items", Either, |data_set, c| {
        let value = description(LE, c);
        let stated = length(&value);
        data_set.raw(OUTER, LE.declared(OUTER, "SQ", value, stated))
    });
    list.image("text-for-items", Either, |data_set, c| {
        let value = c.text("a sequence that is text");
        data_set.raw(OUTER, LE.declared(OUTER, "SQ", value, 12))
    });
    list.image("pixel-data-inside-an-item", Either, |data_set, c| {
        let inner = LE.element(tags::PIXEL_DATA, "OW", c.text("PixelData in an item"));
        data_set.raw(OUTER, LE.sequence(OUTER, &[inner]))
    });
}

/// Sequences of undefined length in each other around `leaf`.
fn nested(depth: usize, leaf: Vec<u8>, closed: bool) -> Vec<u8> {
    let open = [
        LE.declared(CONTENT, "SQ", b"", UNDEFINED),
        LE.marker(ITEM, UNDEFINED),
    ];
    let close = [LE.marker(ITEM_END, 0), LE.marker(SEQUENCE_END, 0)];
    let mut out = open.concat().repeat(depth);
    out.extend(leaf);
    if closed {
        out.extend(close.concat().repeat(depth));
    }
    out
}

fn depth(list: &mut List) {
    for (levels, expect) in [
        (16, Clean),
        (64, Clean),
        (65, Either),
        (1000, Either),
        (5000, Either),
    ] {
        list.image(format!("depth-{levels}"), expect, |data_set, c| {
            let leaf = LE.element(tags::TEXT_VALUE, "UT", c.text("the deepest TextValue"));
            data_set.raw(CONTENT, nested(levels, leaf, true))
        });
    }
    list.image("depth-20000-unclosed", Refuse, |data_set, _| {
        data_set.raw(CONTENT, nested(20_000, Vec::new(), false))
    });
    list.image("depth-of-unknown-4000", Refuse, |data_set, _| {
        let form = Form::Implicit;
        let level = [
            form.marker(ITEM, UNDEFINED),
            form.declared(CONTENT, "SQ", b"", UNDEFINED),
        ];
        let value = level.concat().repeat(4000);
        data_set.raw(CONTENT, LE.declared(CONTENT, "UN", value, UNDEFINED))
    });
    list.image("depth-of-unknown-in-unknown", Either, |data_set, c| {
        let token = c.text("the innermost");
        let mut value = LE.element(tags::PATIENT_NAME, "PN", token);
        for _ in 0..40 {
            let item = LE.item(&value);
            value = LE.declared(Tag(0x0029, 0x1001), "UN", &item, length(&item));
        }
        data_set.raw(Tag(0x0029, 0x1001), value)
    });
}

fn numbers(list: &mut List) {
    list.image("60000-empty-items", Either, |data_set, _| {
        let mut value = LE.item(b"").repeat(60_000);
        value.extend(LE.marker(SEQUENCE_END, 0));
        data_set.raw(CONTENT, LE.declared(CONTENT, "SQ", value, UNDEFINED))
    });
    list.image("20000-private-elements", Either, |data_set, _| {
        (0..20_000u16).fold(data_set, |data_set, n| {
            let tag = Tag(0x7FE3 + 2 * (n / 4000), 0x1000 + n % 4000);
            data_set.also(tag, LE.element(tag, "SH", b""))
        })
    });
    list.image("2000-items-with-names", Clean, |data_set, c| {
        let token = c.text("a name in each item");
        let item = LE.element(tags::PATIENT_NAME, "PN", token);
        let items = vec![item; 2000];
        data_set.raw(OUTER, LE.sequence(OUTER, &items))
    });
}

fn unknown(list: &mut List) {
    for stated in ["defined", "undefined"] {
        for inside in [Form::Implicit, Form::Explicit] {
            list.image(
                format!("unknown-{stated}-{inside:?}"),
                Clean,
                |data_set, c| {
                    let token = c.text("PatientName inside UN");
                    let inner = inside.element(tags::PATIENT_NAME, "PN", token);
                    let (value, whole) = if stated == "defined" {
                        let item = inside.item(inner);
                        let whole = length(&item);
                        (item, whole)
                    } else {
                        let end = inside.marker(SEQUENCE_END, 0);
                        ([inside.open_item(inner), end].concat(), UNDEFINED)
                    };
                    data_set.raw(CONTENT, LE.declared(CONTENT, "UN", value, whole))
                },
            );
        }
    }
    list.image("unknown-that-ends-in-rubbish", Clean, |data_set, c| {
        let token = c.text("PatientName inside UN");
        let inner = Form::Implicit.element(tags::PATIENT_NAME, "PN", token);
        let value = [Form::Implicit.item(inner), vec![0xAB; 6]].concat();
        let whole = length(&value);
        data_set.raw(CONTENT, LE.declared(CONTENT, "UN", value, whole))
    });
    for form in [Form::Implicit, Form::Big] {
        list.add(format!("three-levels-{form:?}"), Clean, |c| {
            let name = form.element(tags::PATIENT_NAME, "PN", c.direct("three levels down"));
            let inner = form.defined_sequence(tags::REFERENCED_STUDY_SEQUENCE, &[name]);
            let middle = form.sequence(CONTENT, &[inner]);
            let outer = form.sequence(OUTER, &[middle]);
            image_in(form, c).raw(OUTER, outer).file()
        });
    }
}
