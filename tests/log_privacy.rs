//! Nothing that a command says or writes, however verbose and whatever goes wrong, holds a value of a patient's element, an
//! identifier that a user looks up, or a key. Input paths may be said on the terminal, so the inputs here have neutral names.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::clean::tree;
use crate::fixtures::{canaries, forms, root};

/// What must not be said: each form of each canary in lower case, and the key.
struct Secrets {
    needles: aho_corasick::AhoCorasick,
    names: Vec<String>,
}

impl Secrets {
    fn new(key: &str) -> Self {
        let mut secrets: Vec<(Vec<u8>, String)> = canaries()
            .iter()
            .flat_map(|canary| forms(canary).into_iter().map(|form| (form, canary.clone())))
            .collect();
        secrets.push((key.as_bytes().to_vec(), "the key".to_owned()));
        let (needles, names): (Vec<_>, Vec<_>) = secrets.into_iter().unzip();
        let needles = aho_corasick::AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(needles)
            .unwrap();
        Self { needles, names }
    }

    fn check(&self, bytes: &[u8], place: &str) {
        if let Some(found) = self.needles.find(bytes) {
            let name = &self.names[found.pattern().as_usize()];
            let around = found.start().saturating_sub(60)..bytes.len().min(found.end() + 60);
            panic!(
                "{name} in {place}: {}",
                String::from_utf8_lossy(&bytes[around])
            );
        }
    }
}

/// A work folder with inputs, a key and what commands can be given by mistake.
struct Desk {
    folder: TempDir,
    secrets: Secrets,
    ran: usize,
    /// The outputs are of a profile that keeps text, and with it names that nothing in a file tells to be one.
    keeps_text: bool,
}

impl Desk {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let key = crate::clean::key(&folder, "key");
        let text = fs::read_to_string(key).unwrap();
        let key = text.split_whitespace().rev().nth(1).unwrap();
        assert_eq!(key.len(), 52);
        let secrets = Secrets::new(key);
        let desk = Self {
            folder,
            secrets,
            ran: 0,
            keeps_text: false,
        };
        desk.make_inputs();
        desk.make_mistakes(key);
        desk
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The fixtures under neutral names, and each of them damaged in many ways.
    fn make_inputs(&self) {
        let files = tree(root())
            .into_iter()
            .filter(|(path, _)| !path.ends_with("canaries.txt"));
        for (number, (_, bytes)) in files.enumerate() {
            write(&self.at(&format!("good/{number:02}")), &bytes);
            for (kind, damaged) in damaged(&bytes) {
                write(&self.at(&format!("bad/{kind}/{number:02}")), &damaged);
            }
        }
    }

    /// Files that are given to the wrong option, or have faults and hold names.
    fn make_mistakes(&self, key: &str) {
        let dicom = fs::read(root().join("disc/DICOM/ANNA/CT1")).unwrap();
        write(&self.at("dicom"), &dicom);
        let texts: [(&str, String); 12] = [
            ("map-blank.csv", "patient_id,pseudonym\nCANARY-ID-0001,\n,CANARY-PN-01\n".into()),
            ("map-twice.csv", "patient_id,pseudonym\nCANARY-ID-0001,a\nCANARY-ID-0001,b\nCANARY-ID-0002,a\n".into()),
            ("map-name.csv", "patient_id,pseudonym\nCANARY-ID-0001,CANARY-PN-01^Anna\nCANARY-ID-0002,CANARY-ID-0002\n".into()),
            ("map-fields.csv", "patient_id,pseudonym\nCANARY-ID-0001,a,CANARY-PN-01\n\"CANARY-ID-0002\n".into()),
            ("map-header.csv", "CANARY-PN-01,CANARY-ID-0001\nCANARY-ID-0001,x\n".into()),
            ("map-power.csv", "patient_id,pseudonym\n1.2E+15,CANARY\n".into()),
            ("map-good.csv", "patient_id,pseudonym\nQ-1,S-1\n".into()),
            ("key-damaged", format!("dcmscrub-key-v1 {key} 0000000\n")),
            ("key-twice", format!("dcmscrub-key-v1 {key} 0000000\ndcmscrub-key-v1 {key} 0000000\n")),
            ("key-bare", format!("{key}\n")),
            ("names.toml", "extends = \"CANARY-PN-01\"\n".into()),
            ("text.toml", "CANARY-PN-01 was seen on 13.06.2019\n".into()),
        ];
        for (name, text) in texts {
            write(&self.at(name), text.as_bytes());
            #[cfg(unix)]
            fs::set_permissions(
                self.at(name),
                std::os::unix::fs::PermissionsExt::from_mode(0o600),
            )
            .unwrap();
        }
    }

