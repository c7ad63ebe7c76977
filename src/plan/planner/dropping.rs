//! What goes as a whole: sequences, encapsulated data, content items of a report.

use super::Planner;
use crate::dicom::source::ReadAt;
use crate::dicom::walk::{Element, Event};
use crate::plan::content::{CONTENT_SEQUENCES, ItemAction};
use crate::plan::tags;

/// A sequence or encapsulated data that goes as a whole.
pub(super) struct Dropping {
    /// Containers open inside it, itself included.
    open: usize,
    start: u64,
    with: Vec<u8>,
}

impl<S: ReadAt> Planner<'_, S> {
    pub(super) fn drop_from(&mut self, element: &Element, with: Vec<u8>) {
        self.dropping = Some(Dropping {
            open: 1,
            start: element.at,
            with,
        });
    }

    /// What Table E.3.4-1 asks for the innermost content item; code sequences inside it are a part of it.
    pub(super) fn item_action(&self) -> Option<ItemAction> {
        let depth = self
            .path
            .iter()
            .rposition(|tag| CONTENT_SEQUENCES.contains(tag))?;
        let at = self.scopes.get(depth.saturating_add(1))?;
        let named =
            self.path.get(depth.saturating_add(1)) == Some(&tags::CONCEPT_NAME_CODE_SEQUENCE);
        self.context.content.get(at).copied().filter(|_| !named)
    }

    pub(super) fn drop_item(&mut self, at: u64) {
        self.dropping = Some(Dropping {
            open: 1,
            start: at,
            with: Vec::new(),
        });
    }

    pub(super) fn drop_event(&mut self, event: &Event) {
        let Some(dropping) = &mut self.dropping else {
            return;
        };
        let end = match event {
            Event::SequenceStart(_) | Event::FragmentsStart(_) | Event::ItemStart(_) => {
                dropping.open = dropping.open.saturating_add(1);
                return;
            }
            Event::SequenceEnd(end) | Event::FragmentsEnd(end) | Event::ItemEnd(end) => end.end,
            Event::Element(_) | Event::Fragment(_) | Event::Padding { .. } => return,
        };
        dropping.open = dropping.open.saturating_sub(1);
        if dropping.open == 0
            && let Some(dropped) = self.dropping.take()
        {
            if dropped.with.is_empty() {
                self.edits.remove(dropped.start, end);
            } else {
                self.edits.replace(dropped.start, end, dropped.with);
            }
        }
    }
}
