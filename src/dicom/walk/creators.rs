//! Private data elements and the creators of the open data sets and items (PS3.5 section 7.8.1).

use crate::dicom::Tag;

/// Those that were met, in the order of the file.
#[derive(Default)]
pub(super) struct Creators {
    met: Vec<Creator>,
    /// Their texts, one behind the other.
    texts: String,
}

struct Creator {
    group: u16,
    block: u8,
    /// Its text in `texts`.
    from: usize,
    to: usize,
}

impl Creators {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.met.len()
    }

    /// Adds one, by its tag and its value.
    pub(super) fn push(&mut self, tag: Tag, value: &[u8]) {
        let [_, block] = tag.element().to_be_bytes();
        let from = self.texts.len();
        let text = String::from_utf8_lossy(value);
        self.texts.push_str(text.trim_matches([' ', '\0']));
        self.met.push(Creator {
            group: tag.group(),
            block,
            from,
            to: self.texts.len(),
        });
    }

    /// Forgets all but the first ones: their item has ended.
    pub(super) fn truncate(&mut self, count: usize) {
        self.met.truncate(count);
        self.texts
            .truncate(self.met.last().map_or(0, |creator| creator.to));
    }

    /// Text of the creator of this private element, among those from `from` on.
    pub(super) fn of(&self, tag: Tag, from: usize) -> Option<&str> {
        let [block, _] = tag.element().to_be_bytes();
        let scope = self.met.get(from..).unwrap_or_default();
        scope
            .iter()
            .rev()
            .find(|c| c.group == tag.group() && c.block == block)
            .and_then(|c| self.texts.get(c.from..c.to))
    }
}

/// True for (gggg,0010-00FF) of odd groups that may be private (PS3.5 section 7.8.1).
#[inline]
#[must_use]
pub fn is_private_creator(tag: Tag) -> bool {
    is_private(tag) && (0x0010..=0x00FF).contains(&tag.element())
}

/// True for tags of odd groups.
#[inline]
#[must_use]
pub fn is_private(tag: Tag) -> bool {
    tag.group() % 2 == 1
}
