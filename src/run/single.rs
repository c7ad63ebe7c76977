//! One file to one name of the user's, without reports.

use std::path::{Path, PathBuf};

use super::{Run, Stop, ended, guarded};
use crate::batch::discover::{Found, Input, What};
use crate::batch::outcome::{Bucket, Outcome};
use crate::batch::writer::{finish_single, temporary};
use crate::dicom::source::FileSource;

impl Run<'_> {
    /// Cleans one file to one name.
    #[must_use]
    pub fn into_file(&self, input: &Path, out: &Path) -> Outcome {
        let found = Found {
            path: input.to_path_buf(),
            relative: PathBuf::new(),
            key: String::new(),
            is_root: true,
            what: What::File,
        };
        guarded(&found, || match self.single(&found, out) {
            Ok(outcome) => outcome,
            Err(Stop(bucket, reason, message)) => ended(&found, bucket, reason, &message),
        })
    }

    fn single(&self, found: &Found, out: &Path) -> Result<Outcome, Stop> {
        let input = Input::open(&found.path, true)?;
        let source = FileSource::new(input.file.try_clone()?)?;
        let plan = self.plan(&source, found)?;
        self.engine
            .may_pass(&plan, self.accept_held)
            .map_err(|hold| {
                Stop(
                    Bucket::HeldBack,
                    hold.code.to_string().into(),
                    hold.reason.to_string(),
                )
            })?;
        let mut outcome = ended(found, Bucket::Cleaned, "cleaned".into(), "");
        if self.dry_run {
            return Ok(outcome);
        }
        let folder = match out.parent() {
            Some(parent) if parent != Path::new("") => parent,
            Some(_) | None => Path::new("."),
        };
        let temp = temporary(folder, "one")?;
        self.fill(&plan, &source, temp.as_file(), &input)?;
        temp.as_file().sync_all()?;
        outcome.take(finish_single(temp, out)?)?;
        Ok(outcome)
    }
}
