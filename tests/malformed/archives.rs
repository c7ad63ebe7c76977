//! Archives of the .zip kind whose lists, sizes and names lie. They are given by name, so their entries are inputs.

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use super::bytes::{deflate, length};
use super::case::Expect::{self, Clean, Either, Mixed, Refuse};
use super::case::{Canaries, Case, List, image};

const STORED: u16 = 0;
const DEFLATED: u16 = 8;
const ENCRYPTED: u16 = 1;
const SIZES_BEHIND: u16 = 8;
const UTF8: u16 = 1 << 11;

/// One entry as its local header and the list of entries tell of it (APPNOTE 4.3.7 and 4.3.12).
#[derive(Clone)]
struct Entry {
    name: Vec<u8>,
    /// Its name in the list, where it is another.
    listed: Option<Vec<u8>>,
    packed: Vec<u8>,
    method: u16,
    flags: u16,
    crc: u32,
    packed_size: u32,
    size: u32,
    /// Where the list says that its local header stands.
    at: Option<u32>,
    attributes: u32,
    extra: Vec<u8>,
}

impl Entry {
    fn stored(name: &str, bytes: &[u8]) -> Self {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        Self {
            name: name.into(),
            listed: None,
            packed: bytes.to_vec(),
            method: STORED,
            flags: 0,
            crc: crc.sum(),
            packed_size: length(bytes),
            size: length(bytes),
            at: None,
            attributes: 0,
            extra: Vec::new(),
        }
    }

    fn deflated(name: &str, bytes: &[u8]) -> Self {
        let packed = deflate(bytes);
        Self {
            method: DEFLATED,
            packed_size: length(&packed),
            packed,
            ..Self::stored(name, bytes)
        }
    }

    /// What the local header and the list have in common, from the needed version to the length of the extra field.
    fn common(&self, name: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for two in [20, self.flags, self.method, 0, 0x21] {
            out.extend(two.to_le_bytes());
        }
        for four in [self.crc, self.packed_size, self.size] {
            out.extend(four.to_le_bytes());
        }
        out.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        out.extend(u16::try_from(self.extra.len()).unwrap().to_le_bytes());
        out
    }

    fn local(&self) -> Vec<u8> {
        [
            b"PK\x03\x04",
            &self.common(&self.name)[..],
            &self.name,
            &self.extra,
            &self.packed,
        ]
        .concat()
    }

    fn in_list(&self, at: u32) -> Vec<u8> {
        let name = self.listed.as_ref().unwrap_or(&self.name);
        let mut out = [b"PK\x01\x02\x14\x03", &self.common(name)[..]].concat();
        out.extend([0; 6]);
        out.extend(self.attributes.to_le_bytes());
        out.extend(self.at.unwrap_or(at).to_le_bytes());
        out.extend(name);
        out.extend(&self.extra);
        out
    }
}

/// What the last record says (APPNOTE 4.3.16), where it does not say the truth.
#[derive(Clone, Default)]
struct Ending {
    count: Option<u16>,
    list_at: Option<u32>,
    list_size: Option<u32>,
    comment: Vec<u8>,
}

fn archive(entries: &[Entry]) -> Vec<u8> {
    archive_ending(entries, &Ending::default())
}

fn archive_ending(entries: &[Entry], ending: &Ending) -> Vec<u8> {
    let (mut out, mut list) = (Vec::new(), Vec::new());
    for entry in entries {
        list.extend(entry.in_list(length(&out)));
        out.extend(entry.local());
    }
    let list_at = length(&out);
    out.extend(&list);
    let count = u16::try_from(entries.len().min(0xFFFF)).unwrap();
    let count = ending.count.unwrap_or(count).to_le_bytes();
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count);
    out.extend(count);
    out.extend(ending.list_size.unwrap_or(length(&list)).to_le_bytes());
    out.extend(ending.list_at.unwrap_or(list_at).to_le_bytes());
    out.extend(u16::try_from(ending.comment.len()).unwrap().to_le_bytes());
    out.extend(&ending.comment);
    out
}

