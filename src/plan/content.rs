//! Content items of structured reports, acquisition context and specimen preparation: what Table E.3.4-1 asks for each
//! (PS3.15 E.3.4), read in the first walk, because a concept name stands behind the start of its item.
//!
//! Owns: which items go. What their data elements come to by Table E.1-1 is `decide`'s.

use std::collections::BTreeMap;

use super::tags;
use crate::dicom::{PathStep, Tag};
use crate::standard::e1_1::{ActionCode, ProfileOption};
use crate::standard::sr_concepts::concept;

/// What is done with an item beyond what its data elements come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemAction {
    /// It goes, with its children.
    Remove,
    /// Its own value becomes a dummy value.
    Dummy,
    /// An age over 89 becomes 90.
    CapAge,
}

/// Sequences whose items are content items.
pub const CONTENT_SEQUENCES: [Tag; 3] = [
    tags::CONTENT_SEQUENCE,
    tags::ACQUISITION_CONTEXT_SEQUENCE,
    tags::SPECIMEN_PREPARATION_STEP_CONTENT_ITEM_SEQUENCE,
];

/// Subject Age (121033, DCM).
const SUBJECT_AGE: (&str, &str) = ("DCM", "121033");

#[derive(Debug, Default)]
struct Open {
    at: u64,
    value_type: String,
    scheme: String,
    value: String,
    units: String,
    /// Items of its own Content Sequence: those that stay, those that go.
    stay: usize,
    go: Vec<u64>,
}

/// Reads the items of one instance.
#[derive(Debug)]
pub struct ContentItems {
    options: Vec<ProfileOption>,
    /// Open items, content items or not.
    open: Vec<Option<Open>>,
    /// Items outside any content item, by the sequence that is open.
    root: Open,
    actions: BTreeMap<u64, ItemAction>,
    /// Items are referred to by their place in the tree, so that none may go.
    by_reference: bool,
}

impl ContentItems {
    /// For these options; `None` where structured content is not cleaned.
    #[must_use]
    pub fn new(options: &[ProfileOption]) -> Option<Self> {
        options
            .contains(&ProfileOption::CleanStructuredContent)
            .then(|| Self {
                options: options.to_vec(),
                open: Vec::new(),
                root: Open::default(),
                actions: BTreeMap::new(),
                by_reference: false,
            })
    }

    /// An item begins in this sequence.
    pub fn item_starts(&mut self, sequence: Option<Tag>, at: u64) {
        let is_content = sequence.is_some_and(|tag| CONTENT_SEQUENCES.contains(&tag));
        self.open.push(is_content.then(|| Open {
            at,
            ..Open::default()
        }));
    }

    /// True for data elements that [`Self::take`] reads.
    #[must_use]
    pub fn wants(tag: Tag) -> bool {
        matches!(
            tag,
            tags::VALUE_TYPE
                | tags::CODE_VALUE
                | tags::LONG_CODE_VALUE
                | tags::CODING_SCHEME_DESIGNATOR
                | tags::REFERENCED_CONTENT_ITEM_IDENTIFIER
        )
    }

    /// A data element with its text; the path is that of the enclosing sequences.
    pub fn take(&mut self, path: &[PathStep], tag: Tag, text: &str) {
        if tag == tags::REFERENCED_CONTENT_ITEM_IDENTIFIER {
            self.by_reference = true;
            return;
        }
        // the content item that the data element speaks of, and the sequences between
        let Some(depth) = self.open.iter().rposition(Option::is_some) else {
            return;
        };
        let between = path.get(depth.saturating_add(1)..).unwrap_or_default();
        let Some(Some(item)) = self.open.get_mut(depth) else {
            return;
        };
        let place = match (between, tag) {
            ([], tags::VALUE_TYPE) => &mut item.value_type,
            ([name], tags::CODE_VALUE | tags::LONG_CODE_VALUE)
                if name.sequence == tags::CONCEPT_NAME_CODE_SEQUENCE =>
            {
                &mut item.value
            }
            ([name], tags::CODING_SCHEME_DESIGNATOR)
                if name.sequence == tags::CONCEPT_NAME_CODE_SEQUENCE =>
            {
                &mut item.scheme
            }
            ([.., units], tags::CODE_VALUE)
                if units.sequence == tags::MEASUREMENT_UNITS_CODE_SEQUENCE =>
            {
                &mut item.units
            }
            _ => return,
        };
        if place.is_empty() {
            text.clone_into(place);
        }
    }

    /// The innermost item ends.
    pub fn item_ends(&mut self) {
        let Some(Some(item)) = self.open.pop() else {
            return;
        };
        let action = self.action(&item);
        if action == Some(ItemAction::Remove) {
            self.parent().go.push(item.at);
        } else {
            let parent = self.parent();
            parent.stay = parent.stay.saturating_add(1);
        }
        if let Some(action) = action {
            self.actions.insert(item.at, action);
        }
    }

