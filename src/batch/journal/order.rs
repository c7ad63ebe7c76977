//! The order of a journal that has ended: by the inputs' codes, each input once. It is the same for every number of threads,
//! walk order, interruption and division into shards.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use super::chain::chained_text;
use super::lines::is_unread;
use super::{End, Head, Journal, JournalError, Line, Lines, name};
use crate::batch::outcome::Bucket;
use crate::batch::sorted::Sorter;
use crate::batch::writer::{tag, temporary};
use crate::identity::pseudonym::Pseudonyms;

/// What lines are sorted by begins with their kind: releases stand behind all inputs.
const OF_FILE: u8 = b'f';
const OF_RELEASE: u8 = b'r';

/// How the run of a journal that is put in order stands.
pub enum Standing<'a> {
    /// It was interrupted.
    Open,
    /// It came to its end.
    Ended {
        /// What seals the journal.
        pseudonyms: Option<&'a Pseudonyms>,
        /// Digest of the disc index.
        index: Option<String>,
        /// Codes of folders and archives that could not be read once, and can be now: what was said of them then goes.
        mended: BTreeSet<String>,
    },
}

impl Standing<'_> {
    fn is_past(&self, place: &Place<'_>) -> bool {
        match self {
            Self::Open => false,
            Self::Ended { mended, .. } => {
                is_unread(place.bucket, &place.state, place.output.is_some())
                    && mended.contains(&*place.input)
            }
        }
    }
}

/// What a line says of its place in the order.
#[derive(serde::Deserialize)]
struct Place<'t> {
    line: Kind,
    #[serde(borrow, default)]
    input: Cow<'t, str>,
    #[serde(borrow, default)]
    state: Cow<'t, str>,
    #[serde(default)]
    bucket: Bucket,
    output: Option<serde::de::IgnoredAny>,
}

/// The kinds of lines, as in [`Line`].
#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Run,
    File,
    Release,
    End,
}

