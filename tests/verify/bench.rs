//! A small set of files of two people, cleaned, and what is needed to damage its output and to read it again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dcmscrub::batch::journal::seal;
use dcmscrub::identity::key::Key;
use dcmscrub::identity::pseudonym::Pseudonyms;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_object::{DefaultDicomObject, InMemDicomObject};
use serde_json::Value;
use tempfile::TempDir;

use crate::clean::{dcmscrub, key};
use crate::fixtures::dicom::{Element, Syntax, data_set, part10};
use crate::fixtures::media::{jpeg, ramp16};

pub const JOURNAL: &str = "report.journal.jsonl";
pub const INDEX: &str = "clean/DICOMDIR";

const CT: &str = "1.2.840.10008.5.1.4.1.1.2";
const ULTRASOUND: &str = "1.2.840.10008.5.1.4.1.1.6.1";
const STATE: &str = "1.2.840.10008.5.1.4.1.1.11.1";

const ANNA: &str = "
0010,0010 PN CANARY-PN-01 Quillfeather^Anna
0010,0020 LO CANARY-ID-0001
0010,0030 DA 19430217
0010,0040 CS F
0010,1000 LO CANARY-ID-0002
0010,1040 LO 7 Quillfeather Lane";

const BRUNO: &str = "
0010,0010 PN CANARY-PN-11 Featherstonehaugh^Bruno
0010,0020 LO CANARY-ID-0011
0010,0030 DA 19520823
0010,0040 CS M";

const PICTURE: &str = "
0008,0008 CS ORIGINAL\\PRIMARY\\AXIAL
0018,0050 DS 5
0018,0060 DS 120
0018,1150 IS 500
0020,0032 DS 0\\0\\0
0020,0037 DS 1\\0\\0\\0\\1\\0
0020,1040 LO
0028,0002 US 1
0028,0004 CS MONOCHROME2
0028,0010 US 16
0028,0011 US 16
0028,0100 US 16
0028,0101 US 12
0028,0102 US 11
0028,0103 US 0
0028,0106 US 7
0009,0010 LO CANARY VENDOR 1
0009,1001 LO CANARY-PRIV-01";

const COMPRESSED: &str = "
0028,0100 US 8
0028,0101 US 8
0028,0102 US 7
0028,0106 US 7";

const REFERENCES: &str = "
0008,1115 SQ
>item
>0008,1140 SQ
>>item
>>0008,1150 UI 1.2.840.10008.5.1.4.1.1.2
>>0008,1155 UI 1.2.999.1.1.1.1
>0020,000E UI 1.2.999.1.1.1
0070,0080 CS STATE
0070,0081 LO a state of two pictures
0070,0082 DA 20190614
0070,0083 TM 101112
0070,0084 PN CANARY-PN-07";

/// What all instances have; UIDs are patient, study, series, number.
fn instance(class: &str, modality: &str, [patient, study, series, number]: [u8; 4]) -> String {
    format!(
        "0008,0005 CS ISO_IR 100
         0008,0012 DA 20190614
         0008,0016 UI {class}
         0008,0018 UI 1.2.999.{patient}.{study}.{series}.{number}
         0008,0020 DA 20190613
         0008,0021 DA 20190613
         0008,0023 DA 20190614
         0008,002A DT 20190614114237.120
         0008,0030 TM 114237.120
         0008,0050 SH CANARY-ACC-{patient}{study}
         0008,0060 CS {modality}
         0008,0070 LO Fixture Scanners
         0008,0080 LO CANARY-ORG-01 Hospital
         0008,0090 PN CANARY-PN-02^Peter
         0008,1030 LO HEAD WITHOUT CONTRAST
         0008,1080 LO Pain of the knee
         0020,000D UI 1.2.999.{patient}.{study}
         0020,000E UI 1.2.999.{patient}.{study}.{series}
         0020,0010 SH CANARY-ST{patient}{study}
         0020,0011 IS {series}
         0020,0013 IS {number}
         0020,0052 UI 1.2.999.{patient}.{study}.7"
    )
}