    fn parent(&mut self) -> &mut Open {
        self.open
            .iter_mut()
            .rev()
            .find_map(Option::as_mut)
            .unwrap_or(&mut self.root)
    }

    /// A sequence ends: where none of its content items stays they all stay, with dummy values, as a tree needs leaves.
    pub fn sequence_ends(&mut self, sequence: Option<Tag>) {
        if !sequence.is_some_and(|tag| CONTENT_SEQUENCES.contains(&tag)) {
            return;
        }
        let parent = self.parent();
        let (stay, go) = (parent.stay, std::mem::take(&mut parent.go));
        parent.stay = 0;
        if stay == 0 {
            for at in go {
                self.actions.insert(at, ItemAction::Dummy);
            }
        }
    }

    fn action(&self, item: &Open) -> Option<ItemAction> {
        let row = concept(&item.scheme, &item.value, &item.value_type)?;
        match row.action(&self.options) {
            ActionCode::K
                if (row.scheme, row.value) == SUBJECT_AGE
                    && matches!(item.units.as_str(), "a" | "") =>
            {
                Some(ItemAction::CapAge)
            }
            ActionCode::K | ActionCode::C | ActionCode::U => None,
            ActionCode::X | ActionCode::XZ => Some(ItemAction::Remove),
            ActionCode::D
            | ActionCode::Z
            | ActionCode::ZD
            | ActionCode::XD
            | ActionCode::XZD
            | ActionCode::XZU => Some(ItemAction::Dummy),
        }
    }

    /// Items by their first byte.
    #[must_use]
    pub fn finish(mut self) -> BTreeMap<u64, ItemAction> {
        if self.by_reference {
            for action in self.actions.values_mut() {
                if *action == ItemAction::Remove {
                    *action = ItemAction::Dummy;
                }
            }
        }
        self.actions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(sequence: Tag) -> PathStep {
        PathStep { sequence, item: 0 }
    }

    fn item(items: &mut ContentItems, at: u64, value_type: &str, code: &str) {
        let path = [step(tags::CONTENT_SEQUENCE)];
        let name = [path[0], step(tags::CONCEPT_NAME_CODE_SEQUENCE)];
        items.item_starts(Some(tags::CONTENT_SEQUENCE), at);
        items.take(&path, tags::VALUE_TYPE, value_type);
        items.item_starts(Some(tags::CONCEPT_NAME_CODE_SEQUENCE), at + 1);
        items.take(&name, tags::CODE_VALUE, code);
        items.take(&name, tags::CODING_SCHEME_DESIGNATOR, "DCM");
        items.item_ends();
        items.sequence_ends(Some(tags::CONCEPT_NAME_CODE_SEQUENCE));
        items.item_ends();
    }

    fn read(
        rows: &[(&str, &str)],
        options: &[ProfileOption],
        by_reference: bool,
    ) -> Vec<(u64, ItemAction)> {
        let mut all = vec![ProfileOption::CleanStructuredContent];
        all.extend(options);
        let mut items = ContentItems::new(&all).unwrap();
        for (at, (value_type, code)) in (0u64..).zip(rows) {
            item(&mut items, at * 10, value_type, code);
        }
        if by_reference {
            items.take(&[], tags::REFERENCED_CONTENT_ITEM_IDENTIFIER, "");
        }
        items.sequence_ends(Some(tags::CONTENT_SEQUENCE));
        items.finish().into_iter().collect()
    }

    #[test]
    fn items_go_by_their_concept_and_a_tree_keeps_a_leaf() {
        use ItemAction::{Dummy, Remove};
        let accession = ("TEXT", "121022");
        let name = ("PNAME", "121029");
        let other = ("NUM", "121401");
        assert_eq!(
            read(&[accession, other, name], &[], false),
            [(0, Remove), (20, Dummy)]
        );
        assert_eq!(read(&[accession], &[], false), [(0, Dummy)]);
        assert_eq!(read(&[accession, other], &[], true), [(0, Dummy)]);
        assert_eq!(read(&[("TEXT", "121071"), other], &[], false), [(0, Dummy)]);
        assert_eq!(
            read(
                &[("TEXT", "121071"), other],
                &[ProfileOption::CleanDescriptors],
                false
            ),
            []
        );
        assert_eq!(
            read(
                &[("NUM", "121033"), other],
                &[ProfileOption::RetainPatientCharacteristics],
                false
            ),
            [(0, ItemAction::CapAge)]
        );
        assert!(ContentItems::new(&[]).is_none());
    }
}