impl<'t> Place<'t> {
    fn of(text: &'t str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }
}

/// Puts the lines of journals into one, in order, under this head. The journal in `out` is replaced in one step by the file
/// that is returned: no other run may have it for as long as it is open, as it was with the one before (`over`).
///
/// # Errors
/// [`JournalError`]: a changed line; reading, sorting and writing.
pub fn put_in_order(
    journals: Vec<File>,
    out: &Path,
    head: &Head,
    standing: Standing<'_>,
    over: Option<&mut Journal>,
) -> Result<File, JournalError> {
    let mut sorter = Sorter::new(out);
    let mut number = 0u64;
    for journal in &journals {
        let mut lines = Lines::of(journal)?;
        while let Some((_, text)) = lines.next_text()? {
            let place = Place::of(&text).map_err(io::Error::from)?;
            let kind = match place.line {
                Kind::File if standing.is_past(&place) => continue,
                Kind::File => OF_FILE,
                Kind::Release => OF_RELEASE,
                Kind::Run | Kind::End => continue,
            };
            number = number.saturating_add(1);
            let key = [&[kind], place.input.as_bytes(), &[0]];
            let number = number.to_be_bytes();
            let parts = key.into_iter().chain([&number, text.as_bytes()]);
            sorter.push(parts.collect::<Vec<_>>().concat())?;
        }
    }
    let mut temp = temporary(out, &tag(head.shard))?;
    let mut writer = io::BufWriter::new(temp.as_file_mut());
    let mut last = String::new();
    let mut files = 0u64;
    let mut write = |text: String, last: &mut String| -> io::Result<()> {
        let (text, digest) = chained_text(text, last);
        *last = digest;
        writer.write_all(text.as_bytes())
    };
    let text = |line: &Line| serde_json::to_string(line).map_err(io::Error::from);
    write(text(&Line::Run(head.clone()))?, &mut last)?;
    let mut group: (Vec<u8>, Vec<String>) = Default::default();
    let mut put = |(key, mut texts): (Vec<u8>, Vec<String>), last: &mut String| -> io::Result<()> {
        let are_files = key.first() == Some(&OF_FILE);
        if texts.len() > 1 {
            let lines: Result<Vec<Line>, _> = texts
                .iter()
                .map(|text| serde_json::from_str(text))
                .collect();
            texts = lasting(lines?)
                .iter()
                .map(text)
                .collect::<io::Result<_>>()?;
        }
        for text in texts {
            files = files.saturating_add(u64::from(are_files));
            write(text, last)?;
        }
        Ok(())
    };
    for record in sorter.finish()? {
        let record = record?;
        let at = record.iter().position(|&b| b == 0).unwrap_or(0);
        let (key, rest) = record.split_at(at);
        let text = String::from_utf8(rest.get(9..).unwrap_or_default().to_vec())
            .map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
        if group.0 != key {
            put(std::mem::take(&mut group), &mut last)?;
            group.0 = key.to_vec();
        }
        group.1.push(text);
    }
    put(group, &mut last)?;
    if let Standing::Ended {
        pseudonyms, index, ..
    } = standing
    {
        let seal = pseudonyms.map_or_else(String::new, |keyed| seal(keyed, &last));
        write(text(&Line::End(End { files, index, seal }))?, &mut last)?;
    }
    writer.flush()?;
    drop(writer);
    temp.as_file().sync_all()?;
    // elsewhere a lock would keep the report from being made
    #[cfg(unix)]
    match temp.as_file().try_lock() {
        Err(std::fs::TryLockError::Error(e)) if e.kind() != io::ErrorKind::Unsupported => {
            return Err(e.into());
        }
        Ok(()) | Err(_) => {}
    }
    drop(journals);
    over.map_or(Ok(()), Journal::let_go)?;
    match temp.persist(out.join(name(head.shard))) {
        Ok(journal) => Ok(journal),
        Err(e) => Err(e.error.into()),
    }
}

/// Of the lines of one input, in the order in which they came, those that still say something: every output has its last
/// line for as long as it may be there, and what became of the input without an output counts until there is one.
fn lasting(lines: Vec<Line>) -> Vec<Line> {
    let mut with_output: BTreeMap<String, Line> = BTreeMap::new();
    let mut without = None;
    for line in lines {
        let output = match &line {
            Line::File(entry) => entry.output.clone(),
            Line::Release(release) => Some(release.output.clone()),
            Line::Run(_) | Line::End(_) => None,
        };
        match output {
            Some(output) => {
                without = None;
                with_output.insert(output, line);
            }
            None => without = Some(line),
        }
    }
    with_output.into_values().chain(without).collect()
}

/// The seal over the digest of the line before the last.
#[must_use]
pub fn seal(pseudonyms: &Pseudonyms, last: &str) -> String {
    pseudonyms.mark("journal/seal", &[last])
}

/// The head of the run that these are all shards of; put in order under it they are that run's journal.
///
/// # Errors
/// [`JournalError`]: shards of different runs, missing, twice or not ended; a changed line.
pub fn whole(journals: &[File]) -> Result<Head, JournalError> {
    let mut whole: Option<Head> = None;
    let mut there = std::collections::BTreeSet::new();
    let mut of = 0u32;
    for journal in journals {
        let mut lines = Lines::of(journal)?;
        let Some((_, Line::Run(head))) = lines.next_line()? else {
            return Err(JournalError::Changed(1));
        };
        let Some((shard, n)) = head.shard else {
            return Err(JournalError::Other("kind of run: it is no shard"));
        };
        if let Some(whole) = &whole {
            whole.allows(&head.whole())?;
        } else {
            whole = Some(head.whole());
            of = n;
        }
        let mut ended = false;
        while let Some((_, line)) = lines.next_line()? {
            ended = matches!(line, Line::End(_));
        }
        if n != of || !ended || !there.insert(shard) {
            return Err(JournalError::Shards(shard, of));
        }
    }
    let missing = (1..=of).find(|shard| !there.contains(shard));
    match (whole, missing) {
        (Some(head), None) => Ok(head),
        (_, Some(shard)) => Err(JournalError::Shards(shard, of)),
        (None, None) => Err(JournalError::Nothing),
    }
}
