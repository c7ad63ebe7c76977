//! The front for whoever has the bytes of a file in memory: stdin to stdout, and Python.

use crate::apply::{OutputError, to_bytes};
use crate::batch::kind;
use crate::dicom::source::BytesSource;
use crate::plan::{Detail, Engine, Plan, Refusal, Step};

/// Cleans files in memory, by one profile and one key.
///
/// ```
/// use dcmscrub::dicom::Limits;
/// use dcmscrub::identity::{key::Key, pseudonym::Pseudonyms};
/// use dcmscrub::plan::Engine;
/// use dcmscrub::profile::{Overrides, load};
/// use dcmscrub::run::deidentifier::{CleanError, Deidentifier};
///
/// let rules = load("basic", &Overrides::default())?;
/// let pseudonyms = Pseudonyms::new(&Key::random()?, "trial");
/// let deidentifier = Deidentifier::new(Engine::new(rules, pseudonyms, Limits::default()), false);
/// let refused = deidentifier.clean(b"a letter, not a picture");
/// assert!(matches!(refused, Err(CleanError::Refused(e)) if e.is_not_dicom()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Deidentifier {
    engine: Engine,
    accept_held: bool,
}

/// Why there is no cleaned file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CleanError {
    /// The file cannot be read, or a change does not fit.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A new index is built over the files of a disc; the old one never leaves.
    #[error("the index of a disc is never copied")]
    DiscIndex,
    /// A person has to look at it first.
    #[error("held back: {}", .0.first().map_or("", |first| first.reason.as_str()))]
    Held(Vec<Reason>),
    /// The output cannot be made, or is not accepted by the last look.
    #[error(transparent)]
    Output(#[from] OutputError),
}

impl CleanError {
    /// A stable word for reports.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(e) => e.code(),
            Self::DiscIndex => kind::DISC_INDEX.code,
            Self::Held(reasons) => reasons.first().map_or("", |first| first.code.as_str()),
            Self::Output(OutputError::Apply(_)) => "copy",
            Self::Output(OutputError::Look(_)) => "last-look",
        }
    }
}

/// Why a person has to look at a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// A stable word, as reports have it.
    pub code: String,
    /// The same in plain words.
    pub reason: String,
}

impl Deidentifier {
    /// With the profile and the key of an engine. `accept_held`: clean what would be held back, too.
    #[must_use]
    pub fn new(engine: Engine, accept_held: bool) -> Self {
        Self {
            engine,
            accept_held,
        }
    }

    /// The cleaned file, whole and looked at.
    ///
    /// # Errors
    /// [`CleanError`]: nothing of it may be used.
    pub fn clean(&self, bytes: &[u8]) -> Result<Vec<u8>, CleanError> {
        let source = BytesSource(bytes);
        let plan = self.engine.plan(&source, Detail::Edits)?;
        if plan.is_dicomdir {
            return Err(CleanError::DiscIndex);
        }
        if self.engine.may_pass(&plan, self.accept_held).is_err() {
            return Err(CleanError::Held(self.reasons(&plan)));
        }
        Ok(to_bytes(&plan, &source, self.engine.limits())?)
    }

    /// Every decision about the file, and the rule that asked for it.
    ///
    /// # Errors
    /// Those of [`Engine::plan`].
    pub fn steps(&self, bytes: &[u8]) -> Result<Vec<Step>, Refusal> {
        let plan = self.engine.plan(&BytesSource(bytes), Detail::Steps)?;
        Ok(self.engine.announced(&plan))
    }

    /// Why a person has to look at the file of a plan, the most telling reason first.
    fn reasons(&self, plan: &Plan) -> Vec<Reason> {
        let holds = self.engine.rules().holds();
        let held = plan.held_by.iter().filter_map(|at| holds.get(*at));
        held.map(|hold| Reason {
            code: hold.code.to_string(),
            reason: hold.reason.to_string(),
        })
        .collect()
    }
}
