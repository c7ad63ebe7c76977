//! Opening a DICOM file (PS3.10 section 7): preamble and File Meta Information, or what is left of them.
//!
//! Owns: where the data set begins and how it is encoded. Tolerant: a missing preamble, missing group length, missing or
//! wrong transfer syntax are read; the first data element's bytes decide where they contradict a header.

use super::element::{Encoding, UNDEFINED, has_long_header};
use super::source::{ReadAt, Window};
use super::vr::vr_of_bytes;
use super::walk::Walker;
use super::{Damage, Limits, ReadError, Tag};
use crate::standard::uids;

/// Implicit VR Little Endian.
pub const IMPLICIT_LE: &str = "1.2.840.10008.1.2";
/// Explicit VR Little Endian.
pub const EXPLICIT_LE: &str = "1.2.840.10008.1.2.1";
/// Explicit VR Big Endian.
pub const EXPLICIT_BE: &str = "1.2.840.10008.1.2.2";
/// Transfer syntaxes whose data set is deflated (PS3.5 sections A.5, A.7).
const DEFLATED: [&str; 3] = [
    "1.2.840.10008.1.2.1.99",
    "1.2.840.10008.1.2.4.95",
    "1.2.840.10008.1.2.4.205",
];

/// What stands before the data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part10 {
    /// First byte of the data set (of the deflated stream where it is deflated).
    pub data_set_at: u64,
    /// Encoding of the data set.
    pub encoding: Encoding,
    /// The data set is deflated.
    pub deflated: bool,
    /// The transfer syntax that describes the data set: the one stated, else the one that its bytes show.
    pub transfer_syntax: String,
    /// Media Storage SOP Class UID, where stated.
    pub sop_class: Option<String>,
    /// Media Storage SOP Instance UID, where stated.
    pub sop_instance: Option<String>,
    /// The file says that it is DICOM: it has the prefix `DICM`.
    pub has_prefix: bool,
}

/// Bytes from the start of a file by which [`may_be_dicom`] tells.
pub const START: usize = 132;

/// False for files that [`open`] says are no DICOM, as far as their first bytes tell: so what is packed need not be unpacked.
#[must_use]
pub fn may_be_dicom(start: &[u8]) -> bool {
    start.get(128..START) == Some(b"DICM")
        || start.starts_with(b"DICM")
        || matches!(start, [2 | 8, 0, ..] | [0, 8, ..])
}

/// Reads what stands before the data set.
///
/// # Errors
/// [`ReadError::NotDicom`] without the prefix and without a plausible first data element, [`ReadError::TransferSyntax`]
/// for one that is not registered, damage inside the File Meta Information, storage errors.
pub fn open<S: ReadAt + ?Sized>(source: &S, limits: &Limits) -> Result<Part10, ReadError> {
    let mut window = Window::new(source);
    let (meta_at, has_prefix) = match prefix(&mut window)? {
        Some(at) => (at, true),
        None => (0, false),
    };
    if !has_prefix && !begins_like_dicom(source, &mut window, limits)? {
        return Err(ReadError::NotDicom);
    }
    let meta = FileMeta::read(&mut window, meta_at)?;
    let at = meta.end;
    if at >= source.len() && meta.transfer_syntax.is_none() {
        return Err(ReadError::Damaged {
            at,
            path: None,
            damage: Damage::NoDataSet,
        });
    }
    let declared = match meta.transfer_syntax.as_deref() {
        None | Some("") => None,
        Some(uid) if uids::kind(uid) == Some("Transfer Syntax") => Some(uid),
        Some(_) => return Err(ReadError::TransferSyntax),
    };
    let deflated = declared.is_some_and(|uid| DEFLATED.contains(&uid));
    let stated = declared.map(|uid| match uid {
        IMPLICIT_LE => Encoding::ImplicitLe,
        EXPLICIT_BE => Encoding::ExplicitBe,
        _ => Encoding::ExplicitLe,
    });
    let encoding = match (deflated, stated) {
        (true, _) => Encoding::ExplicitLe,
        (false, stated) => match sniff(&mut window, at, stated)? {
            Some(encoding) => encoding,
            None => stated.ok_or(ReadError::Damaged {
                at,
                path: None,
                damage: Damage::NotAVr,
            })?,
        },
    };
    let shown = match encoding {
        Encoding::ImplicitLe => IMPLICIT_LE,
        Encoding::ExplicitLe => EXPLICIT_LE,
        Encoding::ExplicitBe => EXPLICIT_BE,
    };
    let plain = |uid: &str| [IMPLICIT_LE, EXPLICIT_LE, EXPLICIT_BE].contains(&uid);
    let transfer_syntax = match declared {
        Some(uid) if stated == Some(encoding) => uid,
        // implicit VR is written so and read by others; big endian is read by nobody
        Some(uid) if !plain(uid) && encoding != Encoding::ExplicitBe => uid,
        Some(uid) if !plain(uid) => {
            return Err(ReadError::Damaged {
                at,
                path: None,
                damage: Damage::OtherEncoding,
            });
        }
        Some(_) | None => shown,
    };
    Ok(Part10 {
        data_set_at: at,
        encoding,
        deflated,
        transfer_syntax: transfer_syntax.to_owned(),
        sop_class: meta.sop_class,
        sop_instance: meta.sop_instance,
        has_prefix,
    })
}

