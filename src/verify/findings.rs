//! What can be found: a stable word, a place, plain words. Never a value.

use serde::Serialize;

/// Findings that are kept; more of them say nothing new, and memory does not grow with the damage.
const MOST: usize = 10_000;
/// Findings of one file that are kept: one file does not hide what is wrong with the others.
const OF_FILE: usize = 100;

macro_rules! codes {
    ($($name:ident $code:literal $message:literal;)*) => {
        $(#[doc = $message] pub const $name: Code = Code { word: $code, message: $message };)*
        /// All codes with their words, in the order in which a reading goes.
        pub const CODES: &[Code] = &[$($name),*];
    };
}

/// One kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// A stable word.
    pub word: &'static str,
    /// What it means.
    pub message: &'static str,
}

codes! {
    JOURNAL_CHANGED "journal-changed" "a line of the journal, or the one before it, was changed";
    NOT_ENDED "not-ended" "the run did not come to its end";
    SEAL "seal" "the journal was written anew without the key, or the key is another one";
    FOREIGN "foreign" "no file of this program's stands here";
    MISSING "missing" "a file that the journal speaks of is not there";
    TWO "two" "the journal speaks of two files in this place";
    UNLISTED "unlisted" "the journal does not speak of this file";
    CHANGED "changed" "the file is not what was written";
    REPORT "report" "the report does not say what the journal says";
    SUMS "sums" "the numbers of the report or the journal are not those of the files";
    UNREADABLE "unreadable" "the file cannot be read as DICOM";
    READERS_DIFFER "readers-differ" "two readers see different data elements";
    PREAMBLE "preamble" "bytes in front of the file that no output has";
    FILE_META "file-meta" "an element of group 0002 that no output has";
    FILE_META_UID "file-meta-uid" "group 0002 names another instance, or another class, than the data set";
    MARK "mark" "what the file says of its own cleaning is not what was promised";
    LISTED_LEFT "listed-left" "an attribute that the profile removes or empties has a value";
    UNLISTED_LEFT "unlisted-left" "an attribute that no output of this profile has";
    PRIVATE_LEFT "private-left" "a private data element that the profile does not keep";
    UID_LEFT "uid-left" "a UID that is none of this program's and none of the standard's";
    NO_CODE "no-code" "no pseudonym where the profile promises one";
    INSTANCE_TWICE "instance-twice" "one SOP Instance UID in two files";
    CLASS_DIFFERS "class-differs" "one SOP Instance UID with two SOP Classes";
    SERIES_MIXED "series-mixed" "one series in two studies";
    STUDY_MIXED "study-mixed" "one study of two patients";
    FRAME_MIXED "frame-mixed" "one frame of reference of two patients";
    UID_ROLES "uid-roles" "one UID names two kinds of things";
    REFERENCE "reference" "a reference is not to the instance, class, series or study that it names";
    DISC_UNREADABLE "disc-unreadable" "the disc index cannot be read";
    DISC_NAME "disc-name" "a name that no disc can have";
    DISC_FILE "disc-file" "the disc index speaks of a file that is not there";
    DISC_RECORD "disc-record" "the disc index does not say of the file what the file says";
    DISC_LINK "disc-link" "the records of the disc index do not lead to each other";
    DISC_UNINDEXED "disc-unindexed" "the disc index does not speak of this file";
    INPUT_LOST "input-lost" "an input without an outcome";
    PIXELS "pixels" "the pixel data are not those of the input";
    NAMED "named" "a value that identifies somebody in the input stands in the output";
    DATE_SHIFT "date-shift" "a date moved by other days than the patient's other dates";
    UID_MAPPING "uid-mapping" "one UID of the input became two, or two became one";
    NOT_KEPT "not-kept" "a value that nothing was to change is another one";
    REWORDED "reworded" "a text that was to be cleaned has words that the input does not have";
    ADDED "added" "a data element that the input does not have";
}

/// What a reading counts without finding fault.
macro_rules! notes {
    ($($name:ident $code:literal $one:literal $many:literal;)*) => {
        $(#[doc = $many] pub const $name: Note = Note { word: $code, one: $one, many: $many };)*
        /// All of them.
        pub const NOTES: &[Note] = &[$($name),*];
    };
}

/// Something that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note {
    /// A stable word.
    pub word: &'static str,
    /// One of it.
    pub one: &'static str,
    /// Several.
    pub many: &'static str,
}

notes! {
    BY_OUR_READER "not-read-by-second-reader" "file that the second reader cannot read, looked at by this program's own" "files that the second reader cannot read, looked at by this program's own";
    TOO_LARGE "too-large" "file whose header is too large to be judged" "files whose headers are too large to be judged";
    OUTSIDE "references-outside" "reference to an instance that is not in the set" "references to instances that are not in the set";
    AS_WRITTEN "as-written" "contradiction between files that are as they were written: the input may have it" "contradictions between files that are as they were written: the input may have them";
    UNPAIRED "unpaired" "output without its input: not compared" "outputs without their inputs: not compared";
    INPUT_UNREAD "input-unread" "input that can no longer be read: not compared" "inputs that can no longer be read: not compared";
}

/// Something that is not as it has to be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// Where: below the output folder.
    pub place: String,
    /// The data element: tags with the numbers of items, then the keyword.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub element: String,
    /// A stable word.
    pub code: &'static str,
    /// What it means.
    pub message: &'static str,
}

/// Findings, as many as are kept, and their number.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Those that are kept.
    pub kept: Vec<Finding>,
    /// All of them.
    pub count: u64,
}

impl Findings {
    /// Takes a finding about a file or a folder.
    pub fn found(&mut self, code: Code, place: impl Into<String>) {
        self.found_at(code, place, String::new());
    }

    /// Takes a finding about a data element.
    pub fn found_at(&mut self, code: Code, place: impl Into<String>, element: impl Into<String>) {
        self.count = self.count.saturating_add(1);
        if self.kept.len() < MOST {
            self.kept.push(Finding {
                place: place.into(),
                element: element.into(),
                code: code.word,
                message: code.message,
            });
        }
    }

    /// Adds those of one file.
    pub fn append(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        let room = MOST.saturating_sub(self.kept.len()).min(OF_FILE);
        self.kept.extend(other.kept.into_iter().take(room));
    }

    /// The order of places.
    pub fn sort(&mut self) {
        self.kept.sort();
        let before = self.kept.len();
        self.kept.dedup();
        let twice = before.saturating_sub(self.kept.len());
        let twice = u64::try_from(twice).unwrap_or(0);
        self.count = self.count.saturating_sub(twice);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_one_word_and_there_once() {
        let mut words: Vec<&str> = CODES.iter().map(|code| code.word).collect();
        words.extend(NOTES.iter().map(|note| note.word));
        let all = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), all);
        let plain = |c: char| c.is_ascii_lowercase() || c == '-';
        assert!(words.iter().all(|word| word.chars().all(plain)));
    }

    #[test]
    fn findings_are_counted_beyond_those_that_are_kept() {
        let mut findings = Findings::default();
        for n in 0..MOST + 5 {
            findings.found(CHANGED, n.to_string());
        }
        assert_eq!((findings.kept.len(), findings.count), (MOST, 10_005));
    }
}
