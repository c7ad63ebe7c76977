//! A second reading of an output folder, several files at a time.

use std::sync::{Mutex, PoisonError};

use rayon::iter::{ParallelBridge, ParallelIterator};

use crate::verify::{Asked, Verified, VerifyError, begin};

/// Stack of a reader: the guard bounds nesting, and a reader of another hand is not trusted to be thrifty.
const STACK: usize = 16 << 20;

/// Reads an output folder again.
///
/// # Errors
/// [`VerifyError`]. What is wrong with the output is no error: it is found.
pub fn verify(asked: Asked<'_>, workers: usize) -> Result<Verified, VerifyError> {
    let (desk, places, book) = begin(asked)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(workers)
        .stack_size(STACK)
        .build()
        .map_err(|e| VerifyError::Workers(e.to_string()))?;
    let book = Mutex::new(book);
    pool.install(|| {
        places.par_bridge().try_for_each(|place| {
            let looked = desk.look(&place?)?;
            book.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(looked)
        })
    })?;
    desk.end(book.into_inner().unwrap_or_else(PoisonError::into_inner))
}
