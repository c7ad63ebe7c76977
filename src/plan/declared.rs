//! What an instance declares of its own private data elements: (0008,0300) Private Data Element Characteristics Sequence
//! (PS3.3 C.12.1.1.7, PS3.15 E.3.10 a).
//!
//! Owns: reading the declaration. Whether it is believed is the profile's: an option has to be in force, and a value that
//! holds anything of the person's goes all the same.

use super::tags;
use crate::dicom::element::Encoding;
use crate::dicom::part10::uid_text;
use crate::dicom::{PathStep, Tag};

/// What is asked for one private data element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declared {
    /// It holds no identity.
    Safe,
    /// A dummy value.
    Dummy,
    /// No value.
    Empty,
    /// Another UID.
    Uid,
}

/// One item of the sequence.
#[derive(Debug, Default)]
struct Block {
    group: u16,
    creator: String,
    safe: bool,
    nonidentifying: Vec<u16>,
    /// Low bytes with what is asked for them.
    actions: Vec<(u16, Option<Declared>)>,
    /// Low bytes of the action item that is being read, and its action.
    open: (Vec<u16>, Option<Declared>),
}

/// The declarations of one instance.
#[derive(Debug, Default)]
pub struct Declarations {
    blocks: Vec<Block>,
    /// Behind the sequence: what stands in front of it was decided without it.
    end: u64,
}

/// More items than this are no declaration.
const MOST_BLOCKS: usize = 4096;

impl Declarations {
    /// An item begins, inside these sequences.
    pub fn item(&mut self, path: &[PathStep]) {
        match path {
            [step] if is_characteristics(*step) && self.blocks.len() < MOST_BLOCKS => {
                self.blocks.push(Block::default());
            }
            [step, inner]
                if is_characteristics(*step)
                    && inner.sequence == tags::DEIDENTIFICATION_ACTION_SEQUENCE =>
            {
                if let Some(block) = self.blocks.last_mut() {
                    block.open = (Vec::new(), None);
                }
            }
            _ => {}
        }
    }

    /// True for data elements that [`Self::take`] reads.
    #[must_use]
    pub fn wants(path: &[PathStep], tag: Tag) -> bool {
        path.first().is_some_and(|step| is_characteristics(*step)) && tag.group() == 0x0008
    }

    /// A data element of an item.
    pub fn take(&mut self, tag: Tag, value: &[u8], encoding: Encoding) {
        let Some(block) = self.blocks.last_mut() else {
            return;
        };
        let numbers = || {
            value
                .chunks_exact(2)
                .filter_map(|two| two.first_chunk::<2>().map(|two| encoding.u16(*two)))
        };
        match tag {
            tags::PRIVATE_GROUP_REFERENCE => block.group = numbers().next().unwrap_or(0),
            tags::PRIVATE_CREATOR_REFERENCE => block.creator = uid_text(value),
            tags::BLOCK_IDENTIFYING_INFORMATION_STATUS => block.safe = uid_text(value) == "SAFE",
            tags::NONIDENTIFYING_PRIVATE_ELEMENTS => block.nonidentifying = numbers().collect(),
            tags::IDENTIFYING_PRIVATE_ELEMENTS => block.open.0 = numbers().collect(),
            tags::DEIDENTIFICATION_ACTION => {
                block.open.1 = match uid_text(value).as_str() {
                    "D" => Some(Declared::Dummy),
                    "Z" => Some(Declared::Empty),
                    "U" => Some(Declared::Uid),
                    _ => None,
                };
            }
            _ => return,
        }
        if matches!(
            tag,
            tags::IDENTIFYING_PRIVATE_ELEMENTS | tags::DEIDENTIFICATION_ACTION
        ) {
            let (low, action) = (block.open.0.clone(), block.open.1);
            for low in low {
                block.actions.retain(|(there, _)| *there != low);
                block.actions.push((low, action));
            }
        }
    }

    /// The sequence is over.
    pub fn ends(&mut self, at: u64) {
        self.end = at;
    }

    /// What is declared of a private data element that begins at `at`.
    #[must_use]
    pub fn of(&self, at: u64, creator: &str, tag: Tag) -> Option<Declared> {
        if self.blocks.is_empty() || at < self.end {
            return None;
        }
        let [_, low] = tag.element().to_be_bytes();
        let low = u16::from(low);
        let mut of_block = self
            .blocks
            .iter()
            .filter(|block| block.group == tag.group() && block.creator == creator);
        // of two that speak of one element the stricter one counts
        let first = of_block.next()?.of(low)?;
        of_block
            .all(|block| block.of(low) == Some(first))
            .then_some(first)
    }
}

impl Block {
    fn of(&self, low: u16) -> Option<Declared> {
        match self.actions.iter().find(|(there, _)| *there == low) {
            Some((_, action)) => *action,
            None => (self.safe || self.nonidentifying.contains(&low)).then_some(Declared::Safe),
        }
    }
}

fn is_characteristics(step: PathStep) -> bool {
    step.sequence == tags::PRIVATE_DATA_ELEMENT_CHARACTERISTICS_SEQUENCE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_are_read_item_by_item_and_the_stricter_counts() {
        let mut all = Declarations::default();
        let step = |sequence| PathStep { sequence, item: 0 };
        let root = [step(tags::PRIVATE_DATA_ELEMENT_CHARACTERISTICS_SEQUENCE)];
        let inner = [root[0], step(tags::DEIDENTIFICATION_ACTION_SEQUENCE)];
        let le = Encoding::ExplicitLe;
        all.item(&root);
        all.take(tags::PRIVATE_GROUP_REFERENCE, &[0x29, 0], le);
        all.take(tags::PRIVATE_CREATOR_REFERENCE, b"ACME ", le);
        all.take(tags::BLOCK_IDENTIFYING_INFORMATION_STATUS, b"SAFE", le);
        all.item(&inner);
        all.take(tags::IDENTIFYING_PRIVATE_ELEMENTS, &[2, 0, 3, 0], le);
        all.take(tags::DEIDENTIFICATION_ACTION, b"Z ", le);
        all.item(&inner);
        all.take(tags::IDENTIFYING_PRIVATE_ELEMENTS, &[4, 0], le);
        all.take(tags::DEIDENTIFICATION_ACTION, b"X ", le);
        all.ends(100);
        let of = |at, creator, low: u16| all.of(at, creator, Tag(0x0029, 0x1000 | low));
        assert_eq!(of(200, "ACME", 1), Some(Declared::Safe));
        assert_eq!(of(200, "ACME", 2), Some(Declared::Empty));
        assert_eq!(of(200, "ACME", 3), Some(Declared::Empty));
        assert_eq!(of(200, "ACME", 4), None);
        assert_eq!(of(50, "ACME", 1), None);
        assert_eq!(of(200, "OTHER", 1), None);
        all.item(&root);
        all.take(tags::PRIVATE_GROUP_REFERENCE, &[0x29, 0], le);
        all.take(tags::PRIVATE_CREATOR_REFERENCE, b"ACME", le);
        all.take(tags::BLOCK_IDENTIFYING_INFORMATION_STATUS, b"MIXED", le);
        assert_eq!(all.of(200, "ACME", Tag(0x0029, 0x1001)), None);
    }
}