    /// Runs a command line in which `@name` is a path in the work folder; checks all that it says and writes.
    fn run(&mut self, line: &[&str], stdin: &Path) -> Output {
        let path = |word: &&str| match word.strip_prefix('@') {
            Some(name) => self.at(name).into_os_string(),
            None => OsString::from(word),
        };
        let arguments: Vec<OsString> = line.iter().map(path).collect();
        let output = run(&arguments, stdin);
        self.ran += 1;
        let place = line.join(" ");
        self.check(&output, &place);
        if line.contains(&"@out") && self.at("out").is_dir() {
            self.keeps_text |= line.contains(&"-p");
            for (path, bytes) in tree(&self.at("out")) {
                let place = format!("{} of {place}", path.display());
                self.secrets
                    .check(path.as_os_str().as_encoded_bytes(), &place);
                if !self.keeps_text || path.components().count() == 1 {
                    self.secrets.check(&bytes, &place);
                }
            }
        }
        output
    }

    fn check(&self, output: &Output, place: &str) {
        self.secrets
            .check(&output.stderr, &format!("stderr of {place}"));
        self.secrets
            .check(&output.stdout, &format!("stdout of {place}"));
        for stream in [&output.stdout, &output.stderr] {
            let control = stream
                .iter()
                .find(|b| b.is_ascii_control() && !matches!(b, b'\n' | b'\t'));
            assert!(control.is_none(), "{control:?} on the terminal: {place}");
        }
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!said.contains("a bug of dcmscrub"), "{place}: {said}");
        assert!(
            matches!(output.status.code(), Some(0..=3)),
            "{place}: {:?}",
            output.status
        );
    }

    fn forget(&mut self) {
        self.keeps_text = false;
        if self.at("out").exists() {
            fs::remove_dir_all(self.at("out")).unwrap();
        }
    }
}

fn run(arguments: &[impl AsRef<OsStr>], stdin: &Path) -> Output {
    Command::new(assert_cmd::cargo::cargo_bin("dcmscrub"))
        .env_remove("DCMSCRUB_KEY_FILE")
        .args(arguments)
        .stdin(Stdio::from(fs::File::open(stdin).unwrap()))
        .output()
        .unwrap()
}

fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Where a text stands in a file for the first time.
fn place(bytes: &[u8], text: &[u8]) -> Option<usize> {
    bytes.windows(text.len()).position(|at| at == text)
}

/// A file with one fault of each kind that its bytes allow.
fn damaged(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut all = Vec::new();
    if let Some(at) = place(bytes, b"CANARY-PN") {
        all.push(("cut in a name", bytes[..at + 10].to_vec()));
        let mut swapped = bytes.to_vec();
        swapped[at..at + 4].copy_from_slice(b"\x1b[2J");
        all.push(("escapes in a name", swapped));
    }
    if let Some(at) = place(bytes, b"CANARY-ID-0") {
        all.push(("cut in an id", bytes[..at + 11].to_vec()));
    }
    all.push(("half", bytes[..bytes.len() / 2].to_vec()));
    // (kind, what is looked for, what is put there instead)
    let patches: [(&str, &[u8], &[u8]); 9] = [
        ("date", b"19430217", b"CANARY\x1b\n"),
        ("vr of a name", b"\x10\0\x10\0PN", b"\x10\0\x10\0??"),
        ("vr of an id", b"\x10\0\x20\0LO", b"\x10\0\x20\0SQ"),
        ("vr of a date", b"\x10\0\x30\0DA", b"\x10\0\x30\0OB"),
        ("uid", b"1.2.999.1.1", b"CANARY-PN-X"),
        ("syntax", b"1.2.840.10008.1.2.1", b"1.2.999.CANARY-PN-1"),
        (
            "class",
            b"1.2.840.10008.5.1.4.1.1.2",
            b"1.2.999.CANARY-PN-01.1943",
        ),
        ("charset", b"ISO_IR 100", b"CANARY-PN1"),
        ("number", b"IS\x02\0", b"IS\xff\xff"),
    ];
    for (kind, from, to) in patches {
        assert_eq!(from.len(), to.len(), "{kind}");
        if let Some(at) = place(bytes, from) {
            let mut patched = bytes.to_vec();
            patched[at..at + to.len()].copy_from_slice(to);
            all.push((kind, patched));
        }
    }
    all
}

const KEYED: [&str; 2] = ["--key-file", "@key"];

