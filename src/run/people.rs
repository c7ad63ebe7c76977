//! A look at who is in the inputs, before anything is written: whether a clinic's list of pseudonyms fits the files.

use std::collections::BTreeSet;
use std::fs::File;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

use rayon::iter::{ParallelBridge, ParallelIterator};

use super::{Run, RunError};
use crate::batch::discover::{Found, Input, What};
use crate::dicom::source::{FileSource, ReadAt};
use crate::identity::map::{Listed, PatientMap};
use crate::plan::patient;

/// Patients told apart up to this number; beyond it is "more than".
const MOST: usize = 100_000;

/// How a list of pseudonyms fits the inputs.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Fit {
    /// Lines whose number is that of a patient of the files but for zeros in front.
    pub zeros: BTreeSet<u64>,
    /// Patients of the files who are not in the list.
    pub missing: usize,
    /// Files of these patients.
    pub missing_files: u64,
}

impl Run<'_> {
    /// Looks at the patient of every input. A file that cannot be read is no part of the answer: it fails when it is cleaned.
    ///
    /// # Errors
    /// [`RunError`]: no worker threads; the list of inputs.
    pub fn fit(&self, map: &PatientMap) -> Result<Fit, RunError> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.workers)
            .build()?;
        let found = self.found()?;
        let book = Mutex::new((Fit::default(), BTreeSet::new()));
        pool.install(|| {
            found
                .take_while(|_| !self.stop.load(Ordering::Relaxed))
                .par_bridge()
                .for_each(|found| {
                    let Some((issuer, patient_id)) = self.patient(&found) else {
                        return;
                    };
                    let listed = map.find(&issuer, &patient_id);
                    let mut book = book.lock().unwrap_or_else(PoisonError::into_inner);
                    match listed {
                        Listed::As(_) => return,
                        Listed::Zeros(line) => {
                            book.0.zeros.insert(line);
                        }
                        Listed::Not => {}
                    }
                    book.0.missing_files = book.0.missing_files.saturating_add(1);
                    if book.1.len() < MOST {
                        let code = self.engine.pseudonyms().patient_code(&issuer, &patient_id);
                        book.1.insert(code);
                    }
                });
        });
        let (mut fit, missing) = book.into_inner().unwrap_or_else(PoisonError::into_inner);
        fit.missing = missing.len();
        Ok(fit)
    }

    fn patient(&self, found: &Found) -> Option<(String, String)> {
        let limits = self.engine.limits();
        let read = |source: &dyn ReadAt| patient::patient(&source, limits).unwrap_or_default();
        match &found.what {
            What::Folder | What::Left(_) | What::Failed(..) => None,
            What::Entry(entry, _) => entry.with_bytes(limits, read).unwrap_or_default(),
            What::File => {
                let file: File = match Input::open(&found.path, found.is_root) {
                    Ok(input) => input.file,
                    Err(_) => return None,
                };
                match FileSource::new(file) {
                    Ok(source) => read(&source),
                    Err(_) => None,
                }
            }
        }
    }
}