/// Many entries of no bytes, with the records for more than 65,535 of them (APPNOTE 4.3.14 and 4.3.15).
pub fn archive_of_many(count: u32) -> Vec<u8> {
    let entry = Entry::stored("0000000", b"");
    let mut out = entry.local();
    let list_at = u64::try_from(out.len()).unwrap();
    for n in 0..count {
        let listed = Some(format!("{n:07}").into_bytes());
        out.extend(
            Entry {
                listed,
                ..entry.clone()
            }
            .in_list(0),
        );
    }
    let end = u64::try_from(out.len()).unwrap();
    out.extend(b"PK\x06\x06");
    out.extend(44u64.to_le_bytes());
    out.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for eight in [u64::from(count), u64::from(count), end - list_at, list_at] {
        out.extend(eight.to_le_bytes());
    }
    out.extend(b"PK\x06\x07\0\0\0\0");
    out.extend(end.to_le_bytes());
    out.extend(1u32.to_le_bytes());
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([0xFF; 12]);
    out.extend([0, 0]);
    out
}

pub fn cases() -> Vec<Case> {
    let mut list = List::new("archives", 12);
    sound(&mut list);
    names(&mut list);
    entries_that_lie(&mut list);
    lists_that_lie(&mut list);
    sizes(&mut list);
    list.cases
}

fn zip(list: &mut List, name: &str, expect: Expect, bytes: impl FnOnce(&mut Canaries) -> Vec<u8>) {
    list.add_named(name, expect, "case.zip", bytes);
}

/// An archive of one deflated image after a change to its entry.
fn changed(c: &mut Canaries, change: impl FnOnce(&mut Entry)) -> Vec<u8> {
    let mut entry = Entry::deflated("a.dcm", &image(c).file());
    change(&mut entry);
    archive(&[entry])
}

fn sound(list: &mut List) {
    zip(list, "stored", Clean, |c| {
        archive(&[Entry::stored("a.dcm", &image(c).file())])
    });
    zip(list, "deflated", Clean, |c| changed(c, |_| {}));
    zip(list, "with-comment", Clean, |c| {
        let entries = [Entry::stored("a.dcm", &image(c).file())];
        let comment = c.text("the comment of an archive").into_bytes();
        let ending = Ending {
            comment,
            ..Ending::default()
        };
        archive_ending(&entries, &ending)
    });
    zip(list, "bytes-in-front", Either, |c| {
        let first = c.text("in front of an archive").into_bytes();
        [first, changed(c, |_| {})].concat()
    });
    zip(list, "nothing-in-it", Refuse, |_| archive(&[]));
    zip(list, "an-archive-in-it", Either, |c| {
        let inner = changed(c, |_| {});
        archive(&[Entry::stored("inner.zip", &inner)])
    });
    zip(list, "an-archive-and-an-image-in-it", Clean, |c| {
        let inner = changed(c, |_| {});
        let image = image(c).file();
        archive(&[
            Entry::stored("inner.zip", &inner),
            Entry::stored("a.dcm", &image),
        ])
    });
    zip(list, "text-in-it", Refuse, |c| {
        let text = c.text("a text in an archive");
        archive(&[Entry::deflated("letter.txt", text.as_bytes())])
    });
    list.add("image-that-is-an-archive-too", Either, |c| {
        let mut file = image(c).file();
        file.extend(changed(c, |_| {}));
        file
    });
}