#[test]
fn no_value_is_said_at_any_verbosity_of_good_and_of_damaged_files() {
    let mut desk = Desk::new();
    let nothing = desk.at("map-good.csv");
    for input in ["@good", "@bad"] {
        for more in [
            &["-q"][..],
            &[],
            &["-v"],
            &["-v", "--format", "json"],
            &["-v", "--dry-run"],
            &["-v", "--dry-run", "--format", "json"],
            &["-v", "-p", "research", "--layout", "mirror"],
            &["-v", "-p", "share", "--dicomdir"],
            &["-v", "--map", "@map-good.csv", "--unmapped", "hold"],
            &["--map", "@map-good.csv"],
            &["--fail-on", "held,left,warning", "-q"],
        ] {
            let line = [&["clean", input, "-o", "@out"][..], &KEYED, more].concat();
            let output = desk.run(&line, &nothing);
            assert!(more.contains(&"-q") || !output.stderr.is_empty() || !output.stdout.is_empty());
            for line in [
                &["verify", "@out", "--key-file", "@key"][..],
                &["verify", "@out", "--format", "json", "--key-file", "@key"],
                &["review", "@out"],
                &["review", "@out", "--format", "json"],
                &[
                    "review",
                    "@out",
                    "--release",
                    "all",
                    "--by",
                    "R",
                    "--why",
                    "seen",
                    "--key-file",
                    "@key",
                ],
            ] {
                desk.run(line, &nothing);
            }
            desk.forget();
        }
    }
}

#[test]
fn one_file_says_no_more_than_many() {
    let mut desk = Desk::new();
    let inputs: Vec<PathBuf> = ["good", "bad"]
        .iter()
        .flat_map(|name| {
            tree(&desk.at(name))
                .into_iter()
                .map(|(path, _)| Path::new(name).join(path))
        })
        .collect();
    assert!(inputs.len() > 150, "{}", inputs.len());
    let dicom = desk.at("dicom");
    for path in &inputs {
        let name = format!("@{}", path.display());
        let stdin = desk.at(path.to_str().unwrap());
        // a plan names what it does, never what is there
        desk.run(&["plan", &name], &stdin);
        // a comparison without --show-values names what differs, never how
        desk.run(&["diff", &name, "@dicom"], &stdin);
        let output = run(&["clean", "-", "--accept-held", "-q"], &stdin);
        desk.secrets.check(&output.stderr, &name);
        desk.secrets.check(&output.stdout, &name);
    }
    for path in inputs.iter().step_by(9) {
        let name = format!("@{}", path.display());
        desk.run(
            &["plan", "--format", "json", "-p", "research", &name],
            &dicom,
        );
        desk.run(&["diff", "--format", "json", "@dicom", &name], &dicom);
        desk.run(&["clean", &name, "-o", "@one.dcm", "-v"], &dicom);
    }
}

