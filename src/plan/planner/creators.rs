//! Private creators stay for the sake of what stays in their blocks (PS3.5 section 7.8.1). What that is turns out behind
//! them: a value that was to stay goes where it holds an identifier.

use super::Planner;
use crate::dicom::source::ReadAt;
use crate::dicom::walk::{Element, is_private, is_private_creator};
use crate::dicom::{Tag, Vr};
use crate::plan::Detail;

/// A private creator that stays so far.
pub(super) struct Creator {
    /// First byte of the data set or item that it stands in.
    scope: u64,
    tag: Tag,
    /// First byte of its header, and the one behind its value.
    span: (u64, u64),
    /// Its place among the steps.
    step: usize,
    is_kept: bool,
    has_child: bool,
}

impl<S: ReadAt> Planner<'_, S> {
    /// A private creator stays, by no rule of its own.
    pub(super) fn creator_stays(&mut self, element: &Element, is_kept: bool) {
        if is_private_creator(element.tag) {
            self.creators.push(Creator {
                scope: self.scopes.last().copied().unwrap_or(0),
                tag: element.tag,
                span: (element.at, element.end().unwrap_or(element.value_at)),
                step: self.steps.len().saturating_sub(1),
                is_kept,
                has_child: false,
            });
        }
    }

    /// A data element stays: if it is private, so does its creator.
    pub(super) fn stays(&mut self, element: &Element) {
        if !is_private(element.tag) || is_private_creator(element.tag) {
            return;
        }
        let [block, _] = element.tag.element().to_be_bytes();
        let of = Tag(element.tag.group(), u16::from(block));
        let scope = self.scopes.last().copied().unwrap_or(0);
        for creator in self.creators.iter_mut().rev() {
            if creator.scope != scope {
                break;
            }
            creator.has_child |= creator.tag == of;
        }
    }

    /// The innermost data set or item ends: creators of which nothing stays go.
    pub(super) fn settle_creators(&mut self) {
        let scope = self.scopes.last().copied().unwrap_or(0);
        while let Some(creator) = self.creators.pop_if(|creator| creator.scope == scope) {
            if creator.has_child || self.engine.rules().is_keep_everything() {
                continue;
            }
            let (start, end) = creator.span;
            self.edits.remove_earlier(start, end);
            if creator.is_kept {
                self.tally.kept = self.tally.kept.saturating_sub(1);
                self.tally.changed(creator.tag, Vr::LO);
            }
            if self.detail == Detail::Steps
                && let Some(step) = self.steps.get_mut(creator.step)
            {
                step.action = "remove";
            }
        }
    }
}