fn names(list: &mut List) {
    for (name, entry_name) in [
        ("up", "../../../NAME.dcm"),
        ("up-windows", "..\\..\\NAME.dcm"),
        ("absolute", "/tmp/NAME.dcm"),
        ("drive", "C:\\NAME.dcm"),
        ("patient", "NAME^ANNA/1.dcm"),
        ("nul", "NAME\0.dcm"),
        ("empty", ""),
        ("reserved", "CON"),
        ("controls", "\x1b[2J\r.dcm"),
    ] {
        zip(list, &format!("name-{name}"), Clean, |c| {
            let entry_name = entry_name.replace("NAME", &c.direct("the name of an entry"));
            archive(&[Entry::stored(&entry_name, &image(c).file())])
        });
    }
    zip(list, "name-not-utf8", Clean, |c| {
        changed(c, |entry| {
            entry.flags = UTF8;
            entry.name = b"\xff\xfe\xc3.dcm".to_vec();
        })
    });
    zip(list, "names-equal", Refuse, |c| {
        let (first, second) = (image(c).file(), image(c).file());
        archive(&[
            Entry::stored("a.dcm", &first),
            Entry::stored("a.dcm", &second),
        ])
    });
    zip(list, "names-equal-but-for-case", Clean, |c| {
        let (first, second) = (image(c).file(), image(c).file());
        archive(&[
            Entry::stored("a.dcm", &first),
            Entry::stored("A.DCM", &second),
        ])
    });
    zip(list, "names-of-header-and-list-differ", Either, |c| {
        changed(c, |entry| entry.listed = Some(b"b.dcm".to_vec()))
    });
}

fn entries_that_lie(list: &mut List) {
    zip(list, "encrypted", Refuse, |c| {
        changed(c, |entry| entry.flags = ENCRYPTED)
    });
    zip(list, "encrypted-beside-a-good-one", Mixed, |c| {
        let mut encrypted = Entry::stored("a.dcm", &image(c).file());
        encrypted.flags = ENCRYPTED;
        archive(&[encrypted, Entry::stored("b.dcm", &image(c).file())])
    });
    for (name, method) in [("bzip2", 12), ("lzma", 14), ("zstd", 93), ("unknown", 999)] {
        zip(list, &format!("method-{name}"), Refuse, |c| {
            changed(c, |entry| entry.method = method)
        });
    }
    zip(list, "method-stored-is-deflated", Refuse, |c| {
        changed(c, |entry| entry.method = STORED)
    });
    zip(list, "method-deflated-is-stored", Refuse, |c| {
        let mut entry = Entry::stored("a.dcm", &image(c).file());
        entry.method = DEFLATED;
        archive(&[entry])
    });
    zip(list, "checksum-false", Refuse, |c| {
        changed(c, |entry| entry.crc ^= 1)
    });
    zip(list, "size-smaller", Refuse, |c| {
        changed(c, |entry| entry.size = 100)
    });
    zip(list, "size-larger", Refuse, |c| {
        changed(c, |entry| entry.size += 100)
    });
    zip(list, "size-huge", Refuse, |c| {
        changed(c, |entry| entry.size = 0xFFFF_FFF0)
    });
    zip(list, "size-zero", Refuse, |c| {
        changed(c, |entry| entry.size = 0)
    });
    zip(list, "packed-size-beyond-end", Refuse, |c| {
        changed(c, |entry| entry.packed_size = 0x7FFF_FFFF)
    });
    zip(list, "packed-size-smaller", Refuse, |c| {
        changed(c, |entry| entry.packed_size -= 40)
    });
    zip(list, "sizes-behind-the-entry", Either, |c| {
        changed(c, |entry| entry.flags = SIZES_BEHIND)
    });
    zip(list, "header-beyond-end", Refuse, |c| {
        changed(c, |entry| entry.at = Some(0x7FFF_FFFF))
    });
    zip(list, "header-is-no-header", Refuse, |c| {
        changed(c, |entry| entry.at = Some(5))
    });
    zip(list, "extra-field-cut", Either, |c| {
        changed(c, |entry| entry.extra = vec![1, 0, 0xFF, 0xFF])
    });
    zip(list, "link", Either, |c| {
        changed(c, |entry| {
            entry.attributes = 0o120_777 << 16;
            entry.packed = deflate(b"/etc/passwd");
            entry.packed_size = length(&entry.packed);
        })
    });
    zip(list, "deflated-data-set-in-a-deflated-entry", Clean, |c| {
        archive(&[Entry::deflated("a.dcm", &image(c).deflated())])
    });
}

