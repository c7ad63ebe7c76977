//! Errors of a profile: file, line, the line itself with a mark, what is wrong, what to write instead.

use std::fmt;
use std::ops::Range;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ProfileError {
    /// File or command-line option.
    pub file: String,
    /// Line from 1; 0 where there is no line.
    pub line: usize,
    /// Column from 1, in characters.
    pub column: usize,
    /// The line; empty where it is not shown.
    #[serde(skip)]
    pub text: String,
    /// Characters to mark.
    #[serde(skip)]
    pub width: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            write!(f, "{}: {}", self.file, self.message)?;
        } else {
            write!(
                f,
                "{}:{}:{}: {}",
                self.file, self.line, self.column, self.message
            )?;
            if !self.text.is_empty() {
                let margin = " ".repeat(self.line.to_string().len());
                let before = " ".repeat(self.column.saturating_sub(1));
                let mark = "^".repeat(self.width.max(1));
                write!(f, "\n{margin} |\n{} | {}", self.line, self.text)?;
                write!(f, "\n{margin} | {before}{mark}")?;
            }
        }
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

/// All that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ProfileErrors(pub Vec<ProfileError>);

impl fmt::Display for ProfileErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

/// Collects errors of one file.
pub struct Complaints<'t> {
    file: &'t str,
    source: &'t str,
    /// What was found.
    pub errors: Vec<ProfileError>,
}

impl<'t> Complaints<'t> {
    /// For a file and its text.
    #[must_use]
    pub fn new(file: &'t str, source: &'t str) -> Self {
        Self {
            file,
            source,
            errors: Vec::new(),
        }
    }

    /// Notes an error at a place.
    pub fn at(&mut self, span: Range<usize>, message: impl Into<String>, hint: Option<String>) {
        let before = self.source.get(..span.start).unwrap_or_default();
        let line = before.matches('\n').count().saturating_add(1);
        let start = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
        let text = self
            .source
            .get(start..)
            .unwrap_or_default()
            .lines()
            .next()
            .unwrap_or_default();
        let column = before
            .get(start..)
            .unwrap_or_default()
            .chars()
            .count()
            .saturating_add(1);
        let inside = self.source.get(span).unwrap_or_default();
        let width = inside.lines().next().unwrap_or_default().chars().count();
        self.errors.push(ProfileError {
            file: self.file.to_owned(),
            line,
            column,
            text: text.to_owned(),
            width,
            message: message.into(),
            hint,
        });
    }
}

impl Complaints<'_> {
    /// Notes a place where the file is no TOML. The line is shown only where it can be one of a profile: the file may be a key
    /// file, or a letter, that was given by mistake.
    pub fn no_toml(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.at(span, message, None);
        for error in self.errors.iter_mut().rev().take(1) {
            if !error.text.contains('=') && !error.text.trim_start().starts_with('[') {
                error.text.clear();
            }
        }
    }
}

/// The known word nearest to this one, where one is near.
#[must_use]
pub fn nearest<'w>(word: &str, known: impl Iterator<Item = &'w str>) -> Option<String> {
    let most = word.chars().count().div_ceil(3).min(3);
    let found = known
        .map(|candidate| (distance(word, candidate), candidate))
        .min()?;
    (found.0 <= most).then(|| format!("did you mean \"{}\"?", found.1))
}

/// Edits between two words, without regard to case.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.to_lowercase().chars().enumerate() {
        let mut corner = i;
        let mut left = i.saturating_add(1);
        let mut next = vec![left];
        for (y, above) in b.iter().zip(row.iter().skip(1)) {
            let cost = corner.saturating_add(usize::from(x != *y));
            left = cost
                .min(left.saturating_add(1))
                .min(above.saturating_add(1));
            corner = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}
