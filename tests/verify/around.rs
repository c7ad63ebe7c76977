//! Damage to the folder, the journal, the reports and the index of the disc.

use dicom_dictionary_std::tags;
use serde_json::Value;

use super::bench::{Copy, INDEX, JOURNAL};
use super::row::{Row, row};

/// Damage to the folder, the journal, the reports and the disc index.
pub const AROUND: &[Row] = &[
    row(
        "a file that is gone",
        |copy| std::fs::remove_file(copy.path("A2")).unwrap(),
        ("missing", "A2", ""),
        None,
    ),
    row(
        "a file too many",
        |copy| {
            std::fs::copy(copy.path("A1"), copy.out.join("clean/MORE")).unwrap();
        },
        ("unlisted", "clean/MORE", ""),
        None,
    ),
    row(
        "a held file that was moved by hand",
        |copy| {
            let to = copy.path("A1").with_file_name("HELD");
            std::fs::rename(copy.path("US"), to).unwrap();
        },
        ("missing", "US", ""),
        None,
    ),
    row(
        "bytes that nothing else looks at",
        |copy| {
            copy.bytes(&copy.path("A1"), |bytes| {
                // the implementation version name
                let at = bytes.windows(8).position(|w| w == b"DCMSCRUB").unwrap();
                bytes[at] = b'X';
            });
        },
        ("changed", "A1", ""),
        None,
    ),
    row(
        "a record of a file that is not there",
        |copy| std::fs::remove_file(copy.path("A2")).unwrap(),
        ("disc-file", "A2", ""),
        Some("disc-file"),
    ),
    row(
        "a file without a record",
        |copy| {
            let to = copy.path("A2").with_file_name("NEW");
            std::fs::copy(copy.path("A2"), to).unwrap();
        },
        ("disc-unindexed", "*/NEW", ""),
        Some("disc-unindexed"),
    ),
    row(
        "a UID of a record",
        |copy| {
            let uid = copy.get("A2", tags::SOP_INSTANCE_UID);
            change_in_index(copy, uid.as_bytes());
        },
        ("disc-record", "A2", ""),
        Some("disc-record"),
    ),
    row(
        "a file ID that is none",
        |copy| {
            let id = copy.path("A2");
            let id = id.file_name().unwrap().to_str().unwrap();
            copy.bytes(&copy.out.join(INDEX), |bytes| {
                let at = find(bytes, id.as_bytes());
                bytes[at] = b'a';
            });
        },
        ("disc-name", INDEX, ""),
        Some("disc-name"),
    ),
    row(
        "a name that no disc can have",
        |copy| {
            let to = copy.path("A2").with_file_name("name.dcm");
            std::fs::copy(copy.path("A2"), to).unwrap();
        },
        ("disc-name", "*/name.dcm", ""),
        Some("disc-name"),
    ),
    row(
        "an offset of the disc index",
        |copy| {
            copy.bytes(&copy.out.join(INDEX), |bytes| {
                // offset of the first record
                let at = find(bytes, b"\x04\0\0\x12UL\x04\0") + 8;
                bytes[at] ^= 2;
            });
        },
        ("disc-link", INDEX, ""),
        Some("disc-link"),
    ),
    row(
        "half a disc index",
        |copy| {
            copy.bytes(&copy.out.join(INDEX), |bytes| {
                bytes.truncate(bytes.len() / 2)
            });
        },
        ("disc-unreadable", INDEX, ""),
        Some("disc-unreadable"),
    ),
    row(
        "no disc index",
        |copy| std::fs::remove_file(copy.out.join(INDEX)).unwrap(),
        ("missing", INDEX, ""),
        None,
    ),
    row(
        "a line of the journal",
        |copy| {
            copy.bytes(&copy.out.join(JOURNAL), |bytes| {
                let at = find(bytes, b"\"bytes\":") + 8;
                bytes[at] ^= 1;
            })
        },
        ("journal-changed", "*report.journal.jsonl:", ""),
        None,
    ),
    row(
        "a line that is gone",
        |copy| {
            let path = copy.out.join(JOURNAL);
            let text = std::fs::read_to_string(&path).unwrap();
            let lines = text.split_inclusive('\n').enumerate();
            let text: String = lines
                .filter(|(at, _)| *at != 2)
                .map(|(_, line)| line)
                .collect();
            std::fs::write(path, text).unwrap();
        },
        ("journal-changed", "*report.journal.jsonl:3", ""),
        None,
    ),
    row(
        "a journal without its end",
        |copy| {
            let path = copy.out.join(JOURNAL);
            let text = std::fs::read_to_string(&path).unwrap();
            let end = text.trim_end().rfind('\n').unwrap() + 1;
            std::fs::write(path, &text[..end]).unwrap();
        },
        ("not-ended", JOURNAL, ""),
        None,
    ),
    row(
        "a journal that was written anew without the key",
        |copy| {
            let change = |lines: &mut Vec<Value>| lines[1]["bytes"] = 1.into();
            copy.rewrite(change, None);
        },
        ("seal", JOURNAL, ""),
        None,
    ),
    row(
        "a number in the last line of the journal",
        |copy| {
            let change = |lines: &mut Vec<Value>| lines.last_mut().unwrap()["files"] = 99.into();
            copy.rewrite(change, None);
        },
        ("sums", JOURNAL, ""),
        Some("sums"),
    ),
    row(
        "a journal with two files in one place",
        |copy| {
            let change = |lines: &mut Vec<Value>| {
                let place = lines
                    .iter()
                    .find(|line| line["bucket"] == "cleaned")
                    .unwrap();
                let mut twice = place.clone();
                twice["blake3"] = "0".repeat(64).into();
                lines.insert(2, twice);
            };
            copy.rewrite(change, None);
        },
        ("two", "*clean/", ""),
        None,
    ),
    row(
        "a journal that has lost an input",
        |copy| {
            copy.rewrite(|lines| drop(lines.remove(1)), None);
        },
        ("input-lost", JOURNAL, ""),
        None,
    ),
    row(
        "a number of the report",
        |copy| {
            let path = copy.out.join("report.json");
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.contains("\"clean\": 6"), "{text}");
            std::fs::write(path, text.replace("\"clean\": 6", "\"clean\": 7")).unwrap();
        },
        ("sums", "report.json", ""),
        Some("sums"),
    ),
    row(
        "a report that says something else",
        |copy| copy.bytes(&copy.out.join("report.json"), |bytes| bytes.extend(b"\n")),
        ("report", "report.json", ""),
        Some("report"),
    ),
    row(
        "words of the report",
        |copy| {
            copy.bytes(&copy.out.join("report.html"), |bytes| {
                bytes.extend(b"words")
            })
        },
        ("report", "report.html", ""),
        Some("report"),
    ),
    row(
        "no report",
        |copy| std::fs::remove_file(copy.out.join("report.html")).unwrap(),
        ("missing", "report.html", ""),
        Some("missing"),
    ),
];

pub fn find(bytes: &[u8], wanted: &[u8]) -> usize {
    let at = bytes
        .windows(wanted.len())
        .position(|window| window == wanted);
    at.unwrap()
}

/// Changes a digit of a text in the disc index.
fn change_in_index(copy: &Copy<'_>, text: &[u8]) {
    copy.bytes(&copy.out.join(INDEX), |bytes| {
        let at = find(bytes, text) + text.len() - 1;
        bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
    });
}