fn lists_that_lie(list: &mut List) {
    let one = |c: &mut Canaries, ending: Ending| {
        archive_ending(&[Entry::deflated("a.dcm", &image(c).file())], &ending)
    };
    for (name, expect, count) in [
        ("none", Refuse, 0),
        ("two", Refuse, 2),
        ("many", Refuse, 60_000),
    ] {
        zip(list, &format!("count-says-{name}"), expect, |c| {
            let count = Some(count);
            one(
                c,
                Ending {
                    count,
                    ..Ending::default()
                },
            )
        });
    }
    zip(list, "count-says-one-of-two", Refuse, |c| {
        let entries = [
            Entry::stored("a.dcm", &image(c).file()),
            Entry::stored("b.dcm", &image(c).file()),
        ];
        let count = Some(1);
        archive_ending(
            &entries,
            &Ending {
                count,
                ..Ending::default()
            },
        )
    });
    for (name, list_at) in [("zero", 0), ("beyond-end", 0x7FFF_FFFF)] {
        zip(list, &format!("list-at-{name}"), Refuse, |c| {
            let list_at = Some(list_at);
            one(
                c,
                Ending {
                    list_at,
                    ..Ending::default()
                },
            )
        });
    }
    zip(list, "list-size-false", Either, |c| {
        let list_size = Some(7);
        one(
            c,
            Ending {
                list_size,
                ..Ending::default()
            },
        )
    });
    zip(list, "entries-share-their-bytes", Refuse, |c| {
        let first = Entry::stored("a.dcm", &image(c).file());
        let mut second = first.clone();
        second.name = b"b.dcm".to_vec();
        second.at = Some(0);
        archive(&[first, second])
    });
    zip(list, "entry-inside-an-entry", Either, |c| {
        let inner = Entry::stored("inner.dcm", &image(c).file());
        let outer = Entry::stored("outer.txt", &inner.local());
        let hidden = Entry {
            at: Some(30 + 9),
            ..inner
        };
        archive(&[outer, hidden])
    });
    zip(list, "two-endings", Either, |c| {
        let first = changed(c, |_| {});
        [first, changed(c, |_| {})].concat()
    });
    for part in [1, 2, 3] {
        zip(list, &format!("cut-at-{part}-quarters"), Refuse, |c| {
            let mut bytes = changed(c, |_| {});
            bytes.truncate(bytes.len() * part / 4);
            bytes
        });
    }
    zip(list, "cut-in-the-last-record", Refuse, |c| {
        let mut bytes = changed(c, |_| {});
        bytes.truncate(bytes.len() - 3);
        bytes
    });
    zip(list, "rubbish", Refuse, |_| {
        [b"PK\x03\x04".to_vec(), vec![0xAB; 900]].concat()
    });
}

fn sizes(list: &mut List) {
    zip(list, "300000-entries", Refuse, |_| archive_of_many(300_000));
    zip(list, "2000-entries-of-text", Refuse, |_| {
        let entries: Vec<Entry> = (0..2000)
            .map(|n| Entry::stored(&n.to_string(), b"a text"))
            .collect();
        archive(&entries)
    });
    zip(list, "zeros-of-64-mib", Refuse, |_| {
        archive(&[Entry::deflated("a.dcm", &vec![0; 64 << 20])])
    });
    zip(list, "image-of-64-mib", Either, |c| {
        let pixels = vec![0; 64 << 20];
        let file = image(c)
            .number(tags::ROWS, 8192)
            .number(tags::COLUMNS, 8192)
            .with(tags::PIXEL_DATA, "OW", pixels)
            .file();
        archive(&[Entry::deflated("a.dcm", &file)])
    });
    zip(list, "zeros-behind-an-image", Either, |c| {
        let mut file = image(c).with(Tag(0x0029, 0x0010), "LO", "ACME").file();
        file.resize(40 << 20, 0);
        archive(&[Entry::deflated("a.dcm", &file)])
    });
}
