//! Plain words for what a run did: the same on the terminal and in the report.

use super::Summary;
use crate::batch::kind;
use crate::batch::outcome::Bucket;

/// `1 file`, `2 files`.
#[must_use]
pub fn counted(n: u64, one: &str, many: &str) -> String {
    let word = if n == 1 { one } else { many };
    format!("{} {word}", grouped(n))
}

/// A number with commas between thousands.
#[must_use]
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len().saturating_add(4));
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && digits.len().saturating_sub(at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Text for a terminal: control characters, and those that turn the order of letters round, are shown as escapes, not obeyed.
#[must_use]
pub fn escaped(text: &str) -> String {
    escaped_but(text, |_| false)
}

/// The same, but for some characters that stay as they are.
#[must_use]
pub fn escaped_but(text: &str, stays: impl Fn(char) -> bool) -> String {
    let turns = |c| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .flat_map(|c| {
            if (c.is_control() || turns(c)) && !stays(c) {
                c.escape_default().collect::<Vec<_>>()
            } else {
                vec![c]
            }
        })
        .collect()
}

/// A size as people say it.
#[must_use]
pub fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 4] = [
        ("TB", 1 << 40),
        ("GB", 1 << 30),
        ("MB", 1 << 20),
        ("kB", 1 << 10),
    ];
    for (unit, of) in UNITS {
        if bytes >= of {
            let tenths = bytes.saturating_mul(10).checked_div(of).unwrap_or(0);
            return format!("{}.{} {unit}", grouped(tenths / 10), tenths % 10);
        }
    }
    counted(bytes, "byte", "bytes")
}

/// What one reason means: the words for one file and for several, and why where there is more to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// One of them.
    pub one: String,
    /// Several of them.
    pub many: String,
    /// Why, or what to do; empty where the words say it all.
    pub why: String,
}

impl Meaning {
    /// `2 ultrasounds`
    #[must_use]
    pub fn counted(&self, n: u64) -> String {
        counted(n, &self.one, &self.many)
    }
}

/// Files that failed, by their reason's code: one, several, what to do.
const FAILED: [(&[&str], &str, &str, &str); 13] = [
    (
        &[
            "cut-header",
            "length-beyond-end",
            "not-a-vr",
            "undefined-length",
            "not-an-item",
            "stray-delimiter",
            "no-delimiter",
            "trailing-bytes",
            "two-pixel-data",
            "inflate",
            "no-data-set",
        ],
        "damaged file",
        "damaged files",
        "the file is cut off or contradicts itself; a fresh copy from where it came from may be whole",
    ),
    (
        &["io", "unreadable", "copy"],
        "file that could not be read or written",
        "files that could not be read or written",
        "a scratched disc, a full disk or a missing permission; the terminal said which",
    ),
    (
        &["last-look"],
        "file in which something that identifies was still found",
        "files in which something that identifies was still found",
        "nothing of it was written; tell us about it",
    ),
    (
        &["changed-while-read"],
        "file that changed while it was read",
        "files that changed while they were read",
        "clean again when nobody writes to it",
    ),
    (
        &["other-content-exists"],
        "file whose output has another content already",
        "files whose output has another content already",
        "choose a new output folder",
    ),
    (
        &["bound", "too-long"],
        "file beyond the limits of this program",
        "files beyond the limits of this program",
        "it is nested too deep, or has too many or too large parts",
    ),
    (
        &["transfer-syntax"],
        "file in an encoding that is not known here",
        "files in an encoding that is not known here",
        "",
    ),
    (
        &["unmapped-patient"],
        "file of a patient who is not in your list",
        "files of patients who are not in your list",
        "add the patient to the list, or choose unmapped = \"derive\" or \"hold\" in the profile",
    ),
    (
        &["entry-encrypted"],
        "encrypted entry of an archive",
        "encrypted entries of an archive",
        "unpack the archive with its password first",
    ),
    (
        &["entry-method", "entry-damaged"],
        "entry of an archive that could not be unpacked",
        "entries of an archive that could not be unpacked",
        "unpack the archive first; if that fails too, it is damaged",
    ),
    (
        &["archive-damaged", "archive-bound", "archive-ambiguous"],
        "archive that could not be opened",
        "archives that could not be opened",
        "it is damaged, too large, or not made as archives are; unpack it first",
    ),
    (
        &["inside-output", "list-unreadable"],
        "input that could not be taken",
        "inputs that could not be taken",
        "",
    ),
    (
        &["bug"],
        "file that this program has a fault with",
        "files that this program has a fault with",
        "nothing of it was written; tell us about it",
    ),
];

/// What to do about a file that failed for this reason, where there is something to do.
#[must_use]
pub fn what_to_do(reason: &str) -> Option<&'static str> {
    let row = FAILED.iter().find(|(codes, ..)| codes.contains(&reason))?;
    (!row.3.is_empty()).then_some(row.3)
}