/// Behind the prefix `DICM`, where there is one: at 128, or at 0 where the preamble was lost.
fn prefix<S: ReadAt + ?Sized>(window: &mut Window<'_, S>) -> Result<Option<u64>, ReadError> {
    for at in [128u64, 0] {
        if window.len() >= at.saturating_add(4) && window.bytes(at, 4)? == b"DICM" {
            return Ok(Some(at.saturating_add(4)));
        }
    }
    Ok(None)
}

/// Without prefix a file counts as DICOM when it begins as writers of such files begin: group 0002 or 0008, and the next
/// few data elements parse.
fn begins_like_dicom<S: ReadAt + ?Sized>(
    source: &S,
    window: &mut Window<'_, S>,
    limits: &Limits,
) -> Result<bool, ReadError> {
    const LOOK: usize = 5;
    if window.len() < 8 {
        return Ok(false);
    }
    let encoding = match window.bytes(0, 8)? {
        [2, 0, ..] => Encoding::ExplicitLe,
        [8, 0, ..] | [0, 8, ..] => match sniff(window, 0, None)? {
            Some(encoding) => encoding,
            None => return Ok(false),
        },
        _ => return Ok(false),
    };
    let mut walker = Walker::new(source, encoding, 0, *limits);
    for _ in 0..LOOK {
        match walker.next_event() {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(ReadError::Io(e)) => return Err(ReadError::Io(e)),
            Err(_) => return Ok(false),
        }
    }
    Ok(true)
}

/// The encoding that the first data element shows; `None` where it fits none.
fn sniff<S: ReadAt + ?Sized>(
    window: &mut Window<'_, S>,
    at: u64,
    stated: Option<Encoding>,
) -> Result<Option<Encoding>, ReadError> {
    let left = window.len().saturating_sub(at);
    if left < 8 {
        return Ok(None);
    }
    let n = usize::try_from(left.min(12)).unwrap_or(8);
    let mut head = [0u8; 12];
    if let Some(to) = head.get_mut(..n) {
        to.copy_from_slice(window.bytes(at, n)?);
    }
    let [a, b, c, d, e, f, g, h, i, j, k, l] = head;
    let fits = |encoding: Encoding| {
        let length = match vr_of_bytes([e, f]) {
            Some(vr) if encoding.is_explicit() && has_long_header(vr) => encoding.u32([i, j, k, l]),
            Some(_) if encoding.is_explicit() => u32::from(encoding.u16([g, h])),
            None if encoding.is_explicit() => return false,
            Some(_) | None => encoding.u32([e, f, g, h]),
        };
        length == UNDEFINED || u64::from(length) <= left
    };
    let little = Encoding::ExplicitLe.tag([a, b, c, d]);
    let big = Encoding::ExplicitBe.tag([a, b, c, d]);
    let explicit = match stated {
        // a command set in front: group 0000 is the same in both orders, and its element tells nothing
        Some(Encoding::ExplicitLe | Encoding::ExplicitBe) if [a, b] == [0, 0] => stated,
        None if [a, b] == [0, 0] && fits(Encoding::ExplicitLe) => Some(Encoding::ExplicitLe),
        _ if big < little => Some(Encoding::ExplicitBe),
        _ => Some(Encoding::ExplicitLe),
    };
    let implicit = Some(Encoding::ImplicitLe);
    let order = match stated {
        Some(Encoding::ImplicitLe) => [implicit, explicit],
        Some(Encoding::ExplicitLe | Encoding::ExplicitBe) | None => [explicit, implicit],
    };
    let mut order = order.into_iter().flatten();
    Ok(order.find(|&encoding| fits(encoding)))
}

