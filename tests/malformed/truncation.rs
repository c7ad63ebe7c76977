//! Files that end too soon.

use dicom_dictionary_std::tags;

use super::bytes::{EXPLICIT, Form, JPEG, LE, SEQUENCE_END, UNDEFINED, meta, part10};
use super::case::Expect::Refuse;
use super::case::{Case, List, image, image_in};
use super::pixels::jpeg;

/// Where a file is cut: so many bytes behind the beginning of its data set, or before its end.
#[derive(Clone, Copy)]
enum Cut {
    Behind(usize),
    Before(usize),
}

impl Cut {
    fn of(self, mut file: Vec<u8>) -> Vec<u8> {
        let length = match self {
            Self::Behind(n) => data_set_at() + n,
            Self::Before(n) => file.len() - n,
        };
        file.truncate(length);
        file
    }
}

fn data_set_at() -> usize {
    part10(&meta(EXPLICIT), b"").len()
}

pub fn cases() -> Vec<Case> {
    let mut list = List::new("truncation", 2);
    native(&mut list);
    encapsulated(&mut list);
    deflated(&mut list);
    sequences(&mut list);
    list.cases
}

fn native(list: &mut List) {
    let cuts = [
        ("tag", Cut::Behind(2)),
        ("vr", Cut::Behind(5)),
        ("length", Cut::Behind(7)),
        ("first-value", Cut::Behind(14)),
        ("midway", Cut::Behind(171)),
        ("pixel-data", Cut::Before(7)),
        ("last-byte", Cut::Before(1)),
        ("pixel-data-header", Cut::Before(19)),
    ];
    for (name, cut) in cuts {
        list.add(name, Refuse, |c| cut.of(image(c).file()));
    }
    for form in [Form::Implicit, Form::Big] {
        for (name, cut) in [
            ("midway", Cut::Behind(171)),
            ("pixel-data", Cut::Before(7)),
            ("last-byte", Cut::Before(1)),
        ] {
            list.add(format!("{form:?}-{name}"), Refuse, |c| {
                cut.of(image_in(form, c).file())
            });
        }
    }
}

fn encapsulated(list: &mut List) {
    for (name, cut) in [
        ("delimiter", Cut::Before(8)),
        ("half-delimiter", Cut::Before(3)),
        ("fragment", Cut::Before(20)),
        ("last-byte-of-fragment", Cut::Before(9)),
    ] {
        list.add(format!("encapsulated-{name}"), Refuse, |c| {
            cut.of(image(c).encapsulated(JPEG, &[jpeg(&[])]))
        });
    }
    list.add("encapsulated-header-only", Refuse, |c| {
        let header = LE.declared(tags::PIXEL_DATA, "OB", b"", UNDEFINED);
        image(c).raw(tags::PIXEL_DATA, header).file_in(JPEG)
    });
}

fn deflated(list: &mut List) {
    for part in [1, 2, 3] {
        list.add(format!("deflated-at-{part}-quarters"), Refuse, |c| {
            let mut file = image(c).deflated();
            let stream = file.len() - data_set_at();
            file.truncate(file.len() - stream * (4 - part) / 4);
            file
        });
    }
    list.add("deflated-cut-inside", Refuse, |c| {
        let mut data_set = image(c).bytes();
        data_set.truncate(data_set.len() - 7);
        part10(
            &meta(super::bytes::DEFLATED),
            &super::bytes::deflate(&data_set),
        )
    });
}

fn sequences(list: &mut List) {
    let cuts = [
        ("inside-value", 20),
        ("behind-value", 16),
        ("half-item-delimiter", 11),
        ("behind-item", 8),
        ("half-sequence-delimiter", 5),
    ];
    for (name, bytes) in cuts {
        list.add(format!("sequence-{name}"), Refuse, |c| {
            let description = c.text("ScheduledProcedureStepDescription");
            let tag = tags::REQUEST_ATTRIBUTES_SEQUENCE;
            let value = tags::SCHEDULED_PROCEDURE_STEP_DESCRIPTION;
            let data_set = image(c).without(tags::PIXEL_DATA);
            let file = data_set.nested(tag, value, "LO", description).file();
            Cut::Before(bytes).of(file)
        });
    }
    list.add("sequence-of-defined-length", Refuse, |c| {
        let inner = LE.element(tags::PATIENT_NAME, "PN", c.text("PatientName in an item"));
        let tag = tags::REQUEST_ATTRIBUTES_SEQUENCE;
        let data_set = image(c).without(tags::PIXEL_DATA);
        let file = data_set.raw(tag, LE.defined_sequence(tag, &[inner])).file();
        Cut::Before(5).of(file)
    });
    list.add("sequence-end-alone", Refuse, |c| {
        let data_set = image(c).bytes();
        part10(
            &meta(EXPLICIT),
            &[data_set, LE.marker(SEQUENCE_END, 0)].concat(),
        )
    });
}
