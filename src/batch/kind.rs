//! What a file that is not DICOM is, as far as a person wants to know why it was left behind.
//!
//! Owns: kinds by first bytes, then by name. The name is looked at and never passed on.

use std::path::Path;

/// A kind of file: a stable word for reports, and plain words for one and for several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// A stable word.
    pub code: &'static str,
    /// One of them.
    pub one: &'static str,
    /// Several of them.
    pub many: &'static str,
}

macro_rules! kinds {
    ($($name:ident $code:literal $one:literal $many:literal;)*) => {
        $(#[doc = $one] pub const $name: Kind = Kind { code: $code, one: $one, many: $many };)*

        /// All kinds.
        pub const ALL: &[Kind] = &[$($name),*];
    };
}

kinds! {
    DISC_INDEX "disc-index" "the old disc index" "old disc indexes";
    PROGRAM "program" "a viewer or another program" "parts of a viewer or of other programs";
    AUTORUN "autorun" "a file that starts a program" "files that start programs";
    DOCUMENT "document" "a PDF or text document" "PDF or text documents";
    WEB_PAGE "web-page" "a web page" "web pages";
    XML "xml" "an XML file" "XML files";
    PICTURE "picture" "a picture that is not DICOM" "pictures that are not DICOM";
    SYSTEM "system-file" "a file of the computer's own" "files of the computer's own";
    ARCHIVE "archive" "an unopened archive" "unopened archives";
    TEXT "text" "a text file" "text files";
    EMPTY "empty-file" "an empty file" "empty files";
    LINK "link" "a link that was not followed" "links that were not followed";
    SPECIAL "special-file" "a pipe, device or socket" "pipes, devices or sockets";
    OTHER "not-dicom" "another file that is not DICOM" "other files that are not DICOM";
}

/// The kind with this code.
#[must_use]
pub fn by_code(code: &str) -> Option<Kind> {
    ALL.iter().find(|kind| kind.code == code).copied()
}

const PROGRAMS: [&str; 22] = [
    "exe", "dll", "so", "dylib", "jar", "class", "msi", "bat", "cmd", "com", "sh", "ocx", "sys",
    "app", "ico", "ini", "cfg", "conf", "lib", "bin", "manifest", "cab",
];
const DOCUMENTS: [&str; 8] = ["pdf", "doc", "docx", "rtf", "odt", "xls", "xlsx", "ppt"];
const WEB: [&str; 6] = ["htm", "html", "xhtml", "css", "js", "mht"];
const PICTURES: [&str; 10] = [
    "jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "webp", "avi", "mp4",
];
const ARCHIVES: [&str; 7] = ["zip", "7z", "rar", "gz", "tgz", "tar", "iso"];
const TEXTS: [&str; 6] = ["txt", "md", "csv", "tsv", "log", "nfo"];

/// The kind of a file by its first bytes (a few dozen are enough) and its name.
#[must_use]
pub fn kind_of(start: &[u8], name: &Path) -> Kind {
    let file_name = name.file_name().unwrap_or_default().to_string_lossy();
    let lower = file_name.to_lowercase();
    let ending = lower.rsplit_once('.').map_or("", |(_, ending)| ending);
    if start.is_empty() {
        return EMPTY;
    }
    if lower.starts_with("._")
        || ["thumbs.db", "desktop.ini", ".ds_store", "ehthumbs.db"].contains(&lower.as_str())
    {
        return SYSTEM;
    }
    if lower == "dicomdir" {
        return DISC_INDEX;
    }
    if lower == "autorun.inf" || ending == "inf" {
        return AUTORUN;
    }
    let begins = |signatures: &[&[u8]]| signatures.iter().any(|one| start.starts_with(one));
    if begins(&[
        b"MZ",
        b"\x7fELF",
        b"#!",
        b"\xca\xfe\xba\xbe",
        b"\xcf\xfa\xed\xfe",
    ]) {
        return PROGRAM;
    }
    if begins(&[b"%PDF", b"{\\rtf"]) || DOCUMENTS.contains(&ending) {
        return DOCUMENT;
    }
    if begins(&[
        b"\xff\xd8\xff",
        b"\x89PNG",
        b"GIF8",
        b"BM",
        b"II*\0",
        b"MM\0*",
    ]) {
        return PICTURE;
    }
    if ending == "jar" || PROGRAMS.contains(&ending) {
        return PROGRAM;
    }
    if begins(&[
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"7z\xbc\xaf",
        b"Rar!",
        b"\x1f\x8b",
    ]) || ARCHIVES.contains(&ending)
    {
        return ARCHIVE;
    }
    if WEB.contains(&ending) {
        return WEB_PAGE;
    }
    if ending == "xml" || ending == "xsl" || begins(&[b"<?xml", b"\xef\xbb\xbf<?xml"]) {
        return XML;
    }
    if PICTURES.contains(&ending) {
        return PICTURE;
    }
    let is_text = |b: &u8| !matches!(b, 0..=8 | 14..=31 | 127);
    if TEXTS.contains(&ending) || start.iter().all(is_text) {
        return TEXT;
    }
    OTHER
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_a_disc_are_known_by_what_they_are() {
        let rows: &[(&[u8], &str, Kind)] = &[
            (b"MZ\x90", "VIEWER/VIEWER.EXE", PROGRAM),
            (b"[last]", "VIEWER.INI", PROGRAM),
            (b"[autorun]", "AUTORUN.INF", AUTORUN),
            (b"%PDF-1.4", "REPORT", DOCUMENT),
            (b"<html>", "INDEX.HTM", WEB_PAGE),
            (b"<?xml version", "report", XML),
            (b"\xff\xd8\xff\xfe", "THUMB001", PICTURE),
            (b"\0\0\0\x01Bud1", ".DS_Store", SYSTEM),
            (b"\0\x05\x16\x07", "._INDEX.HTM", SYSTEM),
            (b"\xd0\xcf\x11\xe0", "Thumbs.db", SYSTEM),
            (b"PK\x03\x04", "a.zip", ARCHIVE),
            (b"hello", "VERSION", TEXT),
            (b"", "EMPTY.DCM", EMPTY),
            (b"\0\x01\x02", "x", OTHER),
        ];
        for (start, name, expected) in rows {
            assert_eq!(kind_of(start, Path::new(name)), *expected, "{name}");
        }
        assert!(ALL.iter().all(|kind| by_code(kind.code) == Some(*kind)));
    }
}
