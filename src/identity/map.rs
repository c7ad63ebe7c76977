//! A clinic's own list of pseudonyms (`--map ids.csv`): `patient_id,pseudonym` or `patient_id,issuer,pseudonym`.
//!
//! Owns: what a list has to be like before anything is written by it. A spreadsheet drops zeros in front of numbers, turns
//! long numbers into `1.8E+07` and leaves blanks; each of these would give a patient a second pseudonym, or two patients
//! one. No message shows a value of the list, only its line.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;

use super::pseudonym::canonical_text;

/// Bytes of a list: a hundred thousand patients and more.
const MOST_BYTES: u64 = 64 << 20;
/// Characters of a pseudonym: those of one LO value.
const MOST_CHARS: usize = 64;

/// What is wrong with a list, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct Fault {
    /// Line of the file, from 1.
    pub line: u64,
    /// What is wrong.
    pub fault: FaultKind,
}

/// What can be wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FaultKind {
    /// The header does not name the columns.
    #[error(
        "the first line has to name the columns: patient_id, pseudonym, and issuer where there is one"
    )]
    Header,
    /// Not as many fields as columns, or no CSV.
    #[error("this line has not as many fields as the first one")]
    Fields,
    /// Not UTF-8.
    #[error("this line is not UTF-8 text")]
    Encoding,
    /// No patient ID.
    #[error("the patient ID is blank")]
    BlankId,
    /// No pseudonym.
    #[error("the pseudonym is blank")]
    BlankPseudonym,
    /// A character that cannot stand in a value or a folder's name, or too many of them.
    #[error(
        "the pseudonym has to be of at most 64 letters, digits, spaces, dots, hyphens and underscores, and no device name"
    )]
    Pseudonym,
    /// The patient stands in an earlier line.
    #[error("this patient stands in line {0} already")]
    SamePatient(u64),
    /// The pseudonym stands in an earlier line.
    #[error("this pseudonym stands in line {0} already, for another patient")]
    SamePseudonym(u64),
    /// The pseudonym is a patient's ID.
    #[error("this pseudonym is the patient ID of line {0}")]
    PseudonymIsId(u64),
    /// A spreadsheet's way to write a long number.
    #[error("the patient ID was written as a power of ten by a spreadsheet")]
    Exponent,
    /// The list is too long.
    #[error("the list is larger than 64 MB")]
    TooLarge,
    /// The list cannot be read.
    #[error("the list cannot be read")]
    Unreadable,
}

impl FaultKind {
    /// What to do.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::Header => "begin the file with the line: patient_id,pseudonym",
            Self::Fields => "a field with a comma in it stands in double quotes",
            Self::Encoding => "save the file as CSV UTF-8",
            Self::BlankId | Self::BlankPseudonym => "fill in the field, or remove the line",
            Self::Pseudonym => "choose a plain pseudonym, such as S7-0031",
            Self::SamePatient(_) | Self::SamePseudonym(_) => {
                "keep one of the two lines, or tell them apart by an issuer column"
            }
            Self::PseudonymIsId(_) => {
                "a pseudonym that is somebody's number tells who it is: choose another"
            }
            Self::Exponent => {
                "in the spreadsheet make the column text before the numbers are put in"
            }
            Self::TooLarge => "split the list by project",
            Self::Unreadable => "check the path and its permissions",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    line: u64,
    pseudonym: Box<str>,
}

/// A valid list.
#[derive(Default, Clone)]
pub struct PatientMap {
    /// (patient ID, issuer; empty for any) to row.
    rows: BTreeMap<(Box<str>, Box<str>), Row>,
    /// Patient IDs without zeros in front, to the line.
    bare: BTreeMap<Box<str>, u64>,
}

impl fmt::Debug for PatientMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<hidden, {} patients>", self.rows.len())
    }
}

