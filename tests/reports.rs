//! `report.json` and the journal are what docs/report.schema.json, docs/journal.schema.json and docs/report.md say.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use dcmscrub::batch::kind;
use jsonschema::Validator;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::clean::{dcmscrub, key};
use crate::fixtures::root;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn parsed(path: &Path) -> Value {
    serde_json::from_str(&text(path)).unwrap()
}

fn schema(name: &str) -> Value {
    parsed(&repository().join("docs").join(name))
}

fn validator(name: &str) -> Validator {
    jsonschema::validator_for(&schema(name)).unwrap()
}

fn complaints(validator: &Validator, value: &Value) -> Vec<String> {
    let errors = validator.iter_errors(value);
    errors
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect()
}

/// Runs the program, and says how it ended.
fn code(args: &[&dyn AsRef<OsStr>]) -> Option<i32> {
    dcmscrub(args).status.code()
}

/// The fixtures, one file that is cut off, and one file twice.
fn inputs(folder: &TempDir) -> PathBuf {
    let to = folder.path().join("in");
    for entry in walkdir::WalkDir::new(root()) {
        let entry = entry.unwrap();
        let path = to.join(entry.path().strip_prefix(root()).unwrap());
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(path).unwrap();
        } else {
            std::fs::copy(entry.path(), path).unwrap();
        }
    }
    let bytes = std::fs::read(root().join("disc/DICOM/ANNA/CT1")).unwrap();
    std::fs::write(to.join("twice"), &bytes).unwrap();
    std::fs::write(to.join("cut"), &bytes[..bytes.len() - 10]).unwrap();
    to
}

/// Reasons that docs/report.md has a row for.
fn documented() -> BTreeSet<String> {
    let page = text(&repository().join("docs/report.md"));
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    // all words in code type of the first column
    let first = rows.map(|row| row.split('|').nth(1).unwrap().to_owned());
    first
        .flat_map(|cell| {
            let words = cell.split('`').skip(1).step_by(2).map(String::from);
            words.collect::<Vec<_>>()
        })
        .collect()
}

fn sum(of: &Value) -> u64 {
    let numbers = of.as_object().unwrap().values();
    numbers.map(|n| n.as_u64().unwrap()).sum()
}

/// Checks a report and its journal. The report.
fn check(out: &Path, report: &str, journal: &str) -> Value {
    let report = parsed(&out.join(report));
    let none = Vec::<String>::new();
    assert_eq!(
        complaints(&validator("report.schema.json"), &report),
        none,
        "{report:#}"
    );
    let files = report["inputs"]["files"].as_u64().unwrap();
    assert_eq!(sum(&report["buckets"]), files, "buckets add up");
    assert_eq!(sum(&report["reasons"]), files, "reasons add up");
    let known = documented();
    for (name, count) in report["buckets"].as_object().unwrap() {
        let reasons = report["reasons"].as_object().unwrap().iter();
        let of_bucket = reasons.filter_map(|(reason, n)| {
            let (bucket, reason) = reason.split_once('/').unwrap();
            assert!(known.contains(reason), "{reason} is not in docs/report.md");
            (bucket == name).then(|| n.as_u64().unwrap())
        });
        assert_eq!(of_bucket.sum::<u64>(), count.as_u64().unwrap(), "{name}");
    }
    let (buckets, outputs) = (&report["buckets"], &report["outputs"]);
    let number = |of: &Value, name: &str| of[name].as_u64().unwrap();
    assert_eq!(
        number(buckets, "cleaned") + number(buckets, "held-back"),
        number(outputs, "clean") + number(outputs, "review") + number(outputs, "duplicates")
    );

    let of_lines = validator("journal.schema.json");
    let mut before = String::new();
    let mut kinds = Vec::new();
    for line in text(&out.join(journal)).lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        assert_eq!(complaints(&of_lines, &value), none, "{value:#}");
        assert_eq!(value["before"], *before, "the chain");
        before = blake3::hash(line.as_bytes()).to_hex().to_string();
        kinds.push(value["line"].as_str().unwrap().to_owned());
        if let Some(reason) = value.get("reason") {
            assert!(known.contains(reason.as_str().unwrap()), "{reason}");
        }
    }
    let count = |kind: &str| u64::try_from(kinds.iter().filter(|k| *k == kind).count()).unwrap();
    assert_eq!(count("file"), files, "a line for every input");
    assert_eq!((count("run"), count("end")), (1, 1));
    assert_eq!(
        (kinds[0].as_str(), kinds.last().unwrap().as_str()),
        ("run", "end")
    );
    assert_eq!(count("release"), number(outputs, "released"));
    report
}