/// Each line is a mistake that people make, with values where none are expected.
#[test]
fn mistakes_are_explained_without_what_was_typed_or_given() {
    let mut desk = Desk::new();
    let identifiers = desk.at("map-header.csv");
    for line in [
        // a file that is not what the option takes
        &["profile", "check", "@dicom"][..],
        &["profile", "check", "@key"],
        &["profile", "check", "@dicom", "--format", "json"],
        &["profile", "check", "@key", "--format", "json"],
        &["profile", "new", "@site.toml", "--extends", "@key"],
        &["profile", "show", "@key", "--format", "json"],
        &["diff", "@dicom", "@key"],
        &["diff", "@good", "@bad"],
        &["profile", "show", "@dicom"],
        &["clean", "@good", "-o", "@out", "-p", "@dicom"],
        &["clean", "@good", "-o", "@out", "-p", "@key"],
        &["clean", "@good", "-o", "@out", "--key-file", "@dicom"],
        &["clean", "@good", "-o", "@out", "--map", "@dicom"],
        &["clean", "@good", "-o", "@out", "--map", "@key"],
        &["clean", "-o", "@out", "--files-from", "@dicom"],
        &["clean", "-o", "@out", "--files-from", "@dicom", "-0"],
        &["clean", "@good", "-o", "@dicom"],
        &["clean", "@good", "-o", "@out", "--links", "@dicom"],
        &["clean", "@good", "-o", "@out", "--links", "@out/links"],
        &["clean", "@good", "-o", "@out", "--links", "@good/00"],
        &["verify", "@dicom"],
        &["verify", "@good"],
        &["review", "@good"],
        &[
            "report",
            "merge",
            "@good",
            "@bad",
            "-o",
            "@out",
            "--key-file",
            "@key",
        ],
        &["report", "merge", "@good", "--key-file", "@key-damaged"],
        &["key", "new", "@key"],
        &["key", "id", "@dicom"],
        // keys
        &["key", "id", "@key-damaged"],
        &["key", "id", "@key-twice"],
        &["key", "id", "@key-bare"],
        &["key", "id", "@key"],
        &["clean", "@good", "-o", "@out", "--key-file", "@key-damaged"],
        // lists of pseudonyms
        &[
            "clean",
            "@good",
            "-o",
            "@out",
            "--key-file",
            "@key",
            "--map",
            "@map-blank.csv",
        ],
        &[
            "clean",
            "@good",
            "-o",
            "@out",
            "--key-file",
            "@key",
            "--map",
            "@map-twice.csv",
        ],
        &[
            "clean",
            "@good",
            "-o",
            "@out",
            "--key-file",
            "@key",
            "--map",
            "@map-name.csv",
        ],
        &[
            "clean",
            "@good",
            "-o",
            "@out",
            "--key-file",
            "@key",
            "--map",
            "@map-fields.csv",
        ],
        &[
            "clean",
            "@good",
            "-o",
            "@out",
            "--key-file",
            "@key",
            "--map",
            "@map-header.csv",
        ],
        &[
            "clean",
            "@good",
            "-o",
            "@out",
            "--key-file",
            "@key",
            "--map",
            "@map-power.csv",
        ],
        // values on the command line
        &[
            "clean",
            "@good",
            "-o",
            "@out",
            "--set",
            "PatientBirthDate=CANARY-PN-01",
        ],
        &[
            "clean",
            "@good",
            "-o",
            "@out",
            "--set",
            "NoSuchThing=CANARY-PN-01",
        ],
        &["clean", "@good", "-o", "@out", "--set", "CANARY-PN-01"],
        &[
            "clean",
            "@good",
            "-o",
            "@out",
            "--set",
            "StudyInstanceUID=CANARY-PN-01",
        ],
        &[
            "clean",
            "@good",
            "-o",
            "@out",
            "--set",
            "PatientSex=CANARY-PN-01 and much more than fits",
        ],
        &[
            "clean",
            "@good",
            "-o",
            "@out",
            "--set",
            "PatientName=a\u{1b}[2J",
        ],
        &["clean", "@good", "-o", "@out", "--set", "Rows=CANARY-PN-01"],
        // identifiers that somebody looks up
        &["lookup", "CANARY-ID-0001", "--key-file", "@key"],
        &[
            "lookup",
            "CANARY-ID-0001",
            "--issuer",
            "CANARY-ISSUER-01",
            "--key-file",
            "@key",
        ],
        &[
            "lookup",
            "CANARY-ID-0001",
            "--of",
            "NoSuchThing",
            "--key-file",
            "@key",
        ],
        &[
            "lookup",
            "CANARY-ID-0001",
            "--of",
            "uid",
            "--key-file",
            "@key",
        ],
        &["lookup", "CANARY-ID-0001", "--key-file", "@key-damaged"],
        &["lookup", "CANARY-ID-0001", "--key-file", "@dicom"],
        &["lookup", "CANARY-ID-0001", "--key-file", "@missing"],
        &[
            "lookup",
            "CANARY-ID-0001",
            "--map",
            "@map-twice.csv",
            "--key-file",
            "@key",
        ],
        &["lookup", "CANARY-ID-0001"],
        &["lookup", "--CANARY-ID-0001", "--key-file", "@key"],
        &["lookup", "-CANARY-ID-0001", "--key-file", "@key"],
        &[
            "lookup",
            "--isuer=CANARY-ISSUER-01",
            "1",
            "--key-file",
            "@key",
        ],
        &["lookup", "--key-file", "@key"],
    ] {
        desk.run(line, &identifiers);
        desk.forget();
    }
    let dicom = desk.at("dicom");
    for line in [
        &["lookup", "--key-file", "@key"][..],
        &[
            "clean",
            "-o",
            "@out",
            "--files-from",
            "-",
            "--key-file",
            "@key",
        ],
        &["clean", "-", "-o", "@out"],
        &["clean", "-", "--set", "PatientBirthDate=CANARY-ID-0001\n"],
    ] {
        desk.run(line, &dicom);
        desk.forget();
    }
    assert!(desk.ran > 50);
}

#[test]
fn names_of_files_are_shown_and_not_obeyed() {
    let mut desk = Desk::new();
    let nothing = desk.at("map-good.csv");
    let bytes = fs::read(desk.at("dicom")).unwrap();
    for name in [
        "\u{1b}[2J",
        "line\nerror: done",
        "\u{7}bell\r",
        "\u{202e}txt.mcd",
    ] {
        write(&desk.at("odd").join(name), &bytes);
        write(&desk.at("odd").join(format!("{name} cut")), &bytes[..700]);
    }
    for more in [
        &["-v"][..],
        &["-q"],
        &["--format", "json"],
        &["--dry-run", "-v"],
    ] {
        let line = [&["clean", "@odd", "-o", "@out"][..], more].concat();
        let output = desk.run(&line, &nothing);
        assert_eq!(output.status.code(), Some(3), "{more:?}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!said.lines().any(|line| line == "error: done"), "{said}");
        assert!(
            !said.contains('\u{202e}'),
            "the order of letters is turned round: {said}"
        );
        desk.forget();
    }
}
