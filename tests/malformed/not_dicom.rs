//! Files of other kinds, some of which look like DICOM for a moment.

use super::bytes::{EXPLICIT, meta, part10};
use super::case::Expect::{Either, Refuse};
use super::case::{Case, List, image};

pub fn cases() -> Vec<Case> {
    let mut list = List::new("not-dicom", 11);
    for (name, begin) in [
        ("zip", &b"PK\x03\x04\x14\0\0\0"[..]),
        ("gzip", b"\x1f\x8b\x08\0\0\0\0\0"),
        ("pdf", b"%PDF-1.4\n/Author ("),
        ("jpeg", b"\xff\xd8\xff\xe1\0\x20Exif\0\0"),
        ("png", b"\x89PNG\r\n\x1a\n\0\0\0\rtEXt"),
        ("tiff", b"II*\0\x08\0\0\0"),
        ("xml", b"<?xml version=\"1.0\"?><NativeDicomModel>"),
        ("json", b"{\"00100010\":{\"vr\":\"PN\",\"Value\":[\""),
        ("hl7", b"MSH|^~\\&|A|B|C|D\rPID|1||"),
        ("elf", b"\x7fELF\x02\x01\x01\0"),
        ("seven-zip", b"7z\xbc\xaf\x27\x1c"),
        ("nifti", b"\x5c\x01\0\0"),
        ("nrrd", b"NRRD0004\n"),
        ("sqlite", b"SQLite format 3\0"),
        ("group-8-text", b"\x08\0 is how this text begins "),
        ("group-2-text", b"\x02\0 is how this text begins "),
        ("group-8-big-text", b"\0\x08 is how this text begins "),
    ] {
        list.add(name, Refuse, |c| {
            let mut file = begin.to_vec();
            file.extend(c.text("a file that is not DICOM").bytes());
            file.resize(400, b' ');
            file
        });
    }
    list.add("text-with-the-prefix", Refuse, |c| {
        let text = format!("Patient: {} in plain text", c.text("a text behind DICM"));
        [&[b'a'; 128][..], b"DICM", text.as_bytes()].concat()
    });
    list.add("zeros", Refuse, |_| vec![0; 65_536]);
    list.add("zeros-behind-the-prefix", Either, |_| {
        part10(b"", &vec![0; 65_536])
    });
    list.add("ones", Refuse, |_| part10(b"", &vec![0xFF; 65_536]));
    list.add("ones-behind-meta", Refuse, |_| {
        part10(&meta(EXPLICIT), &vec![0xFF; 65_536])
    });
    list.add("prefix-at-the-wrong-place", Either, |c| {
        [b"xx".to_vec(), image(c).file()].concat()
    });
    list.add("html-behind-meta", Refuse, |c| {
        let text = format!("<html>{}</html>", c.text("a web page behind meta"));
        part10(&meta(EXPLICIT), text.as_bytes())
    });
    list.cases
}