/// What a list says of a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed<'m> {
    /// The pseudonym.
    As(&'m str),
    /// Nothing; but this line has the same number with fewer or more zeros in front.
    Zeros(u64),
    /// Nothing.
    Not,
}

impl PatientMap {
    /// Reads a list and checks all of it.
    ///
    /// # Errors
    /// The first hundred [`Fault`]s, in the order of the lines.
    pub fn read(list: impl Read) -> Result<Self, Vec<Fault>> {
        let mut bytes = Vec::new();
        let lone = |fault| Err(vec![Fault { line: 1, fault }]);
        match list
            .take(MOST_BYTES.saturating_add(1))
            .read_to_end(&mut bytes)
        {
            Ok(n) if u64::try_from(n).is_ok_and(|n| n <= MOST_BYTES) => {}
            Ok(_) => return lone(FaultKind::TooLarge),
            Err(_) => return lone(FaultKind::Unreadable),
        }
        let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
        let first = text.split(|&b| b == b'\n').next().unwrap_or_default();
        // spreadsheets of many countries put semicolons between fields
        let delimiter = if first.contains(&b';') { b';' } else { b',' };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .trim(csv::Trim::All)
            .from_reader(text);
        let Some(columns) = reader.headers().map_or(None, Columns::of) else {
            return lone(FaultKind::Header);
        };
        let mut map = Self::default();
        let mut faults = Vec::new();
        let mut pseudonyms: BTreeMap<String, u64> = BTreeMap::new();
        for record in reader.records() {
            let (line, fault) = match record {
                Ok(record) => {
                    let line = record.position().map_or(0, csv::Position::line);
                    (line, map.add(line, &record, &columns, &mut pseudonyms))
                }
                Err(e) => {
                    let line = e.position().map_or(0, csv::Position::line);
                    let kind = if matches!(e.kind(), csv::ErrorKind::Utf8 { .. }) {
                        FaultKind::Encoding
                    } else {
                        FaultKind::Fields
                    };
                    (line, Err(kind))
                }
            };
            if let Err(fault) = fault {
                faults.push(Fault { line, fault });
            }
            if faults.len() >= 100 {
                break;
            }
        }
        for row in map.rows.values() {
            if let Some(of) = map.row_of_id(&row.pseudonym)
                && faults.len() < 100
            {
                faults.push(Fault {
                    line: row.line,
                    fault: FaultKind::PseudonymIsId(of.line),
                });
            }
        }
        faults.sort_by_key(|fault| fault.line);
        if faults.is_empty() {
            Ok(map)
        } else {
            Err(faults)
        }
    }

    fn add(
        &mut self,
        line: u64,
        record: &csv::StringRecord,
        columns: &Columns,
        pseudonyms: &mut BTreeMap<String, u64>,
    ) -> Result<(), FaultKind> {
        let field = |at: usize| canonical_text(record.get(at).unwrap_or_default());
        let id = field(columns.id);
        let issuer = columns.issuer.map(field).unwrap_or_default();
        let pseudonym = field(columns.pseudonym);
        if id.is_empty() {
            return Err(FaultKind::BlankId);
        }
        if pseudonym.is_empty() {
            return Err(FaultKind::BlankPseudonym);
        }
        if is_exponent(&id) {
            return Err(FaultKind::Exponent);
        }
        if !is_plain(&pseudonym) {
            return Err(FaultKind::Pseudonym);
        }
        let bare: Box<str> = without_zeros(&id).into();
        let key = (id.into_boxed_str(), issuer.into_boxed_str());
        if let Some(before) = self.rows.get(&key) {
            return Err(FaultKind::SamePatient(before.line));
        }
        // folders of some systems do not tell large from small letters
        if let Some(before) = pseudonyms.insert(pseudonym.to_lowercase(), line) {
            return Err(FaultKind::SamePseudonym(before));
        }
        self.bare.entry(bare).or_insert(line);
        let pseudonym = pseudonym.into_boxed_str();
        self.rows.insert(key, Row { line, pseudonym });
        Ok(())
    }