#[test]
fn reports_and_journals_are_as_their_schemas_say() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (key, input) = (key(&folder, "k"), inputs(&folder));
    let whole = ("report.json", "report.journal.jsonl");

    let list = at("ids.csv");
    std::fs::write(&list, "patient_id,pseudonym\nnobody,S-1\n").unwrap();
    for (name, more) in [
        ("media", &["--layout", "media"][..]),
        ("named", &["--layout", "named"]),
        ("mirror", &["--layout", "mirror"]),
        ("held", &["--map", "LIST", "--unmapped", "hold"]),
    ] {
        let out = at(name);
        let more: Vec<PathBuf> = more
            .iter()
            .map(|a| if *a == "LIST" { list.clone() } else { a.into() })
            .collect();
        let mut args: Vec<&dyn AsRef<OsStr>> = vec![&"clean", &input, &"-q", &"-o", &out];
        args.extend([&"--key-file" as &dyn AsRef<OsStr>, &key]);
        args.extend(more.iter().map(|a| a as &dyn AsRef<OsStr>));
        assert_eq!(code(&args), Some(3), "one file is cut off");
        let report = check(&out, whole.0, whole.1);
        assert_eq!(report["buckets"]["failed"], 1, "{name}");
        assert_eq!(report["list_of_pseudonyms"], name == "held");
    }
    let random = at("random");
    assert_eq!(code(&[&"clean", &input, &"-q", &"-o", &random]), Some(3));
    assert_eq!(check(&random, whole.0, whole.1)["key_file"], false);

    let named = at("named");
    let mut release: Vec<&dyn AsRef<OsStr>> = vec![
        &"review",
        &named,
        &"--release",
        &"ultrasound",
        &"--by",
        &"me",
    ];
    release.extend([
        &"--why" as &dyn AsRef<OsStr>,
        &"looked",
        &"--key-file",
        &key,
    ]);
    assert_eq!(code(&release), Some(0));
    let report = check(&named, whole.0, whole.1);
    assert!(report["reasons"]["cleaned/released"].as_u64() > Some(0));
}

#[test]
fn reports_of_shards_and_of_their_whole_are_as_their_schemas_say() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let key = key(&folder, "k");
    for shard in ["1/2", "2/2"] {
        let mut args: Vec<&dyn AsRef<OsStr>> = vec![&"clean", &"-q", &"-o", &out, &"--shard"];
        let input = root();
        args.extend([&shard as &dyn AsRef<OsStr>, &input, &"--key-file", &key]);
        assert_eq!(code(&args), Some(0), "{shard}");
        let name = shard.replace('/', "-of-");
        let report = check(
            &out,
            &format!("report.{name}.json"),
            &format!("report.journal.{name}.jsonl"),
        );
        assert_eq!(report["shard"][1], 2);
    }
    assert_eq!(
        code(&[&"report", &"merge", &out, &"-q", &"--key-file", &key]),
        Some(0)
    );
    let report = check(&out, "report.json", "report.journal.jsonl");
    assert!(report.get("shard").is_none());
}

#[test]
fn the_schemas_are_exact() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let input = root().join("disc");
    assert_eq!(code(&[&"clean", &input, &"-q", &"-o", &out]), Some(0));
    let report = parsed(&out.join("report.json"));
    let journal = text(&out.join("report.journal.jsonl"));
    let lines = journal.lines();
    let lines: Vec<Value> = lines.map(|l| serde_json::from_str(l).unwrap()).collect();
    let cleaned = lines.iter().find(|line| line["bucket"] == "cleaned");
    let left = lines.iter().find(|line| line["bucket"] == "left-behind");
    for (name, valid) in [
        ("report.schema.json", &report),
        ("journal.schema.json", &lines[0]),
        ("journal.schema.json", cleaned.unwrap()),
        ("journal.schema.json", left.unwrap()),
        ("journal.schema.json", lines.last().unwrap()),
    ] {
        let validator = validator(name);
        assert!(validator.is_valid(valid));
        let fields = valid.as_object().unwrap();
        let may_lack = ["name", "birth_date", "modality", "head", "also", "index"];
        for field in fields.keys().filter(|f| !may_lack.contains(&f.as_str())) {
            let mut less = fields.clone();
            less.remove(field);
            assert!(!validator.is_valid(&less.into()), "without {field}");
        }
        let mut more = fields.clone();
        more.insert("patient_name".into(), json!("CANARY-PN-01"));
        assert!(!validator.is_valid(&more.into()), "a field too many");
    }
}

