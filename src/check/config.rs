//! `.dcmscrub.toml`: what a repository knows about its files and lets stay.
//!
//! Owns: reading it. Everything in it makes the gate more lenient, so that what cannot be understood is refused.

use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};
use serde::Deserialize;

use super::rules::{self, Confidence};
use super::{Finding, Place};
use crate::dicom::Tag;
use crate::profile::parse_tag;

/// Its name.
pub const NAME: &str = ".dcmscrub.toml";
/// Bytes of it.
const MOST: u64 = 1 << 20;

/// What is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}: {message}", .path.display(), Line(*.line))]
pub struct ConfigError {
    path: PathBuf,
    line: usize,
    message: String,
}

struct Line(usize);

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 == 0 {
            Ok(())
        } else {
            write!(f, ":{}", self.0)
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    check: Written,
}

/// As it is written.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    #[serde(default)]
    ignore: Vec<toml::Spanned<String>>,
    #[serde(default)]
    exclude: Vec<toml::Spanned<String>>,
    min_confidence: Option<toml::Spanned<String>>,
    baseline: Option<PathBuf>,
    #[serde(default)]
    allow: Vec<toml::Spanned<WrittenAllow>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAllow {
    rule: String,
    tag: Option<String>,
    path: Option<String>,
    why: String,
}

/// What may stay.
#[derive(Debug, Default)]
pub struct Config {
    /// The folder that its paths are below.
    pub root: PathBuf,
    /// The findings that are known already.
    pub baseline: Option<PathBuf>,
    /// Findings below this are not told.
    pub least: Option<Confidence>,
    ignore: Vec<&'static str>,
    exclude: Vec<GlobMatcher>,
    allow: Vec<Allow>,
}

#[derive(Debug)]
struct Allow {
    rule: &'static str,
    tag: Option<Tag>,
    path: Option<GlobMatcher>,
}

impl Config {
    /// Nothing may stay; paths are below this folder.
    #[must_use]
    pub fn none(root: PathBuf) -> Self {
        Self {
            root,
            ..Self::default()
        }
    }

    /// The one of the folder of a path or of the nearest folder above it; `None` where there is none.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn find(start: &Path) -> Result<Option<Self>, ConfigError> {
        let Ok(start) = std::path::absolute(start) else {
            return Ok(None);
        };
        let found = start
            .ancestors()
            .map(|folder| folder.join(NAME))
            .find(|path| path.is_file());
        found.map(|path| Self::read(&path)).transpose()
    }

    /// Reads one.
    ///
    /// # Errors
    /// [`ConfigError`]: it cannot be read, or says something that is not understood. Nothing of it is shown.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let refuse = |line, message: String| ConfigError {
            path: path.to_path_buf(),
            line,
            message,
        };
        let file = std::fs::File::open(path).map_err(|e| refuse(0, e.to_string()))?;
        let mut text = String::new();
        let read = std::io::Read::read_to_string(&mut std::io::Read::take(file, MOST), &mut text);
        if read.is_err() {
            return Err(refuse(0, "this is no text".to_owned()));
        }
        let line_of = |at: usize| {
            text.get(..at)
                .map_or(0, |before| before.matches('\n').count().saturating_add(1))
        };
        let written: File = match toml::from_str(&text) {
            Ok(written) => written,
            Err(e) => {
                let line = e.span().map_or(0, |span| line_of(span.start));
                // an unknown key may be anything in a file that was given by mistake
                let message = "not understood: [check] has the keys ignore, exclude, min-confidence, baseline and allow";
                return Err(refuse(line, message.to_owned()));
            }
        };
        let glob = |text: &str, line: usize| {
            let glob = GlobBuilder::new(text).literal_separator(true).build();
            match glob {
                Ok(glob) => Ok(glob.compile_matcher()),
                Err(_) => Err(refuse(
                    line,
                    "this pattern of a path is not understood".to_owned(),
                )),
            }
        };
        let root = match std::path::absolute(path) {
            Ok(path) => path.parent().map(Path::to_path_buf),
            Err(_) => None,
        };
        let mut config = Self {
            root: root.unwrap_or_default(),
            baseline: written.check.baseline,
            ..Self::default()
        };
        for code in &written.check.ignore {
            let rule = rules::by_code(code.get_ref());
            let rule = rule.ok_or_else(|| refuse(line_of(code.span().start), no_rule()))?;
            config.ignore.push(rule.code);
        }
        for pattern in &written.check.exclude {
            let line = line_of(pattern.span().start);
            config.exclude.push(glob(pattern.get_ref(), line)?);
        }
        if let Some(name) = &written.check.min_confidence {
            let least = Confidence::from_name(name.get_ref());
            let line = line_of(name.span().start);
            let least = least.ok_or_else(|| {
                refuse(
                    line,
                    "min-confidence is possible, likely or certain".to_owned(),
                )
            })?;
            config.least = Some(least);
        }
        for allow in &written.check.allow {
            let line = line_of(allow.span().start);
            let allow = allow.get_ref();
            let rule = rules::by_code(&allow.rule).ok_or_else(|| refuse(line, no_rule()))?;
            if allow.why.trim().is_empty() {
                return Err(refuse(
                    line,
                    "why says why it may stay, for whoever reads this next".to_owned(),
                ));
            }
            let tag = match &allow.tag {
                None => None,
                Some(tag) => Some(
                    parse_tag(tag)
                        .ok_or_else(|| refuse(line, "this tag is no attribute".to_owned()))?,
                ),
            };
            let path = allow.path.as_deref();
            let path = path.map(|path| glob(path, line)).transpose()?;
            if tag.is_none() && path.is_none() {
                return Err(refuse(
                    line,
                    "tag or path has to say what may stay; a whole rule goes into ignore"
                        .to_owned(),
                ));
            }
            config.allow.push(Allow {
                rule: rule.code,
                tag,
                path,
            });
        }
        Ok(config)
    }

    /// A path below the folder of the configuration, as its patterns see it.
    #[must_use]
    pub fn relative(&self, path: &Path) -> PathBuf {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        match absolute.strip_prefix(&self.root) {
            Ok(below) => below.to_path_buf(),
            Err(_) => absolute,
        }
    }

    /// The path is not looked at.
    #[must_use]
    pub fn excludes(&self, path: &Path) -> bool {
        if self.exclude.is_empty() {
            return false;
        }
        let path = self.relative(path);
        self.exclude.iter().any(|pattern| pattern.is_match(&path))
    }

    /// The finding is told.
    #[must_use]
    pub fn tells(&self, finding: &Finding, path: &Path) -> bool {
        let is_ignored = self.ignore.contains(&finding.rule.code)
            || self
                .least
                .is_some_and(|least| finding.rule.confidence < least);
        if is_ignored {
            return false;
        }
        let of_rule = self
            .allow
            .iter()
            .filter(|allow| allow.rule == finding.rule.code);
        let mut relative = None;
        !of_rule.into_iter().any(|allow| {
            let of_tag = allow.tag.is_none_or(|tag| match &finding.place {
                Place::Element(path) => path.tag == tag,
                Place::Preamble | Place::FileMeta | Place::Pixels | Place::Name => false,
            });
            of_tag
                && allow.path.as_ref().is_none_or(|pattern| {
                    pattern.is_match(relative.get_or_insert_with(|| self.relative(path)))
                })
        })
    }
}

