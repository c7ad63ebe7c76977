use super::chain::chained_text;
use super::*;
use crate::batch::outcome::Bucket;
use crate::identity::key::Key;
use crate::identity::pseudonym::{MARK_CHARS, Pseudonyms};

fn head(shard: Option<(u32, u32)>) -> Head {
    Head {
        format: 1,
        tool: "dcmscrub".to_owned(),
        edition: "2026d".to_owned(),
        profile: "basic".to_owned(),
        options: Vec::new(),
        method_codes: Vec::new(),
        rules: "r".to_owned(),
        keyed: true,
        key: "k".to_owned(),
        map: None,
        layout: "named".to_owned(),
        holds: Vec::new(),
        shard,
    }
}

fn line(input: &str, reason: &str) -> Line {
    Line::File(Box::new(Entry {
        input: format!("{input:0>19}"),
        bucket: Bucket::Cleaned,
        reason: reason.to_owned(),
        state: "S".repeat(MARK_CHARS),
        output: Some(format!("clean/{input}")),
        ..Entry::default()
    }))
}

fn write(out: &Path, shard: Option<(u32, u32)>, lines: &[Line]) {
    let mut journal = Journal::open(out, &head(shard)).unwrap();
    for line in lines {
        journal.append(line).unwrap();
    }
}

fn end(out: &Path, shard: Option<(u32, u32)>) -> Vec<u8> {
    let path = out.join(name(shard));
    let keyed = Pseudonyms::new(&Key::from_bytes([3; 32]), "");
    let journal = File::open(&path).unwrap();
    let standing = Standing::Ended {
        pseudonyms: Some(&keyed),
        index: None,
        mended: BTreeSet::new(),
    };
    put_in_order(vec![journal], out, &head(shard), standing, None).unwrap();
    std::fs::read(path).unwrap()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_journal_that_has_ended_does_not_tell_in_what_order_it_came_about() {
    let (one, other) = (folder(), folder());
    write(
        one.path(),
        None,
        &[line("A", "x"), line("B", "x"), line("C", "x")],
    );
    // killed, gone on with, and one input again
    write(other.path(), None, &[line("C", "y")]);
    write(
        other.path(),
        None,
        &[line("B", "x"), line("A", "x"), line("C", "x")],
    );
    let (one, other) = (end(one.path(), None), end(other.path(), None));
    assert_eq!(
        String::from_utf8_lossy(&one),
        String::from_utf8_lossy(&other)
    );
    assert_eq!(String::from_utf8_lossy(&one).lines().count(), 5);
}

#[test]
fn shards_merge_to_what_one_run_says() {
    let (one, shards) = (folder(), folder());
    write(
        one.path(),
        None,
        &[line("A", "x"), line("B", "x"), line("C", "x")],
    );
    write(
        shards.path(),
        Some((1, 2)),
        &[line("C", "x"), line("A", "x")],
    );
    write(shards.path(), Some((2, 2)), &[line("B", "x")]);
    let keyed = Pseudonyms::new(&Key::from_bytes([3; 32]), "");
    let open = |shard| File::open(shards.path().join(name(Some(shard)))).unwrap();
    assert!(matches!(
        whole(&[open((1, 2)), open((2, 2))]),
        Err(JournalError::Shards(1, 2))
    ));
    end(shards.path(), Some((1, 2)));
    end(shards.path(), Some((2, 2)));
    assert!(matches!(
        whole(&[open((1, 2))]),
        Err(JournalError::Shards(2, 2))
    ));
    assert!(matches!(
        whole(&[open((1, 2)), open((1, 2))]),
        Err(JournalError::Shards(1, 2))
    ));
    let both = [open((1, 2)), open((2, 2))];
    let standing = Standing::Ended {
        pseudonyms: Some(&keyed),
        index: None,
        mended: BTreeSet::new(),
    };
    let head = whole(&both).unwrap();
    put_in_order(both.into(), shards.path(), &head, standing, None).unwrap();
    assert_eq!(
        std::fs::read(shards.path().join(NAME)).unwrap(),
        end(one.path(), None)
    );
}

#[test]
fn every_changed_byte_is_found() {
    let out = folder();
    write(out.path(), None, &[line("A", "x"), line("B", "x")]);
    let good = end(out.path(), None);
    let lines = |bytes: &[u8]| {
        let path = out.path().join("copy");
        let mut file = OpenOptions::new()
            .write(true)
            .read(true)
            .create(true)
            .truncate(true)
            .open(path)
            .unwrap();
        file.write_all(bytes).unwrap();
        let mut lines = Lines::of(&file).unwrap();
        let mut count = 0;
        while lines.next_line().unwrap_or(None).is_some() {
            count += 1;
        }
        count
    };
    assert_eq!(lines(&good), 4);
    let last = good[..good.len() - 1]
        .iter()
        .rposition(|&b| b == b'\n')
        .unwrap();
    for at in 0..last {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert!(lines(&bad) < 4, "byte {at}");
    }
}

#[test]
fn half_a_line_is_cut_and_a_second_run_is_refused() {
    let out = folder();
    write(out.path(), None, &[line("A", "x")]);
    let path = out.path().join(NAME);
    let whole = std::fs::read(&path).unwrap();
    OpenOptions::new()
        .append(true)
        .open(&path)
        .unwrap()
        .write_all(b"{\"line\":\"fi")
        .unwrap();
    let journal = Journal::open(out.path(), &head(None)).unwrap();
    assert!(matches!(
        Journal::open(out.path(), &head(None)),
        Err(JournalError::Busy)
    ));
    drop(journal);
    assert_eq!(std::fs::read(&path).unwrap(), whole);
    for (other, expected) in [
        (
            Head {
                key: "other".to_owned(),
                ..head(None)
            },
            "key or project",
        ),
        (
            Head {
                rules: "other".to_owned(),
                ..head(None)
            },
            "profile",
        ),
        (
            Head {
                layout: "media".to_owned(),
                ..head(None)
            },
            "layout",
        ),
    ] {
        assert!(
            matches!(Journal::open(out.path(), &other), Err(JournalError::Other(what)) if what == expected)
        );
    }
}

#[test]
fn what_is_done_is_found_by_its_last_line() {
    let out = folder();
    let many: Vec<Line> = (0..300).map(|n| line(&n.to_string(), "old")).collect();
    write(out.path(), None, &many);
    write(out.path(), None, &[line("7", "new")]);
    let journal = Journal::open(out.path(), &head(None)).unwrap();
    let done = journal.done().unwrap();
    let find = |input: &str, state: &str| {
        let found = done
            .find(&format!("{input:0>19}"), &state.repeat(MARK_CHARS))
            .unwrap();
        found.map(|entry| entry.reason)
    };
    assert_eq!(find("7", "S").as_deref(), Some("new"));
    assert_eq!(find("299", "S").as_deref(), Some("old"));
    assert_eq!(find("300", "S"), None);
    assert_eq!(find("7", "T"), None);
    assert_eq!(done.count, 300);
}

#[test]
fn every_output_keeps_its_line_and_a_failure_counts_until_there_is_one() {
    let out = folder();
    let with = |input: &str, output: Option<&str>, reason: &str| {
        Line::File(Box::new(Entry {
            input: input.to_owned(),
            reason: reason.to_owned(),
            output: output.map(str::to_owned),
            ..Entry::default()
        }))
    };
    let lines = [
        with("A", None, "damaged"),
        with("A", Some("clean/1"), "first month"),
        with("A", Some("clean/2"), "second month"),
        with("A", Some("clean/1"), "first month again"),
        with("B", Some("clean/3"), "cleaned"),
        with("B", None, "damaged now"),
        with("C", None, "x"),
        with("C", None, "y"),
    ];
    write(out.path(), None, &lines);
    let text = String::from_utf8(end(out.path(), None)).unwrap();
    let reasons: Vec<String> = text
        .lines()
        .filter_map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["reason"]
                .as_str()
                .map(str::to_owned)
        })
        .collect();
    assert_eq!(
        reasons,
        [
            "first month again",
            "second month",
            "cleaned",
            "damaged now",
            "y"
        ]
    );
}

