//! Why a file is not read. Every message names a place and a reason, never a value.

use std::io;

use super::ElementPath;

/// What is wrong with the bytes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// Fewer bytes are left than a data element header needs.
    #[error("the file ends inside a data element header")]
    HeaderCut,
    /// A declared length reaches beyond the end of its container or of the file.
    #[error("a length reaches beyond the end of its container")]
    LengthBeyondEnd,
    /// The two bytes where a VR has to stand are none.
    #[error("no value representation where one has to stand")]
    NotAVr,
    /// Undefined length on something that is neither a sequence nor encapsulated data.
    #[error("undefined length on an element that cannot have it")]
    UndefinedLength,
    /// Something other than an item where an item has to stand.
    #[error("no item where an item has to stand")]
    NotAnItem,
    /// An item or a delimiter outside a sequence.
    #[error("an item or a delimiter outside a sequence")]
    StrayDelimiter,
    /// A sequence, an item or encapsulated data of undefined length without its end.
    #[error("the file ends before a sequence, an item or encapsulated data does")]
    NoDelimiter,
    /// Bytes behind the last data element that are no data element.
    #[error("bytes behind the last data element")]
    TrailingBytes,
    /// Pixel Data stands twice.
    #[error("Pixel Data stands twice")]
    TwoPixelData,
    /// The deflated part cannot be inflated to its end.
    #[error("the deflated part cannot be inflated to its end")]
    Inflate,
    /// No data element at all.
    #[error("no data element in it")]
    NoDataSet,
    /// A compressed transfer syntax, and a data set in big endian (PS3.5 section A.4).
    #[error("the data set is not encoded as its transfer syntax says")]
    OtherEncoding,
}

/// Which bound of [`super::Limits`] a file exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Bound {
    /// Nesting of sequences.
    #[error("sequences nested too deep")]
    Depth,
    /// Number of data elements and items.
    #[error("too many data elements")]
    Elements,
    /// Size after inflating.
    #[error("inflates to too many bytes")]
    Inflated,
    /// Size of a value that has to be read whole.
    #[error("a value that has to be read whole is too long")]
    Value,
    /// Total size of what would be changed.
    #[error("too many changes for one file")]
    Edits,
}

/// Why a file cannot be read as DICOM.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// It is not DICOM at all.
    #[error("not a DICOM file")]
    NotDicom,
    /// It is DICOM, but damaged.
    #[error("damaged at byte {at}{}: {damage}", Inside(path))]
    Damaged {
        /// Byte offset (in the inflated data set where the file is deflated).
        at: u64,
        /// The data element, where one was begun.
        path: Option<ElementPath>,
        /// What is wrong.
        damage: Damage,
    },
    /// A transfer syntax that this program does not know.
    #[error("unknown transfer syntax")]
    TransferSyntax,
    /// A bound is exceeded.
    #[error("refused at byte {at}: {bound}")]
    Bound {
        /// Byte offset.
        at: u64,
        /// Which bound.
        bound: Bound,
    },
    /// The storage failed.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
}

impl ReadError {
    /// A stable word for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotDicom => "not-dicom",
            Self::Damaged { damage, .. } => match damage {
                Damage::HeaderCut => "cut-header",
                Damage::LengthBeyondEnd => "length-beyond-end",
                Damage::NotAVr => "not-a-vr",
                Damage::UndefinedLength => "undefined-length",
                Damage::NotAnItem => "not-an-item",
                Damage::StrayDelimiter => "stray-delimiter",
                Damage::NoDelimiter => "no-delimiter",
                Damage::TrailingBytes => "trailing-bytes",
                Damage::TwoPixelData => "two-pixel-data",
                Damage::Inflate => "inflate",
                Damage::NoDataSet => "no-data-set",
                Damage::OtherEncoding => "other-encoding",
            },
            Self::TransferSyntax => "transfer-syntax",
            Self::Bound { .. } => "bound",
            Self::Io(_) => "io",
        }
    }
}

struct Inside<'a>(&'a Option<ElementPath>);

impl std::fmt::Display for Inside<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(path) => write!(f, " in {path}"),
            None => Ok(()),
        }
    }
}