fn no_rule() -> String {
    "there is no such rule; dcmscrub explain rules lists them".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::ElementPath;

    fn config(text: &str) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAME);
        std::fs::write(&path, text).unwrap();
        Config::read(&path)
    }

    fn finding(rule: &'static rules::Rule, tag: Tag) -> Finding {
        Finding {
            rule,
            place: Place::Element(ElementPath {
                steps: Box::new([]),
                tag,
            }),
            count: 1,
        }
    }

    #[test]
    fn what_is_allowed_is_not_told_and_nothing_else() {
        let config = config(
            "[check]\nignore = [\"uid\"]\nexclude = [\"vendor/**\"]\nmin-confidence = \"possible\"\n\
             [[check.allow]]\nrule = \"patient-id\"\ntag = \"PatientID\"\npath = \"tests/**\"\nwhy = \"phantoms\"\n",
        )
        .unwrap();
        let root = config.root.clone();
        let id = Tag(0x0010, 0x0020);
        for (rule, tag, path, told) in [
            (&rules::UID, Tag(0x0008, 0x0018), "a.dcm", false),
            (&rules::PATIENT_ID, id, "tests/a/b.dcm", false),
            (&rules::PATIENT_ID, id, "other/b.dcm", true),
            (&rules::PATIENT_ID, Tag(0x0010, 0x1000), "tests/a.dcm", true),
            (&rules::PATIENT_NAME, id, "tests/a.dcm", true),
        ] {
            assert_eq!(
                config.tells(&finding(rule, tag), &root.join(path)),
                told,
                "{path} {tag}"
            );
        }
        assert!(
            config.excludes(&root.join("vendor/x/y")) && !config.excludes(&root.join("x/vendor/y"))
        );
    }

    #[test]
    fn what_is_not_understood_is_refused_with_its_line_and_not_shown() {
        for (text, line, words) in [
            ("[check]\nignore = [\"nonsense\"]", 2, "no such rule"),
            ("[check]\n\nQUILLA = 1", 3, "not understood"),
            ("[other]", 1, "not understood"),
            ("QUILLA VERBOR", 1, "not understood"),
            (
                "[check]\nmin-confidence = \"QUILLA\"",
                2,
                "possible, likely or certain",
            ),
            (
                "[[check.allow]]\nrule = \"uid\"\nwhy = \"x\"",
                1,
                "tag or path",
            ),
            (
                "[[check.allow]]\nrule = \"uid\"\ntag = \"QUILLA\"\nwhy = \"x\"",
                1,
                "no attribute",
            ),
            (
                "[[check.allow]]\nrule = \"uid\"\npath = \"a\"\nwhy = \" \"",
                1,
                "why",
            ),
            ("[check]\nexclude = [\"a{b\"]", 2, "pattern"),
        ] {
            let error = config(text).unwrap_err();
            assert_eq!(error.line, line, "{text}");
            let said = error.to_string();
            assert!(said.contains(words) && !said.contains("QUILLA"), "{said}");
        }
    }
}