/// The names of the inputs, with their bytes.
fn inputs() -> Vec<(&'static str, Vec<u8>)> {
    let file = |texts: &[&str], pixels: Option<Element>, syntax| {
        let mut elements = data_set(texts).unwrap();
        elements.extend(pixels);
        part10("", "", &elements, syntax).unwrap()
    };
    let native = |offset| Some(Element::bytes(0x7FE0_0010, "OW", ramp16(16, offset)));
    let ct = |uid: [u8; 4], patient: &str| {
        let texts: [&str; 3] = [&instance(CT, "CT", uid), patient, PICTURE];
        file(&texts, native(u16::from(uid[3])), Syntax::Explicit)
    };
    let coded = jpeg(2, "CANARY-EXIF-01", "CANARY-COM-01", "").unwrap();
    vec![
        ("A1", ct([1, 1, 1, 1], ANNA)),
        ("A2", ct([1, 1, 1, 2], ANNA)),
        ("A3", ct([1, 2, 3, 1], ANNA)),
        ("B1", ct([2, 1, 1, 1], BRUNO)),
        (
            "JPEG",
            file(
                &[&instance(CT, "CT", [1, 2, 3, 2]), ANNA, PICTURE, COMPRESSED],
                Some(Element::fragments(vec![coded])),
                Syntax::Jpeg,
            ),
        ),
        (
            "STATE",
            file(
                &[&instance(STATE, "PR", [1, 1, 2, 1]), ANNA, REFERENCES],
                None,
                Syntax::Explicit,
            ),
        ),
        (
            "US",
            file(
                &[&instance(ULTRASOUND, "US", [1, 1, 4, 1]), ANNA, PICTURE],
                native(3),
                Syntax::Explicit,
            ),
        ),
    ]
}

/// A cleaned set. Copies of its output are damaged.
pub struct Bench {
    folder: TempDir,
    key: PathBuf,
    /// Places of outputs by the names of their inputs.
    places: BTreeMap<String, String>,
}

impl Bench {
    pub fn new(profile: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let key = key(&folder, "key");
        let input = folder.path().join("in");
        std::fs::create_dir(&input).unwrap();
        for (name, bytes) in inputs() {
            std::fs::write(input.join(name), bytes).unwrap();
        }
        let mut bench = Self {
            folder,
            key,
            places: BTreeMap::new(),
        };
        let (out, links) = (bench.at("out"), bench.at("links.csv"));
        let layout = if profile == "research" {
            "named"
        } else {
            "media"
        };
        let done = dcmscrub(&[
            &"clean",
            &input,
            &"-o",
            &out,
            &"-q",
            &"-p",
            &profile,
            &"--layout",
            &layout,
            &"--key-file",
            &bench.key,
            &"--links",
            &links,
        ]);
        assert!(done.status.success(), "{done:?}");
        for row in csv::Reader::from_path(&links).unwrap().records() {
            let row = row.unwrap();
            let name = Path::new(&row[0]).file_name().unwrap().to_str().unwrap();
            let place = Path::new(&row[1]).strip_prefix(&out).unwrap();
            let place = place.to_str().unwrap().to_owned();
            bench.places.insert(name.to_owned(), place);
        }
        assert_eq!(bench.places.len(), inputs().len());
        bench
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The place of the output of an input.
    pub fn place(&self, input: &str) -> &str {
        &self.places[input]
    }

    /// A fresh copy of the output.
    pub fn copy(&self) -> Copy<'_> {
        let out = self.at("copy");
        if out.exists() {
            std::fs::remove_dir_all(&out).unwrap();
        }
        for (path, bytes) in crate::clean::tree(&self.at("out")) {
            let to = out.join(path);
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::write(to, bytes).unwrap();
        }
        Copy { bench: self, out }
    }

    pub fn pseudonyms(&self) -> Pseudonyms {
        Pseudonyms::new(&Key::read_file(&self.key).unwrap(), "")
    }
}

/// A copy of an output, to be damaged.
pub struct Copy<'b> {
    bench: &'b Bench,
    pub out: PathBuf,
}

/// A finding as (code, place, data element).
pub type Found = Vec<(String, String, String)>;

