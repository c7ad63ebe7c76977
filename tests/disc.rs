//! The patient's test: one command on a disc, and what is found in its output by another reader.

use std::io::Write;
use std::path::{Path, PathBuf};

use dicom_core::Tag;
use tempfile::TempDir;

use crate::clean::{dcmscrub, key, tree};
use crate::fixtures::{canaries, holds, inflated, root};

const HELD: usize = 1;
const CLEANED: usize = 7;
const LEFT: usize = 5;

fn no_canary(out: &Path) {
    for (path, bytes) in tree(out) {
        let lower = bytes.to_ascii_lowercase();
        for canary in canaries() {
            assert!(!holds(&lower, &canary), "in {}", path.display());
            assert!(!holds(&inflated(&bytes), &canary), "in {}", path.display());
            let name = path.to_string_lossy().to_lowercase();
            assert!(!holds(name.as_bytes(), &canary), "in a name");
        }
    }
}

/// Paths that the index of a disc refers to, in the order of its records.
fn referenced(index: &Path) -> Vec<PathBuf> {
    let index = dicom_object::open_file(index).unwrap();
    let records = index.element(Tag(0x0004, 0x1220)).unwrap();
    let records = records.items().unwrap().iter();
    records
        .filter_map(|record| record.get(Tag(0x0004, 0x1500)))
        .map(|id| id.to_multi_str().unwrap().iter().collect())
        .collect()
}

fn is_file_id(path: &Path) -> bool {
    path.iter().count() <= 8
        && path.iter().all(|part| {
            let part = part.to_str().unwrap().as_bytes();
            (1..=8).contains(&part.len())
                && part
                    .iter()
                    .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
        })
}

fn a_clean_disc(out: &Path) {
    let files: Vec<PathBuf> = tree(&out.join("clean"))
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    let index = out.join("clean/DICOMDIR");
    let mut found = referenced(&index);
    found.push("DICOMDIR".into());
    found.sort();
    assert_eq!(
        found, files,
        "the index refers to every file, and to nothing else"
    );
    assert_eq!(files.len(), CLEANED + 1);
    assert!(files.iter().all(|path| is_file_id(path)));
    assert_eq!(tree(&out.join("review")).len(), HELD);
    no_canary(out);
    assert_eq!(dcmscrub(&[&"verify", &out]).status.code(), Some(0));
}

#[test]
fn a_disc_is_cleaned_in_one_command() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("scan");
    let output = dcmscrub(&[&root().join("disc"), &"-o", &out]);
    assert_eq!(output.status.code(), Some(0));
    a_clean_disc(&out);
    let said = String::from_utf8(output.stdout).unwrap();
    for line in [
        &*format!("{CLEANED} files cleaned"),
        &*format!("{HELD} held back"),
        &*format!("{LEFT} left behind"),
        "share only this folder",
        "look at these first: 1 ultrasound",
        "the old disc index",
        "What this program cannot know",
        "report.html",
    ] {
        assert!(said.contains(line), "{line} in {said}");
    }
}

#[cfg(unix)]
#[test]
fn a_disc_that_cannot_be_written_to_is_cleaned_into_another_folder() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let disc = folder.path().join("disc");
    let mut folders = vec![disc.clone()];
    for (path, bytes) in tree(&root().join("disc")) {
        let to = disc.join(path);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        folders.extend(to.ancestors().skip(1).take(3).map(Path::to_path_buf));
        std::fs::write(&to, bytes).unwrap();
        std::fs::set_permissions(&to, PermissionsExt::from_mode(0o444)).unwrap();
    }
    let set = |mode| {
        for at in folders.iter().filter(|at| at.starts_with(&disc)) {
            std::fs::set_permissions(at, PermissionsExt::from_mode(mode)).unwrap();
        }
    };
    set(0o555);
    let out = folder.path().join("scan");
    let code = dcmscrub(&[&disc, &"-o", &out]).status.code();
    set(0o755);
    assert_eq!(code, Some(0));
    a_clean_disc(&out);
}

/// The disc as an archive, with names that are no paths.
fn zipped(to: &Path, method: zip::CompressionMethod, prefix: &str) {
    let mut archive = zip::ZipWriter::new(std::fs::File::create(to).unwrap());
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    for (path, bytes) in tree(&root().join("disc")) {
        let name = format!("{prefix}{}", path.to_str().unwrap());
        archive.start_file(name, options).unwrap();
        archive.write_all(&bytes).unwrap();
    }
    archive.finish().unwrap();
}

#[test]
fn an_archive_is_cleaned_as_the_disc_in_it_is() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let key = key(&folder, "k");
    let run = |input: &Path, out: &str| {
        let output = dcmscrub(&[&input, &"-o", &at(out), &"--key-file", &key]);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        tree(&at(out).join("clean"))
    };
    let plain = run(&root().join("disc"), "plain");
    for (name, method, prefix) in [
        ("stored.zip", zip::CompressionMethod::Stored, "disc/"),
        ("deflated.zip", zip::CompressionMethod::Deflated, ""),
        ("slip.zip", zip::CompressionMethod::Deflated, "../../../"),
    ] {
        zipped(&at(name), method, prefix);
        let out = format!("out-{name}");
        assert!(run(&at(name), &out) == plain, "{name}");
        a_clean_disc(&at(&out));
    }
    let names: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names.len(), 8, "nothing was written elsewhere: {names:?}");
}