/// What a reason of a bucket means.
#[must_use]
pub fn meaning(summary: &Summary, bucket: Bucket, reason: &str) -> Meaning {
    let said = |one: &str, many: &str, why: &str| Meaning {
        one: one.to_owned(),
        many: many.to_owned(),
        why: why.to_owned(),
    };
    match bucket {
        Bucket::Cleaned if reason == "released" => said(
            "file that a person looked at and released",
            "files that a person looked at and released",
            "",
        ),
        Bucket::Cleaned => said("file", "files", ""),
        Bucket::HeldBack => match summary.holds.iter().find(|hold| hold.code == reason) {
            Some(hold) => said(&hold.one, &hold.many, &hold.why),
            None => said("file", "files", ""),
        },
        Bucket::LeftBehind => match kind::by_code(reason) {
            Some(kind) => said(kind.one, kind.many, ""),
            None => said("another file", "other files", ""),
        },
        Bucket::Failed => match FAILED.iter().find(|(codes, ..)| codes.contains(&reason)) {
            Some((_, one, many, why)) => said(one, many, why),
            None => said("file", "files", ""),
        },
    }
}

/// Reasons of one bucket that mean the same, with their counts added up, the most frequent first.
#[must_use]
pub fn meanings(summary: &Summary, bucket: Bucket) -> Vec<(Meaning, u64)> {
    let mut out: Vec<(Meaning, u64)> = Vec::new();
    for (reason, count) in summary.reasons_of(bucket) {
        let meaning = meaning(summary, bucket, reason);
        match out.iter_mut().find(|(known, _)| *known == meaning) {
            Some((_, n)) => *n = n.saturating_add(count),
            None => out.push((meaning, count)),
        }
    }
    out.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    out
}

/// `2 ultrasounds, 1 screen capture or scan`; kinds of what was left behind without a number where there is one.
#[must_use]
pub fn list(summary: &Summary, bucket: Bucket) -> String {
    let words: Vec<String> = meanings(summary, bucket)
        .into_iter()
        .map(|(meaning, n)| match (bucket, n) {
            (Bucket::LeftBehind, 1) => meaning.one,
            _ => meaning.counted(n),
        })
        .collect();
    words.join(", ")
}

/// What this program cannot know of these files, a line each.
#[must_use]
pub fn cannot_know(summary: &Summary) -> Vec<String> {
    let mut lines = Vec::new();
    let held = summary.count(Bucket::HeldBack);
    lines.push(match held {
        0 => "text drawn into a picture: nothing was held back for it, but look at the pictures all the same".to_owned(),
        1 => "text drawn into a picture, or what a document says: 1 file may have some; it is held back".to_owned(),
        n => format!(
            "text drawn into a picture, or what a document says: {} files may have some; they are held back",
            grouped(n)
        ),
    });
    if summary
        .options
        .iter()
        .any(|option| option == "clean-descriptors")
    {
        lines.push(
            "a name in a description that nothing else in its file tells of, as that of a relative"
                .to_owned(),
        );
    }
    let warnings = &summary.warnings;
    let heads = warnings
        .head_series
        .values()
        .fold(0u64, |sum, n| sum.saturating_add(*n));
    if heads > 0 {
        let modalities: Vec<&str> = warnings.head_series.keys().map(String::as_str).collect();
        lines.push(format!(
            "a head scan can show a face: {} here ({}, head)",
            counted(heads, "series", "series"),
            modalities.join(", ")
        ));
    }
    if warnings.unsaid_series > 0 {
        let do_not = if warnings.unsaid_series == 1 {
            "does"
        } else {
            "do"
        };
        lines.push(format!(
            "a head scan can show a face: {} {do_not} not say what part of the body they show",
            counted(warnings.unsaid_series, "series", "series"),
        ));
    }
    let patients = summary.people.patients;
    if patients > 1 {
        lines.push(format!(
            "{} different people are {}. If you expected one, stop and check.",
            grouped(patients),
            if summary.layout == "media" {
                "on this disc"
            } else {
                "in these files"
            }
        ));
    }
    let mixed = [
        (
            warnings.patients_with_several_names,
            "one patient number stands with more than one name",
            "patient numbers stand with more than one name",
        ),
        (
            warnings.patients_with_several_birth_dates,
            "one patient number stands with more than one birth date",
            "patient numbers stand with more than one birth date",
        ),
        (
            warnings.studies_with_several_patients,
            "one study has more than one patient number",
            "studies have more than one patient number",
        ),
    ];
    for (n, one, many) in mixed {
        match n {
            0 => {}
            1 => lines.push(format!(
                "{one}: files may have been mixed up before they came here"
            )),
            n => lines.push(format!(
                "{} {many}: files may have been mixed up before they came here",
                grouped(n)
            )),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_sizes_are_said_as_people_say_them() {
        assert_eq!(counted(1, "file", "files"), "1 file");
        assert_eq!(counted(41_207, "file", "files"), "41,207 files");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(999), "999");
        assert_eq!(size(500), "500 bytes");
        assert_eq!(size(1_572_864), "1.5 MB");
    }

    #[test]
    fn every_kind_of_failure_has_words() {
        use crate::dicom::{Bound, Damage, ReadError};
        for error in [
            ReadError::TransferSyntax,
            ReadError::Bound {
                at: 0,
                bound: Bound::Depth,
            },
            ReadError::Damaged {
                at: 0,
                path: None,
                damage: Damage::TwoPixelData,
            },
            ReadError::Io(std::io::ErrorKind::Other.into()),
        ] {
            assert!(
                FAILED
                    .iter()
                    .any(|(codes, ..)| codes.contains(&error.code())),
                "{error}"
            );
        }
    }
}