    /// What the list says of a patient: the line with this issuer, else the one without an issuer.
    #[must_use]
    pub fn find(&self, issuer: &str, patient_id: &str) -> Listed<'_> {
        let id = canonical_text(patient_id);
        let of = |issuer: &str| self.rows.get(&(id.as_str().into(), issuer.into()));
        match of(&canonical_text(issuer)).or_else(|| of("")) {
            Some(row) => Listed::As(&row.pseudonym),
            None if id.is_empty() => Listed::Not,
            None => match self.bare.get(without_zeros(&id)) {
                Some(line) if self.row_of_id(&id).is_none() => Listed::Zeros(*line),
                Some(_) | None => Listed::Not,
            },
        }
    }

    /// Some row of this patient ID, whatever its issuer.
    fn row_of_id(&self, id: &str) -> Option<&Row> {
        let (key, row) = self.rows.range((id.into(), Box::default())..).next()?;
        (*key.0 == *id).then_some(row)
    }

    /// Patients in the list.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True when nobody is in the list.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A digest of the list under a key, so that a run does not go on with another list.
    #[must_use]
    pub fn digest(&self, pseudonyms: &super::pseudonym::Pseudonyms) -> String {
        let rows: Vec<&str> = self
            .rows
            .iter()
            .flat_map(|((id, issuer), row)| [&**id, &**issuer, &*row.pseudonym])
            .collect();
        pseudonyms.mark("journal/map", &rows)
    }
}

struct Columns {
    id: usize,
    issuer: Option<usize>,
    pseudonym: usize,
}

impl Columns {
    fn of(header: &csv::StringRecord) -> Option<Self> {
        let plain = |name: &str| name.to_lowercase().replace([' ', '-', '_'], "");
        let at = |names: &[&str]| {
            header
                .iter()
                .position(|name| names.contains(&plain(name).as_str()))
        };
        Some(Self {
            id: at(&["patientid"])?,
            issuer: at(&["issuer", "issuerofpatientid"]),
            pseudonym: at(&["pseudonym"])?,
        })
    }
}

/// `1.84E+07`: what a spreadsheet makes of a long number.
fn is_exponent(id: &str) -> bool {
    let upper = id.to_uppercase();
    upper.split_once("E+").is_some_and(|(number, power)| {
        !number.is_empty()
            && number
                .bytes()
                .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','))
            && !power.is_empty()
            && power.bytes().all(|b| b.is_ascii_digit())
    })
}

fn without_zeros(id: &str) -> &str {
    let bare = id.trim_start_matches('0');
    if bare.is_empty() { id } else { bare }
}

