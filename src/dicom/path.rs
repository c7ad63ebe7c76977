//! Where a data element stands: `(0040,A730)[2].(0010,0010)`, item indices from 0.

use std::fmt;

use super::Tag;

/// One sequence on the way to a data element, with the item that was entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PathStep {
    /// Tag of the sequence.
    pub sequence: Tag,
    /// Index of the item, from 0.
    pub item: u32,
}

/// The place of a data element in a data set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ElementPath {
    /// Enclosing sequences, root first.
    pub steps: Box<[PathStep]>,
    /// The data element.
    pub tag: Tag,
}

impl fmt::Display for ElementPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            write!(
                f,
                "({:04X},{:04X})[{}].",
                step.sequence.group(),
                step.sequence.element(),
                step.item
            )?;
        }
        write!(f, "({:04X},{:04X})", self.tag.group(), self.tag.element())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_prints_as_the_standard_writes_tags() {
        let path = ElementPath {
            steps: Box::new([PathStep {
                sequence: Tag(0x0040, 0xA730),
                item: 2,
            }]),
            tag: Tag(0x10, 0x10),
        };
        assert_eq!(path.to_string(), "(0040,A730)[2].(0010,0010)");
    }
}
