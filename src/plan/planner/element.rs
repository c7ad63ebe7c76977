//! One data element: what is decided of it, what becomes of its value, and the edit that comes of it.

use super::pixel_data::is_table;
use super::{LARGE, Planner};
use crate::dicom::element::{encode_padded_to, is_string};
use crate::dicom::source::ReadAt;
use crate::dicom::walk::{Element, is_private};
use crate::dicom::{Tag, Vr};
use crate::plan::decide::{
    Decision, Standing, Verdict, Why, decide, is_curve, private_goes, vr_for_rules,
};
use crate::plan::recall::{self, Key, depends_on_place};
use crate::plan::resolve::Presence;
use crate::plan::tally::Count;
use crate::plan::values::{Around, Becomes, becomes};
use crate::plan::{Detail, Refusal, tags};
use crate::standard::iod::Iod;

impl<'a, S: ReadAt> Planner<'a, S> {
    pub(super) fn verdict(&self, element: &Element, presence: Presence) -> Verdict<'a> {
        if is_private(element.tag) && !self.private_may_stay {
            return private_goes(element.tag);
        }
        let creator = if is_private(element.tag) {
            self.walker.creator_of(element.tag)
        } else {
            None
        };
        let [_, block] = element.tag.element().to_be_bytes();
        let scope = self.scopes.last().copied().unwrap_or(0);
        let block_kept = is_private(element.tag)
            && self
                .context
                .kept_blocks
                .contains(&(scope, element.tag.group(), block));
        let standing = Standing {
            presence,
            has_document: self.has_document,
            path: &self.path,
            creator,
            declared: creator.and_then(|creator| {
                self.context
                    .declarations
                    .of(element.at, creator, element.tag)
            }),
            block_kept,
            lettered_curves: &self.context.lettered_curves,
            is_dicomdir: self.context.is_dicomdir,
            lists_references: self.context.lists_references,
        };
        decide(self.engine.rules(), element, &standing)
    }

    pub(super) fn presence(&self, tag: Tag) -> Presence {
        let Some(iod) = self.iod else {
            return Presence::UnknownIod;
        };
        let node = self
            .nodes
            .last()
            .copied()
            .flatten()
            .and_then(|node| node.child(tag));
        node.and_then(|node| iod.type_of(node))
            .map_or(Presence::NotInIod, Presence::Typed)
    }

    pub(super) fn element(&mut self, element: &Element) -> Result<(), Refusal> {
        if self.path.is_empty() {
            if !self.to_insert.is_empty() {
                self.insert_markers(Some(element.tag), element.at);
            }
            if self.marker(element)? {
                return Ok(());
            }
        }
        if is_private(element.tag) && !self.private_may_stay && self.detail == Detail::Edits {
            self.tally.count(Count::Private);
            let end = element.end().unwrap_or(element.value_at);
            self.edits.remove(element.at, end);
            return Ok(());
        }
        if is_private(element.tag) {
            let presence = Presence::NotInIod;
            let verdict = self.verdict(element, presence);
            let vr = vr_for_rules(element);
            let becomes = self.becomes(element, vr, &verdict, presence)?;
            return self.carry_out(element, vr, &verdict, Count::Private, &becomes);
        }
        let key = Key {
            iod: self.iod.map_or(0, Iod::number),
            node: self.nodes.last().copied().flatten(),
            tag: element.tag,
            vr: element.vr,
            lists_references: self.context.lists_references,
        };
        let mut slot = self.recall.find(&key);
        let met = slot.and_then(|slot| self.recall.place(slot));
        let (vr, presence, verdict, count) = if let Some(place) = met {
            (place.vr, place.presence, place.verdict.clone(), place.count)
        } else {
            let presence = self.presence(element.tag);
            let verdict = self.verdict(element, presence);
            let vr = vr_for_rules(element);
            if depends_on_place(self.engine.rules(), element.tag, vr) {
                slot = self.recall.keep(key, vr, presence, &verdict);
            }
            (vr, presence, verdict, Count::of(element.tag, vr))
        };
        let plain = self.shape_only_from.is_none()
            && self.context.content.is_empty()
            && verdict.decision != Decision::Remove
            && !is_table(element.tag)
            && element.length.is_some_and(|n| n <= recall::LONGEST);
        let Some(slot) = slot.filter(|_| plain) else {
            let becomes = self.becomes(element, vr, &verdict, presence)?;
            return self.carry_out(element, vr, &verdict, count, &becomes);
        };
        let charset = *self.walker.charset();
        let value = self.walker.value(element)?;
        let before = self.recall.lend(slot, value, &charset, self.context);
        let (becomes, is_kept) = if let Some(becomes) = before {
            (becomes, true)
        } else {
            let becomes = self.becomes(element, vr, &verdict, presence)?;
            let value = self.walker.value(element)?;
            (becomes, self.recall.begin(slot, value, self.context))
        };
        self.carry_out(element, vr, &verdict, count, &becomes)?;
        if is_kept {
            self.recall.give_back(slot, &charset, becomes);
        }
        Ok(())
    }

    /// What becomes of a data element.
    fn becomes(
        &mut self,
        element: &Element,
        vr: Vr,
        verdict: &Verdict<'_>,
        presence: Presence,
    ) -> Result<Becomes, Refusal> {
        if self.engine.rules().is_keep_everything() {
            return Ok(Becomes::Same);
        }
        if verdict.decision == Decision::Remove {
            return Ok(Becomes::Gone);
        }
        let private = is_private(element.tag);
        let stays = matches!(verdict.decision, Decision::Keep | Decision::Safe);
        // a large private value is not read whole: the last look searches it, piece by piece
        let large = private && stays && element.length.is_none_or(|n| n > LARGE);
        let numbers = matches!(vr, Vr::OB | Vr::OW | Vr::OF | Vr::OD | Vr::OL | Vr::OV)
            && verdict.decision == Decision::Keep
            && !is_string(element.vr)
            && !private
            && !is_curve(element.tag);
        let shape_only = self.shape_only_from.is_some();
        if large && !shape_only {
            return Ok(Becomes::Same);
        }
        if self.is_false_table(element)? {
            return Ok(Becomes::Gone);
        }
        if numbers && !shape_only {
            return Ok(Becomes::SamePassedOver);
        }
        let charset = *self.walker.charset();
        let around = Around {
            engine: self.engine,
            context: self.context,
            charset: &charset,
            presence,
            root: self.path.is_empty(),
            shape_only,
            item: self.item_action(),
        };
        let bytes = self.walker.value(element)?;
        Ok(becomes(verdict, element, vr, bytes, &around))
    }

    fn carry_out(
        &mut self,
        element: &Element,
        vr: Vr,
        verdict: &Verdict<'_>,
        count: Count,
        result: &Becomes,
    ) -> Result<(), Refusal> {
        let end = element.end().unwrap_or(element.value_at);
        if self.detail == Detail::Steps {
            let asked = self.asked(&verdict.why);
            let action = result.action(&verdict.decision, element.tag, vr);
            self.note(element.tag, vr, action, asked);
        }
        let is_kept = matches!(result, Becomes::Same | Becomes::SamePassedOver)
            && verdict.decision != Decision::Empty;
        if is_kept {
            self.tally.kept();
        } else {
            self.tally.count(count);
        }
        let derived = matches!(
            verdict.decision,
            Decision::Clean | Decision::Keep | Decision::Safe | Decision::Icc
        );
        match result {
            Becomes::Same => self.keep_header(element),
            Becomes::SamePassedOver => {
                let end = self.cut_excess(element, end)?;
                self.passed_over.push((element.value_at, end));
            }
            Becomes::Gone => {
                self.edits.remove(element.at, end);
                return Ok(());
            }
            Becomes::Value(new) => self.set(element, vr, new, !derived)?,
        }
        if matches!(verdict.why, Why::Private(_)) {
            self.creator_stays(element, is_kept);
        }
        self.stays(element);
        Ok(())
    }

    /// A header that stays has zeros where the standard reserves bytes.
    pub(super) fn keep_header(&mut self, element: &Element) {
        if element.reserved_used && !self.engine.rules().is_keep_everything() {
            let at = element.at.saturating_add(6);
            self.edits.replace(at, at.saturating_add(2), [0, 0]);
        }
    }

    pub(super) fn set(
        &mut self,
        element: &Element,
        vr: Vr,
        new: &[u8],
        own: bool,
    ) -> Result<(), Refusal> {
        let end = element.end().unwrap_or(element.value_at);
        let new = if element.tag == tags::SOP_INSTANCE_UID && self.path.is_empty() {
            self.sop_instance.as_bytes()
        } else {
            new
        };
        let mut replace = |vr: Vr| {
            self.edits.replace_by(element.at, end, own, |out| {
                encode_padded_to(out, element.encoding, element.tag, vr, new)
            })
        };
        // a value too long for the length field of its VR stands as UN (PS3.5 section 6.2.2 note 4)
        replace(vr)
            .or_else(|| replace(Vr::UN))
            .ok_or(Refusal::TooLong { at: element.at })
    }
}
