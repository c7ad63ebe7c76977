//! The bytes of a DICOMDIR: its head, its directory records and the offsets that link them (PS3.3 sections F.2, F.3).
//!
//! Owns the links: records come in the order of a walk down the tree, and each is linked the moment it is written.

use std::fs::File;

use super::MediaError;
use super::entry::{Record, new};
use super::output::Output;
use crate::action::sequence::{item, sequence};
use crate::dicom::element::Encoding;
use crate::dicom::part10::EXPLICIT_LE;
use crate::dicom::{Tag, Vr};
use crate::plan::file_meta;
use crate::plan::tags::{DIRECTORY_RECORD_SEQUENCE, MEDIA_STORAGE_DIRECTORY};

const FILE_SET_ID: Tag = Tag(0x0004, 0x1130);
const FIRST_ROOT_RECORD: Tag = Tag(0x0004, 0x1200);
const LAST_ROOT_RECORD: Tag = Tag(0x0004, 0x1202);
const CONSISTENCY: Tag = Tag(0x0004, 0x1212);
const NEXT_RECORD: Tag = Tag(0x0004, 0x1400);
const IN_USE: Tag = Tag(0x0004, 0x1410);
const LOWER_LEVEL: Tag = Tag(0x0004, 0x1420);

/// The same for every disc: a name of it could say whose it is.
const FILE_SET_NAME: &[u8] = b"DCMSCRUB";

/// From the first byte of an item to the value of its first data element, Offset of the Next Directory Record.
const TO_NEXT: u64 = 16;
/// From there over Record In-use Flag to the value of Offset of Referenced Lower-Level Directory Entity.
const TO_LOWER: u64 = TO_NEXT + 4 + 10 + 8;

/// Writes one DICOMDIR.
pub struct Directory<'f> {
    out: Output<'f>,
    /// Where the offset of the first root record goes; that of the last one is the next data element.
    first_at: u64,
    /// Where the length of the sequence goes.
    length_at: u64,
    /// First byte of the last record of each level below the record that is open above it.
    last: [Option<u64>; 4],
    /// Records of each level so far, below the record that is open above it.
    counts: [u64; 4],
}

impl<'f> Directory<'f> {
    /// Begins a directory in a file that is empty.
    ///
    /// # Errors
    /// Those of the file.
    pub fn begin(file: &'f mut File, file_set_uid: &str) -> Result<Self, MediaError> {
        let mut out = Output::new(file);
        out.append(&file_meta::head(
            MEDIA_STORAGE_DIRECTORY,
            file_set_uid,
            EXPLICIT_LE,
        ))?;
        out.append(&new(FILE_SET_ID, Vr::CS, FILE_SET_NAME))?;
        let first_at = out.position().saturating_add(8);
        out.append(&new(FIRST_ROOT_RECORD, Vr::UL, &[0; 4]))?;
        out.append(&new(LAST_ROOT_RECORD, Vr::UL, &[0; 4]))?;
        out.append(&new(CONSISTENCY, Vr::US, &[0; 2]))?;
        let length_at = out.position().saturating_add(8);
        out.append(&sequence(
            Encoding::ExplicitLe,
            DIRECTORY_RECORD_SEQUENCE,
            &[],
        ))?;
        Ok(Self {
            out,
            first_at,
            length_at,
            last: [None; 4],
            counts: [0; 4],
        })
    }

    /// Writes a record at a level, 0 to 3, below the last one that was written at the level above.
    ///
    /// # Errors
    /// Those of the file; [`MediaError::TooLarge`].
    pub fn record(&mut self, level: usize, record: &Record) -> Result<(), MediaError> {
        let at = self.out.position();
        let offset = fit(at)?;
        let before = self.last.get(level).copied().flatten();
        let above = level
            .checked_sub(1)
            .and_then(|above| self.last.get(above).copied().flatten());
        match (before, above) {
            (Some(before), _) => self.out.replace(before.saturating_add(TO_NEXT), offset)?,
            (None, Some(above)) => self.out.replace(above.saturating_add(TO_LOWER), offset)?,
            (None, None) => self.out.replace(self.first_at, offset)?,
        }
        let below = level.saturating_add(1);
        self.last.get_mut(below..).unwrap_or_default().fill(None);
        self.counts.get_mut(below..).unwrap_or_default().fill(0);
        if let (Some(last), Some(count)) = (self.last.get_mut(level), self.counts.get_mut(level)) {
            *last = Some(at);
            *count = count.saturating_add(1);
        }
        let count = self.counts.get(level).copied().unwrap_or_default();

        let mut content = new(NEXT_RECORD, Vr::UL, &[0; 4]);
        content.extend(new(IN_USE, Vr::US, &[0xFF; 2]));
        content.extend(new(LOWER_LEVEL, Vr::UL, &[0; 4]));
        content.extend_from_slice(&record.content);
        if let Some(key) = record.counted {
            content.extend(new(key.tag, key.vr, count.to_string().as_bytes()));
        }
        self.out.append(&item(Encoding::ExplicitLe, &content))?;
        fit(self.out.position())?;
        Ok(())
    }

    /// Ends the directory; its length in bytes.
    ///
    /// # Errors
    /// Those of the file.
    pub fn finish(mut self) -> Result<u64, MediaError> {
        let end = self.out.position();
        let items = end.saturating_sub(self.length_at.saturating_add(4));
        self.out.replace(self.length_at, fit(items)?)?;
        if let [Some(last), ..] = self.last {
            self.out
                .replace(self.first_at.saturating_add(12), fit(last)?)?;
        }
        self.out.flush()?;
        Ok(end)
    }
}

/// An offset or a length in the 32 bits that the standard has for it.
fn fit(n: u64) -> Result<u32, MediaError> {
    match u32::try_from(n) {
        Ok(n) if n < u32::MAX => Ok(n),
        Ok(_) | Err(_) => Err(MediaError::TooLarge),
    }
}