#[test]
fn a_damaged_archive_fails_and_one_damaged_entry_costs_itself() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    zipped(&at("whole.zip"), zip::CompressionMethod::Stored, "");
    let whole = std::fs::read(at("whole.zip")).unwrap();
    std::fs::write(at("cut.zip"), &whole[..whole.len() / 2]).unwrap();
    let mut changed = whole.clone();
    let middle = changed.windows(4).position(|four| four == b"DICM").unwrap() + 200;
    changed[middle] ^= 0x55;
    std::fs::write(at("changed.zip"), changed).unwrap();
    for (name, cleaned) in [("cut.zip", 0), ("changed.zip", CLEANED - 1)] {
        let out = at(&format!("out-{name}"));
        let code = dcmscrub(&[&at(name), &"-o", &out]).status.code();
        assert_eq!(code, Some(3), "{name}");
        let files = tree(&out.join("clean"));
        let files = files
            .iter()
            .filter(|(path, _)| path != Path::new("DICOMDIR"))
            .count();
        assert!(
            files == cleaned || name == "changed.zip" && files == CLEANED,
            "{name}: {files}"
        );
        no_canary(&out);
    }
}

#[test]
fn a_damaged_file_is_told_and_the_others_are_cleaned() {
    let folder = TempDir::new().unwrap();
    let disc = folder.path().join("disc");
    for (path, bytes) in tree(&root().join("disc")) {
        let to = disc.join(path);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::write(&to, bytes).unwrap();
    }
    let good = std::fs::read(disc.join("DICOM/ANNA/CT1")).unwrap();
    std::fs::write(disc.join("DICOM/ANNA/BAD"), &good[..good.len() * 2 / 3]).unwrap();
    let out = folder.path().join("out");
    let output = dcmscrub(&[&disc, &"-o", &out]);
    assert_eq!(output.status.code(), Some(3));
    a_clean_disc(&out);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("BAD: ") && said.contains("hint: 1 damaged file"),
        "{said}"
    );
    let report = std::fs::read_to_string(out.join("report.json")).unwrap();
    assert!(report.contains("\"failed\": 1"), "{report}");
}

#[test]
fn an_index_that_points_nowhere_or_in_circles_hurts_nothing() {
    let folder = TempDir::new().unwrap();
    let disc = folder.path().join("disc");
    std::fs::create_dir_all(&disc).unwrap();
    std::fs::copy(root().join("disc/DICOM/ANNA/CT1"), disc.join("CT1")).unwrap();
    let index = std::fs::read(root().join("disc/DICOMDIR")).unwrap();
    // every offset points at itself, outside, or back
    for value in [0u32, 132, 400, 1, u32::MAX] {
        let mut bad = index.clone();
        for tag in [
            [4u8, 0, 0, 0x14],
            [4, 0, 0x20, 0x14],
            [4, 0, 0, 0x12],
            [4, 0, 2, 0x12],
        ] {
            for at in 0..bad.len() - 12 {
                if bad[at..at + 4] == tag {
                    bad[at + 8..at + 12].copy_from_slice(&value.to_le_bytes());
                }
            }
        }
        std::fs::write(disc.join("DICOMDIR"), bad).unwrap();
        let out = folder.path().join(format!("out-{value}"));
        assert_eq!(dcmscrub(&[&disc, &"-o", &out]).status.code(), Some(0));
        assert_eq!(referenced(&out.join("clean/DICOMDIR")).len(), 1);
    }
}

#[test]
fn a_folder_without_dicom_is_said_with_where_discs_keep_it() {
    let folder = TempDir::new().unwrap();
    std::fs::create_dir(folder.path().join("photos")).unwrap();
    std::fs::write(folder.path().join("photos/a.txt"), b"hello").unwrap();
    let out = folder.path().join("out");
    let output = dcmscrub(&[&folder.path().join("photos"), &"-o", &out]);
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("no DICOM files were found (1 looked at)"),
        "{said}"
    );
    assert!(
        said.contains("hint: on a disc they are often in folders like DICOM or IMAGES"),
        "{said}"
    );
}

#[test]
fn one_file_that_a_person_has_to_look_at_is_refused_until_they_have() {
    let folder = TempDir::new().unwrap();
    let (input, out) = (
        root().join("disc/DICOM/ANNA/US1"),
        folder.path().join("us.dcm"),
    );
    let refused = dcmscrub(&[&"clean", &input, &"-o", &out]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(!out.exists());
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        said.contains("ultrasound") && said.contains("--accept-held"),
        "{said}"
    );
    let accepted = dcmscrub(&[&"clean", &input, &"-o", &out, &"--accept-held"]);
    assert_eq!(accepted.status.code(), Some(0));
    let object = dicom_object::open_file(&out).unwrap();
    let marker = object
        .element(Tag(0x0012, 0x0062))
        .unwrap()
        .to_str()
        .unwrap();
    assert_eq!(
        marker, "NO",
        "YES is only for what a person need not look at"
    );
}