impl Copy<'_> {
    pub fn path(&self, input: &str) -> PathBuf {
        self.out.join(self.bench.place(input))
    }

    /// Changes the bytes of a file, which is named as a whole or below the output folder.
    pub fn bytes(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
        let path = self.out.join(path);
        let mut bytes = std::fs::read(&path).unwrap();
        change(&mut bytes);
        std::fs::write(path, bytes).unwrap();
    }

    /// Writes the output of an input anew.
    pub fn edit(&self, input: &str, change: impl FnOnce(&mut DefaultDicomObject)) {
        let path = self.path(input);
        let mut object = dicom_object::open_file(&path).unwrap();
        change(&mut object);
        object.write_to_file(&path).unwrap();
    }

    /// Sets a data element of an output.
    pub fn set(&self, input: &str, tag: Tag, vr: VR, text: &str) {
        self.edit(input, |object| {
            object.put(DataElement::new(tag, vr, PrimitiveValue::from(text)));
        });
    }

    /// The text of a data element of an output.
    pub fn get(&self, input: &str, tag: Tag) -> String {
        let object = dicom_object::open_file(self.path(input)).unwrap();
        let text = object.element(tag).unwrap().to_str().unwrap();
        text.trim_end_matches(['\0', ' ']).to_owned()
    }

    /// Changes the lines of the journal, and chains them anew as a person without the key can.
    pub fn rewrite(&self, change: impl FnOnce(&mut Vec<Value>), key: Option<&Pseudonyms>) {
        let path = self.out.join(JOURNAL);
        let text = std::fs::read_to_string(&path).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        let mut lines: Vec<Value> = lines.collect();
        change(&mut lines);
        let (mut before, mut all) = (String::new(), String::new());
        for mut line in lines {
            if let (Some(key), true) = (key, line["line"] == "end") {
                line["seal"] = seal(key, &before).into();
            }
            line["before"] = before.into();
            let line = serde_json::to_string(&line).unwrap();
            before = blake3::hash(line.as_bytes()).to_hex().to_string();
            all += &line;
            all.push('\n');
        }
        std::fs::write(path, all).unwrap();
    }

    /// Makes the journal say what is there, as a person with the key can.
    pub fn reseal(&self) {
        let digest = |place: &str| match std::fs::read(self.out.join(place)) {
            Ok(bytes) => blake3::hash(&bytes).to_hex().to_string(),
            Err(_) => "none".to_owned(),
        };
        let change = |lines: &mut Vec<Value>| {
            for line in lines {
                if let Some(place) = line["output"].as_str() {
                    line["blake3"] = digest(place).into();
                }
                if line.get("index").is_some() {
                    line["index"] = digest(INDEX).into();
                }
            }
        };
        self.rewrite(change, Some(&self.bench.pseudonyms()));
    }

    /// What `verify` finds, with the inputs or without them.
    pub fn verify(&self, with_inputs: bool) -> Found {
        let (input, links) = (self.bench.at("in"), self.bench.at("links.csv"));
        let key = &self.bench.key;
        let mut args: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![
            &"verify",
            &self.out,
            &"--format",
            &"json",
            &"--key-file",
            key,
        ];
        if with_inputs {
            args.extend([
                &"--against" as &dyn AsRef<std::ffi::OsStr>,
                &input,
                &"--links",
                &links,
            ]);
        }
        let output = dcmscrub(&args);
        let said: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)));
        let findings = said["findings"].as_array().unwrap();
        let expected = i32::from(!findings.is_empty());
        assert_eq!(output.status.code(), Some(expected), "{said}");
        let canary = String::from_utf8_lossy(&output.stdout).contains("CANARY");
        assert!(!canary, "a value is told: {said}");
        let text = |finding: &Value, name: &str| finding[name].as_str().unwrap_or("").to_owned();
        let found = findings.iter().map(|finding| {
            let of = |name| text(finding, name);
            (of("code"), of("place"), of("element"))
        });
        found.collect()
    }
}

/// A sequence with one item that has these data elements.
pub fn sequence(tag: Tag, elements: &[(Tag, VR, &str)]) -> DataElement<InMemDicomObject> {
    let elements = elements
        .iter()
        .map(|(tag, vr, text)| DataElement::new(*tag, *vr, PrimitiveValue::from(*text)));
    let item = InMemDicomObject::from_element_iter(elements);
    let value = dicom_core::value::DataSetSequence::from(vec![item]);
    DataElement::new(tag, VR::SQ, value)
}

/// The one item of a sequence inside another.
pub fn with_item(
    object: &mut InMemDicomObject,
    path: &[Tag],
    change: impl FnOnce(&mut InMemDicomObject),
) {
    let Some((sequence, rest)) = path.split_first() else {
        return change(object);
    };
    let taken = object.take(*sequence).unwrap();
    let mut items = taken.items().unwrap().to_vec();
    with_item(&mut items[0], rest, change);
    let value = dicom_core::value::DataSetSequence::from(items);
    object.put(DataElement::new(*sequence, VR::SQ, value));
}