/// A pseudonym that can be a value of LO and of PN, and the name of a folder on every system.
fn is_plain(pseudonym: &str) -> bool {
    let stem = pseudonym
        .split('.')
        .next()
        .unwrap_or_default()
        .to_uppercase();
    let device = ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str())
        || stem.len() == 4
            && (stem.starts_with("COM") || stem.starts_with("LPT"))
            && stem.ends_with(|c: char| c.is_ascii_digit());
    pseudonym.len() <= MOST_CHARS
        && pseudonym
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b' '))
        && !pseudonym.starts_with('.')
        && !pseudonym.ends_with(['.', ' '])
        && !device
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(list: &str) -> Vec<(u64, FaultKind)> {
        match PatientMap::read(list.as_bytes()) {
            Ok(_) => Vec::new(),
            Err(faults) => faults
                .into_iter()
                .map(|one| (one.line, one.fault))
                .collect(),
        }
    }

    #[test]
    fn a_list_gives_pseudonyms_by_number_and_issuer() {
        let list = "\u{feff}patient_id;issuer;pseudonym\r\n00184410;;S1\r\n7;A;S2\r\n7;B;S3\r\n";
        let map = PatientMap::read(list.as_bytes()).unwrap();
        assert_eq!(map.find("", "00184410 "), Listed::As("S1"));
        assert_eq!(map.find("anybody", "00184410"), Listed::As("S1"));
        assert_eq!(map.find("A", "7"), Listed::As("S2"));
        assert_eq!(map.find("B", "7"), Listed::As("S3"));
        assert_eq!(map.find("", "7"), Listed::Not);
        assert_eq!(map.find("", ""), Listed::Not);
    }

    #[test]
    fn zeros_that_a_spreadsheet_dropped_are_noticed_by_the_files() {
        let map =
            PatientMap::read("patient_id,pseudonym\n184410,S1\n0055,S2\n".as_bytes()).unwrap();
        assert_eq!(map.find("", "00184410"), Listed::Zeros(2));
        assert_eq!(map.find("", "55"), Listed::Zeros(3));
        assert_eq!(map.find("", "184411"), Listed::Not);
    }

    #[test]
    fn long_numbers_that_a_spreadsheet_rounded_are_told() {
        for (id, is) in [
            ("1.84E+07", true),
            ("1,84e+07", true),
            ("E+07", false),
            ("1E+", false),
            ("1A5E+07", false),
            ("1E+0X", false),
            ("184410", false),
        ] {
            assert_eq!(is_exponent(id), is, "{id}");
        }
    }

    #[test]
    fn a_file_without_a_number_is_nobody_of_the_list() {
        let map = PatientMap::read(b"patient_id,pseudonym\n000,A1\n".as_slice()).unwrap();
        assert_eq!((map.len(), map.is_empty()), (1, false));
        assert!(matches!(map.find("", ""), Listed::Not));
        assert!(matches!(map.find("HOSP", " "), Listed::Not));
        assert!(matches!(map.find("", "000"), Listed::As("A1")));
    }

    #[test]
    fn what_would_mix_patients_up_is_refused_with_its_line() {
        use FaultKind::{
            BlankId, BlankPseudonym, Exponent, Fields, Header, Pseudonym, PseudonymIsId,
            SamePatient, SamePseudonym,
        };
        let rows: &[(&str, &[(u64, FaultKind)])] = &[
            ("", &[(1, Header)]),
            ("1,S1\n", &[(1, Header)]),
            ("patient_id,pseudonym\n1,S1\n1,S2\n", &[(3, SamePatient(2))]),
            (
                "patient_id,pseudonym\n1,S1\n2,s1\n",
                &[(3, SamePseudonym(2))],
            ),
            (
                "patient_id,pseudonym\n,S1\n2,\n",
                &[(2, BlankId), (3, BlankPseudonym)],
            ),
            ("patient_id,pseudonym\n1.84E+07,S1\n", &[(2, Exponent)]),
            (
                "patient_id,pseudonym\n1,../S1\n2,CON\n3,A^B\n",
                &[(2, Pseudonym), (3, Pseudonym), (4, Pseudonym)],
            ),
            ("patient_id,pseudonym\n1\n", &[(2, Fields)]),
            (
                "patient_id,pseudonym\n1,2\n2,S2\n",
                &[(2, PseudonymIsId(3))],
            ),
            ("patient_id,pseudonym\n\"1\",\"S1\"\n", &[]),
        ];
        for (list, expected) in rows {
            assert_eq!(faults(list), *expected, "{list}");
        }
    }

    #[test]
    fn no_message_shows_a_value() {
        let list =
            "patient_id,pseudonym\nCANARY-1,CANARY/2\nCANARY-1,CANARY-3\nCANARY-1,CANARY-4\n";
        for fault in PatientMap::read(list.as_bytes()).unwrap_err() {
            assert!(!format!("{fault} {fault:?} {}", fault.fault.hint()).contains("CANARY"));
        }
        let map = PatientMap::read("patient_id,pseudonym\nCANARY,S1\n".as_bytes()).unwrap();
        assert!(!format!("{map:?}").contains("CANARY"));
    }
}
