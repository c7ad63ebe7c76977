//! What brings the program to a machine speaks of one version, one name and one set of dependencies.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn text(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

#[test]
fn one_version_is_everywhere() {
    let version = env!("CARGO_PKG_VERSION");
    for (file, line) in [
        ("python/Cargo.toml", format!("version = \"{version}\"")),
        (
            "packaging/pre-commit/pyproject.toml",
            format!("version = \"{version}\""),
        ),
        (
            "packaging/pre-commit/pyproject.toml",
            format!("dependencies = [\"dcmscrub=={version}\"]"),
        ),
        ("packaging/pre-commit/README.md", format!("rev: v{version}")),
        ("action.yml", format!("default: \"{version}\"")),
        ("docs/install.md", format!("rev: v{version}")),
        ("docs/install.md", format!("dcmscrub@v{version}")),
    ] {
        let found = text(file).lines().any(|there| there.contains(&line));
        assert!(found, "{file} has to say {line}");
    }
}

/// Packages of a lock file, as (name, version).
fn locked(path: &str) -> BTreeSet<(String, String)> {
    let lock: toml::Table = text(path).parse().unwrap();
    let word = |package: &toml::Value, key: &str| package[key].as_str().unwrap().to_owned();
    let packages = lock["package"].as_array().unwrap();
    packages
        .iter()
        .map(|package| (word(package, "name"), word(package, "version")))
        .collect()
}

/// The module is made of what the command is made of, and of Python's bindings. After a change of Cargo.lock:
/// `cp Cargo.lock python/ && cargo metadata --manifest-path python/Cargo.toml >target/metadata.json`
#[test]
fn the_wheel_has_the_dependencies_of_the_command() {
    let (command, module) = (locked("Cargo.lock"), locked("python/Cargo.lock"));
    let names: BTreeSet<&String> = command.iter().map(|(name, _)| name).collect();
    let other: Vec<_> = module
        .iter()
        .filter(|package| names.contains(&package.0) && !command.contains(*package))
        .collect();
    assert!(other.is_empty(), "{other:?}");
    let lock: toml::Table = text("python/Cargo.lock").parse().unwrap();
    let packages = lock["package"].as_array().unwrap();
    let dcmscrub = packages
        .iter()
        .find(|package| package["name"].as_str() == Some("dcmscrub"))
        .unwrap();
    let needs: Vec<&str> = dcmscrub["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        // with a version behind it where there are two
        .filter_map(|name| name.as_str()?.split(' ').next())
        .collect();
    let manifest: toml::Table = text("Cargo.toml").parse().unwrap();
    for name in manifest["dependencies"].as_table().unwrap().keys() {
        assert!(
            needs.contains(&name.as_str()),
            "python/Cargo.lock lacks {name}"
        );
    }
    let own = module.iter().filter(|(name, _)| !names.contains(name));
    let own: Vec<&str> = own.map(|(name, _)| name.as_str()).collect();
    assert!(own.contains(&"pyo3") && own.len() <= 9, "{own:?}");
}

/// Each hook runs the gate, and passes where no DICOM file is among those that it is given.
#[test]
fn hooks_run_the_gate() {
    for (file, languages) in [
        (".pre-commit-hooks.yaml", vec!["rust", "system"]),
        (
            "packaging/pre-commit/.pre-commit-hooks.yaml",
            vec!["python"],
        ),
    ] {
        let hooks = text(file);
        assert!(hooks.contains("- id: dcmscrub-check\n"), "{file}");
        let entries = hooks.matches("  entry: dcmscrub check --allow-none\n");
        assert_eq!(entries.count(), languages.len(), "{file}");
        for language in languages {
            assert!(
                hooks.contains(&format!("  language: {language}\n")),
                "{file}"
            );
        }
    }
    let folder = tempfile::TempDir::new().unwrap();
    let letter = folder.path().join("letter.txt");
    fs::write(&letter, "a letter").unwrap();
    let picture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/disc/DICOM/ANNA/CT1");
    let check = |args: &[&dyn AsRef<std::ffi::OsStr>]| crate::clean::dcmscrub(args).status.code();
    let none = check(&[&"check", &"--no-config", &letter]);
    assert_eq!(none, Some(3), "nothing was looked at");
    let passed = check(&[&"check", &"--no-config", &"--allow-none", &letter]);
    assert_eq!(passed, Some(0));
    let found = check(&[&"check", &"--no-config", &"--allow-none", &letter, &picture]);
    assert_eq!(found, Some(1));
}
