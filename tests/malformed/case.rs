//! One hostile input and what is expected of it, and the identities that are planted in it.

use dicom_dictionary_std::tags;

use super::bytes::{CT_IMAGE, DataSet, Form};

/// What has to become of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// It is cleaned or held back for a person, and what is written can be read.
    Clean,
    /// Nothing is written, and the run says that it failed.
    Refuse,
    /// Either of them.
    Either,
    /// Several inputs in one: what is good is written, what is not fails.
    Mixed,
}

/// An identity at a place.
#[derive(Clone)]
pub struct Canary {
    pub token: String,
    pub place: &'static str,
    pub kind: Kind,
}

/// What a canary stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something that the basic profile takes away.
    Listed,
    /// The person, whom no profile may name anywhere.
    Person,
    /// Words in pixel data: they may be in a file that a person has to look at, and in no other.
    Pixels,
}

/// Names the canaries of one case; no two cases share one.
pub struct Canaries {
    class: usize,
    case: usize,
    planted: Vec<Canary>,
}

impl Canaries {
    pub fn new(class: usize, case: usize) -> Self {
        Self {
            class,
            case,
            planted: Vec::new(),
        }
    }

    fn plant(&mut self, token: String, place: &'static str, kind: Kind) -> String {
        self.planted.push(Canary {
            token: token.clone(),
            place,
            kind,
        });
        token
    }

    /// A text of 12 characters that any text VR can hold.
    pub fn text(&mut self, place: &'static str) -> String {
        let token = self.next_text();
        self.plant(token, place, Kind::Listed)
    }

    /// The same for a value that names the person.
    pub fn direct(&mut self, place: &'static str) -> String {
        let token = self.next_text();
        self.plant(token, place, Kind::Person)
    }

    /// The same for words in pixel data.
    pub fn pixels(&mut self, place: &'static str) -> String {
        let token = self.next_text();
        self.plant(token, place, Kind::Pixels)
    }

    pub fn uid(&mut self, place: &'static str) -> String {
        let token = format!(
            "2.999.1{:02}{:03}{:02}.5",
            self.class,
            self.case,
            self.planted.len()
        );
        self.plant(token, place, Kind::Listed)
    }

    /// What was planted.
    pub fn planted(self) -> Vec<Canary> {
        self.planted
    }

    /// A token that is written in a way of the case's own.
    pub fn given(&mut self, token: &str, place: &'static str) {
        self.plant(token.to_owned(), place, Kind::Person);
    }

    fn next_text(&self) -> String {
        format!(
            "VEXQ{:02}{:03}{:02}Z",
            self.class,
            self.case,
            self.planted.len()
        )
    }
}

pub struct Case {
    pub name: String,
    pub class: &'static str,
    pub expect: Expect,
    /// Files by name; one alone may be an archive.
    pub files: Vec<(String, Vec<u8>)>,
    pub canaries: Vec<Canary>,
}

/// The cases of one class.
pub struct List {
    class: &'static str,
    number: usize,
    pub cases: Vec<Case>,
}

impl List {
    /// A class; the number tells its canaries from those of others.
    pub fn new(class: &'static str, number: usize) -> Self {
        Self {
            class,
            number,
            cases: Vec::new(),
        }
    }

    /// A case of one file.
    pub fn add(
        &mut self,
        name: impl Into<String>,
        expect: Expect,
        bytes: impl FnOnce(&mut Canaries) -> Vec<u8>,
    ) {
        self.add_files(name, expect, |c| vec![("case.dcm".to_owned(), bytes(c))]);
    }

    /// A case whose one file has a name of its own.
    pub fn add_named(
        &mut self,
        name: impl Into<String>,
        expect: Expect,
        file: &str,
        bytes: impl FnOnce(&mut Canaries) -> Vec<u8>,
    ) {
        self.add_files(name, expect, |c| vec![(file.to_owned(), bytes(c))]);
    }

    pub fn add_files(
        &mut self,
        name: impl Into<String>,
        expect: Expect,
        files: impl FnOnce(&mut Canaries) -> Vec<(String, Vec<u8>)>,
    ) {
        let mut canaries = Canaries::new(self.number, self.cases.len());
        let files = files(&mut canaries);
        self.cases.push(Case {
            name: name.into(),
            class: self.class,
            expect,
            files,
            canaries: canaries.planted(),
        });
    }

    /// A small image whose Patient ID stands in another place too, which keeps a word unless it names the person.
    pub fn owned(
        &mut self,
        name: impl Into<String>,
        expect: Expect,
        add: impl FnOnce(DataSet, &str) -> DataSet,
    ) {
        self.image(name, expect, |data_set, c| {
            let id = c.direct("PatientID in another place");
            add(data_set.with(tags::PATIENT_ID, "LO", &id), &id)
        });
    }

    /// A small image with something added.
    pub fn image(
        &mut self,
        name: impl Into<String>,
        expect: Expect,
        add: impl FnOnce(DataSet, &mut Canaries) -> DataSet,
    ) {
        self.add(name, expect, |c| add(image(c), c).file());
    }
}

/// A small image with identities in the places that every reader knows, explicit VR little endian.
pub fn image(c: &mut Canaries) -> DataSet {
    image_in(Form::Explicit, c)
}

pub fn image_in(form: Form, c: &mut Canaries) -> DataSet {
    head_in(form, c)
        .number(tags::SAMPLES_PER_PIXEL, 1)
        .with(tags::PHOTOMETRIC_INTERPRETATION, "CS", "MONOCHROME2")
        .number(tags::ROWS, 4)
        .number(tags::COLUMNS, 4)
        .number(tags::BITS_ALLOCATED, 8)
        .number(tags::BITS_STORED, 8)
        .number(tags::HIGH_BIT, 7)
        .number(tags::PIXEL_REPRESENTATION, 0)
        .with(
            tags::PIXEL_DATA,
            "OW",
            (0..16u8).map(|n| n * 3).collect::<Vec<u8>>(),
        )
}

/// The part of an instance that says whose it is, without a picture.
pub fn head_in(form: Form, c: &mut Canaries) -> DataSet {
    let name = format!("{}^ANNA", c.direct("PatientName"));
    DataSet::new(form)
        .with(tags::IMAGE_TYPE, "CS", "ORIGINAL\\PRIMARY\\AXIAL")
        .with(tags::SOP_CLASS_UID, "UI", CT_IMAGE)
        .with(tags::SOP_INSTANCE_UID, "UI", c.uid("SOPInstanceUID"))
        .with(tags::STUDY_DATE, "DA", "19970421")
        .with(tags::ACCESSION_NUMBER, "SH", c.direct("AccessionNumber"))
        .with(tags::MODALITY, "CS", "CT")
        .with(tags::INSTITUTION_NAME, "LO", c.direct("InstitutionName"))
        .with(
            tags::REFERRING_PHYSICIAN_NAME,
            "PN",
            c.direct("ReferringPhysicianName"),
        )
        .with(tags::PATIENT_NAME, "PN", name)
        .with(tags::PATIENT_ID, "LO", c.direct("PatientID"))
        .with(tags::PATIENT_BIRTH_DATE, "DA", "19310217")
        .with(tags::PATIENT_SEX, "CS", "F")
        .with(tags::KVP, "DS", "120")
        .with(tags::STUDY_INSTANCE_UID, "UI", c.uid("StudyInstanceUID"))
        .with(tags::SERIES_INSTANCE_UID, "UI", c.uid("SeriesInstanceUID"))
}
