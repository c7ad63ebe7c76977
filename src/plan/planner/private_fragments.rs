//! Private encapsulated data that stay: what is in them nobody knows, so they are searched as a private value is, and no pixels.

use super::{LARGE, Planner};
use crate::dicom::ReadError;
use crate::dicom::source::ReadAt;
use crate::dicom::walk::{Element, End};
use crate::plan::Detail;
use crate::plan::decide::vr_for_rules;

/// Private encapsulated data that stay so far.
pub(super) struct PrivateFragments {
    element: Element,
    /// Its place among the steps.
    step: usize,
    /// Something of the person's stands in them, or words in a codestream.
    identify: bool,
}

impl PrivateFragments {
    pub(super) fn begin(element: &Element, steps: usize) -> Self {
        Self {
            element: *element,
            step: steps.saturating_sub(1),
            identify: false,
        }
    }
}

impl<S: ReadAt> Planner<'_, S> {
    /// Searches one fragment; a large one is not read whole: the last look searches it, piece by piece.
    pub(super) fn private_fragment(&mut self, fragment: &Element) -> Result<(), ReadError> {
        let end = fragment.end().unwrap_or(fragment.value_at);
        let mut words = self.context.pixels.blanks_in(fragment.value_at, end);
        let mut identifies = words.next().is_some();
        if fragment.length.is_some_and(|n| n <= LARGE) {
            let bytes = self.walker.value(fragment)?;
            identifies |= self.context.known.strong_hits(bytes).next().is_some();
        }
        if let Some(open) = &mut self.private_fragments {
            open.identify |= identifies;
        }
        Ok(())
    }

    /// They end: they go as a whole where they identify, and their creator stays for their sake where they do not.
    pub(super) fn private_fragments_end(&mut self, open: &PrivateFragments, end: &End) {
        let element = &open.element;
        if !open.identify || self.engine.rules().is_keep_everything() {
            self.keep_header(element);
            self.zero_delimiter(end);
            self.stays(element);
            return;
        }
        self.edits.remove(element.at, end.end);
        self.tally.changed(element.tag, vr_for_rules(element));
        if self.detail == Detail::Steps
            && let Some(step) = self.steps.get_mut(open.step)
        {
            step.action = "remove";
        }
    }
}