/// The same line as another program may write it: with spaces, or with its parts in another order.
#[test]
fn lines_that_something_else_wrote_are_counted() {
    let text = |line: &Line| serde_json::to_string(line).unwrap();
    let forms: [fn(String) -> String; 5] = [
        |text| text,
        |text| text.replacen('{', "{ ", 1),
        |text| text.replacen('{', " \t{", 1),
        |text| text.replacen(':', " : ", 1),
        |text| {
            let rest = text.replacen("\"line\":\"file\",", "", 1);
            let (rest, _) = rest.split_at(rest.len() - 1);
            format!("{rest},\"line\":\"file\"}}")
        },
    ];
    let files = forms.iter().enumerate().map(|(n, form)| {
        let made = form(text(&line(&n.to_string(), "x")));
        assert_eq!(made.starts_with("{\"line\":\"file\","), n == 0);
        made
    });
    let release = Line::Release(Release {
        input: "0".to_owned(),
        from: "review/0".to_owned(),
        output: "clean/0".to_owned(),
        blake3: String::new(),
        by: String::new(),
        why: String::new(),
    });
    let head = text(&Line::Run(head(None)));
    let lines = [head].into_iter().chain(files).chain([text(&release)]);
    let (out, mut last, mut bytes) = (folder(), String::new(), String::new());
    for line in lines {
        let (text, digest) = chained_text(line, &last);
        bytes.push_str(&text);
        last = digest;
    }
    std::fs::write(out.path().join(NAME), bytes).unwrap();
    let ended = String::from_utf8(end(out.path(), None)).unwrap();
    let end: Line = serde_json::from_str(ended.lines().last().unwrap()).unwrap();
    assert!(matches!(end, Line::End(End { files: 5, .. })), "{end:?}");
}