#[test]
fn every_object_of_a_schema_is_closed_and_every_field_is_described() {
    fn walk(at: &str, value: &Value) {
        if let Some(properties) = value.get("properties").and_then(Value::as_object)
            && value["type"] == "object"
        {
            assert_eq!(value["additionalProperties"], false, "{at}");
            for (name, field) in properties {
                let words = field["description"].as_str().unwrap_or_default();
                assert!(
                    !words.is_empty() && !words.contains('\n'),
                    "{at}/{name} has no description"
                );
            }
            let required = value["required"].as_array().unwrap();
            let named = |name: &Value| properties.contains_key(name.as_str().unwrap());
            assert!(required.iter().all(named), "{at}");
        }
        match value {
            Value::Object(fields) => {
                for (name, field) in fields {
                    walk(&format!("{at}/{name}"), field);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| walk(at, item)),
            _ => {}
        }
    }
    for name in ["report.schema.json", "journal.schema.json"] {
        let schema = schema(name);
        assert_eq!(
            schema["$schema"],
            "https://json-schema.org/draft/2020-12/schema"
        );
        assert!(jsonschema::meta::is_valid(&schema), "{name}");
        walk(name, &schema);
    }
}

/// What stands between these two texts, wherever it is a word as reasons are.
fn between(text: &str, before: &str, after: &str) -> BTreeSet<String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    text.match_indices(before)
        .filter_map(|(at, _)| text[at + before.len()..].split_once(after))
        .map(|(word, _)| word.to_owned())
        .filter(|word| !word.is_empty() && word.chars().all(plain))
        .collect()
}

#[test]
fn every_reason_of_the_program_is_documented() {
    let source = |path: &str| text(&repository().join(path));
    let mut reasons: BTreeSet<String> = kind::ALL.iter().map(|k| k.code.to_owned()).collect();
    for path in [
        "src/dicom/error.rs",
        "src/batch/archive.rs",
        "src/plan/mod.rs",
    ] {
        let found = between(&source(path), "=> \"", "\"");
        assert!(!found.is_empty(), "{path}");
        reasons.extend(found);
    }
    for path in ["src/run.rs", "src/batch/discover.rs"] {
        reasons.extend(between(&source(path), "\"", "\".into()"));
        reasons.extend(between(&source(path), "What::Failed(\"", "\""));
    }
    reasons.extend(between(
        &source("src/profile/hold.rs"),
        "UNMAPPED: &str = \"",
        "\"",
    ));
    reasons.extend(between(
        &source("src/report/mod.rs"),
        "\"",
        "\".clone_into(&mut entry.reason)",
    ));
    let profile = source("profiles/basic.toml");
    let profile: toml::Table = profile.parse().unwrap();
    for hold in profile["hold"].as_array().unwrap() {
        reasons.insert(hold["code"].as_str().unwrap().to_owned());
    }
    for sample in [
        "bug",
        "io",
        "entry-damaged",
        "list-unreadable",
        "unreadable",
        "released",
        "cleaned",
        "too-long",
    ] {
        assert!(
            reasons.contains(sample),
            "{sample} was not found in the source"
        );
    }
    let known = documented();
    let missing: Vec<&String> = reasons.difference(&known).collect();
    assert!(missing.is_empty(), "not in docs/report.md: {missing:?}");
    let gone: Vec<&String> = known
        .difference(&reasons)
        .filter(|r| *r != "site-rule-N")
        .collect();
    assert!(
        gone.is_empty(),
        "in docs/report.md, but not in the program: {gone:?}"
    );
}

#[test]
fn the_page_on_many_jobs_shows_the_examples_as_they_are() {
    let page = text(&repository().join("docs/scale.md"));
    for name in ["Snakefile", "clean.sbatch"] {
        let example = text(&repository().join("examples/scale").join(name));
        let lines = example.lines().map(|line| match line {
            "" => "\n".to_owned(),
            line => format!("    {line}\n"),
        });
        assert!(page.contains(&lines.collect::<String>()), "{name}");
    }
}