#[derive(Default)]
struct FileMeta {
    end: u64,
    transfer_syntax: Option<String>,
    sop_class: Option<String>,
    sop_instance: Option<String>,
}

impl FileMeta {
    /// Reads group 0002, explicit as PS3.10 asks or implicit as some writers have it; its group length is not trusted.
    fn read<S: ReadAt + ?Sized>(window: &mut Window<'_, S>, from: u64) -> Result<Self, ReadError> {
        let damaged = |at, damage| ReadError::Damaged {
            at,
            path: None,
            damage,
        };
        let mut meta = Self {
            end: from,
            ..Self::default()
        };
        let mut stated_end = None;
        let deflated = |meta: &Self| {
            meta.transfer_syntax
                .as_deref()
                .is_some_and(|uid| DEFLATED.contains(&uid))
        };
        while window.len().saturating_sub(meta.end) >= 8
            && !(stated_end == Some(meta.end) && deflated(&meta))
        {
            let at = meta.end;
            let Some(&[a, b, c, d, e, f, g, h]) = window.bytes(at, 8)?.first_chunk::<8>() else {
                break;
            };
            let tag = Encoding::ExplicitLe.tag([a, b, c, d]);
            if tag.group() != 2 {
                break;
            }
            let (value_at, length) = match vr_of_bytes([e, f]) {
                Some(vr) if has_long_header(vr) => {
                    if window.len().saturating_sub(at) < 12 {
                        return Err(damaged(at, Damage::HeaderCut));
                    }
                    let length = match window.bytes(at.saturating_add(8), 4)?.first_chunk::<4>() {
                        Some(bytes) => u32::from_le_bytes(*bytes),
                        None => return Err(damaged(at, Damage::HeaderCut)),
                    };
                    (at.saturating_add(12), length)
                }
                Some(_) => (at.saturating_add(8), u32::from(u16::from_le_bytes([g, h]))),
                None => (at.saturating_add(8), u32::from_le_bytes([e, f, g, h])),
            };
            let end = value_at.saturating_add(u64::from(length));
            if end > window.len() {
                return Err(damaged(at, Damage::LengthBeyondEnd));
            }
            let mut text = || -> Result<Option<String>, ReadError> {
                Ok(match usize::try_from(length) {
                    Ok(n) if n <= 256 => Some(uid_text(window.bytes(value_at, n)?)),
                    Ok(_) | Err(_) => None,
                })
            };
            match (tag, length) {
                (FILE_META_GROUP_LENGTH, 4) => {
                    let n = window
                        .bytes(value_at, 4)?
                        .first_chunk::<4>()
                        .map_or(0, |bytes| u32::from_le_bytes(*bytes));
                    stated_end = Some(end.saturating_add(u64::from(n)));
                }
                (MEDIA_SOP_CLASS, _) => meta.sop_class = text()?,
                (MEDIA_SOP_INSTANCE, _) => meta.sop_instance = text()?,
                (TRANSFER_SYNTAX, _) => meta.transfer_syntax = text()?,
                _ => {}
            }
            meta.end = end;
        }
        Ok(meta)
    }
}

const FILE_META_GROUP_LENGTH: Tag = Tag(0x0002, 0x0000);
const MEDIA_SOP_CLASS: Tag = Tag(0x0002, 0x0002);
const MEDIA_SOP_INSTANCE: Tag = Tag(0x0002, 0x0003);
const TRANSFER_SYNTAX: Tag = Tag(0x0002, 0x0010);

/// A UID's text without padding.
#[must_use]
pub fn uid_text(value: &[u8]) -> String {
    String::from_utf8_lossy(value)
        .trim_matches([' ', '\0'])
        .to_owned()
}

#[cfg(test)]
mod tests;
