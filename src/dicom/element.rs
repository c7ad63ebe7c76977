//! Data element headers (PS3.5 section 7.1) in the three encodings.
//!
//! Owns: the bytes of one header. Where a header may stand and what follows it is the walk's.

use super::vr::vr_of_bytes;
use super::{Damage, Tag, Vr};
use crate::standard::attributes::vr_of;

/// How data elements are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Explicit VR Little Endian.
    ExplicitLe,
    /// Implicit VR Little Endian.
    ImplicitLe,
    /// Explicit VR Big Endian (retired, still in archives).
    ExplicitBe,
}

impl Encoding {
    /// True for the two encodings with a VR in each header.
    #[must_use]
    pub fn is_explicit(self) -> bool {
        !matches!(self, Self::ImplicitLe)
    }

    /// Reads a 16-bit number.
    #[must_use]
    pub fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::ExplicitLe | Self::ImplicitLe => u16::from_le_bytes(bytes),
            Self::ExplicitBe => u16::from_be_bytes(bytes),
        }
    }

    /// Reads a 32-bit number.
    #[must_use]
    pub fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::ExplicitLe | Self::ImplicitLe => u32::from_le_bytes(bytes),
            Self::ExplicitBe => u32::from_be_bytes(bytes),
        }
    }

    /// Writes a 16-bit number.
    #[must_use]
    pub fn bytes16(self, n: u16) -> [u8; 2] {
        match self {
            Self::ExplicitLe | Self::ImplicitLe => n.to_le_bytes(),
            Self::ExplicitBe => n.to_be_bytes(),
        }
    }

    /// Writes a 32-bit number.
    #[must_use]
    pub fn bytes32(self, n: u32) -> [u8; 4] {
        match self {
            Self::ExplicitLe | Self::ImplicitLe => n.to_le_bytes(),
            Self::ExplicitBe => n.to_be_bytes(),
        }
    }

    /// Reads a tag.
    #[must_use]
    pub fn tag(self, bytes: [u8; 4]) -> Tag {
        let [a, b, c, d] = bytes;
        Tag(self.u16([a, b]), self.u16([c, d]))
    }
}

/// The undefined length of PS3.5 section 7.1.1.
pub const UNDEFINED: u32 = 0xFFFF_FFFF;
/// Item.
pub const ITEM: Tag = Tag(0xFFFE, 0xE000);
/// Item Delimitation Item.
pub const ITEM_DELIMITER: Tag = Tag(0xFFFE, 0xE00D);
/// Sequence Delimitation Item.
pub const SEQUENCE_DELIMITER: Tag = Tag(0xFFFE, 0xE0DD);

/// True when the explicit header of this VR has two reserved bytes and a 32-bit length (PS3.5 table 7.1-1).
#[inline]
#[must_use]
pub fn has_long_header(vr: Vr) -> bool {
    matches!(
        vr,
        Vr::OB
            | Vr::OD
            | Vr::OF
            | Vr::OL
            | Vr::OV
            | Vr::OW
            | Vr::SQ
            | Vr::SV
            | Vr::UC
            | Vr::UN
            | Vr::UR
            | Vr::UT
            | Vr::UV
    )
}

/// True for VRs whose value is text that a person may read or write (a string VR of PS3.5 table 6.2-1).
#[must_use]
pub fn is_string(vr: Vr) -> bool {
    !matches!(
        vr,
        Vr::AT
            | Vr::FL
            | Vr::FD
            | Vr::OB
            | Vr::OD
            | Vr::OF
            | Vr::OL
            | Vr::OV
            | Vr::OW
            | Vr::SL
            | Vr::SQ
            | Vr::SS
            | Vr::SV
            | Vr::UL
            | Vr::UN
            | Vr::US
            | Vr::UV
    )
}

/// A data element as it lies in the source. All positions are byte offsets of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element {
    /// Its tag.
    pub tag: Tag,
    /// The VR that its header states; in implicit VR the standard's, `UN` where there is none.
    pub vr: Vr,
    /// How it is encoded itself.
    pub encoding: Encoding,
    /// First byte of its header.
    pub at: u64,
    /// First byte of its length field.
    pub length_at: u64,
    /// Bytes of its length field: 2 or 4.
    pub length_size: u8,
    /// First byte of its value.
    pub value_at: u64,
    /// Length of its value in bytes; `None` where undefined.
    pub length: Option<u32>,
    /// The length of an item reaches beyond its sequence; `length` is what is really there.
    pub overruns: bool,
    /// The two reserved bytes of a long header are not zero.
    pub reserved_used: bool,
}

impl Element {
    /// Reads the first twelve bytes of a data element in explicit VR, little endian, that begins at `at` and has a value of
    /// stated length which is no sequence. `None` for all others.
    #[inline]
    pub(super) fn plain(header: &[u8; 12], at: u64) -> Option<Self> {
        let [a, b, c, d, rest @ .., i, j, k, l] = *header;
        let encoding = Encoding::ExplicitLe;
        let tag = encoding.tag([a, b, c, d]);
        let Ok(header) = Header::read(encoding, tag, rest, Some([i, j, k, l])) else {
            return None;
        };
        let is_plain = !matches!(tag.group(), 0 | 0xFFFE)
            && !matches!(header.vr, Vr::SQ | Vr::UN)
            && header.length().is_some();
        is_plain.then(|| header.element(encoding, tag, at))
    }

    /// First byte behind the value; `None` where the length is undefined.
    #[inline]
    #[must_use]
    pub fn end(&self) -> Option<u64> {
        self.length
            .map(|n| self.value_at.saturating_add(u64::from(n)))
    }
}

/// The first eight bytes of a header, and the four behind them; `None` where the bytes end first.
pub(super) type HeaderBytes = (Option<[u8; 8]>, Option<[u8; 4]>);

/// The header that these bytes begin with.
#[inline]
pub(super) fn header_bytes(bytes: &[u8]) -> HeaderBytes {
    match bytes.split_first_chunk::<8>() {
        Some((short, rest)) => (Some(*short), rest.first_chunk::<4>().copied()),
        None => (None, None),
    }
}

/// The forms of a data element's header (PS3.5 section 7.1).
#[derive(Clone, Copy)]
enum Form {
    Implicit,
    Short,
    Long,
}

impl Form {
    /// Bytes in front of the length, of the length, in front of the value.
    #[inline]
    fn layout(self) -> (u64, u8, u64) {
        match self {
            Self::Implicit => (4, 4, 8),
            Self::Short => (6, 2, 8),
            Self::Long => (8, 4, 12),
        }
    }
}

/// What the header of a data element says behind the tag.
#[derive(Clone, Copy)]
pub(super) struct Header {
    /// The VR; in implicit VR the standard's, `UN` where there is none.
    pub(super) vr: Vr,
    form: Form,
    length: u32,
    reserved_used: bool,
}

impl Header {
    /// Reads the four bytes behind the tag, and those of a long length behind them.
    #[expect(
        clippy::inline_always,
        reason = "in the short way of the walk the encoding is known: a call costs as much as the reading"
    )]
    #[inline(always)]
    pub(super) fn read(
        encoding: Encoding,
        tag: Tag,
        [a, b, c, d]: [u8; 4],
        long: Option<[u8; 4]>,
    ) -> Result<Self, Damage> {
        if !encoding.is_explicit() {
            return Ok(Self {
                vr: vr_of(tag).unwrap_or(Vr::UN),
                form: Form::Implicit,
                length: encoding.u32([a, b, c, d]),
                reserved_used: false,
            });
        }
        let vr = vr_of_bytes([a, b]).ok_or(Damage::NotAVr)?;
        if has_long_header(vr) {
            Ok(Self {
                vr,
                form: Form::Long,
                length: encoding.u32(long.ok_or(Damage::HeaderCut)?),
                reserved_used: [c, d] != [0, 0],
            })
        } else {
            Ok(Self {
                vr,
                form: Form::Short,
                length: u32::from(encoding.u16([c, d])),
                reserved_used: false,
            })
        }
    }

    /// Length of the value; `None` where undefined.
    #[inline]
    fn length(self) -> Option<u32> {
        (self.length != UNDEFINED).then_some(self.length)
    }

    /// First byte behind the value of a data element that begins here; `None` where its length is undefined.
    #[inline]
    pub(super) fn value_end(self, at: u64) -> Option<u64> {
        let length = self.length()?;
        let (_, _, before_value) = self.form.layout();
        Some(
            at.saturating_add(before_value)
                .saturating_add(u64::from(length)),
        )
    }

    /// The data element that begins here.
    #[inline]
    pub(super) fn element(self, encoding: Encoding, tag: Tag, at: u64) -> Element {
        let (before_length, length_size, before_value) = self.form.layout();
        Element {
            tag,
            vr: self.vr,
            encoding,
            at,
            length_at: at.saturating_add(before_length),
            length_size,
            value_at: at.saturating_add(before_value),
            length: self.length(),
            overruns: false,
            reserved_used: self.reserved_used,
        }
    }
}

/// An item, a fragment or a delimiter that begins here, with its length (PS3.5 section 7.5).
#[inline]
pub(super) fn item_header(encoding: Encoding, at: u64, length: [u8; 4]) -> Element {
    let length = encoding.u32(length);
    Element {
        tag: ITEM,
        vr: Vr::UN,
        encoding,
        at,
        length_at: at.saturating_add(4),
        length_size: 4,
        value_at: at.saturating_add(8),
        length: (length != UNDEFINED).then_some(length),
        overruns: false,
        reserved_used: false,
    }
}

/// Encodes a whole data element. `None` when the value does not fit the length field of its VR.
#[must_use]
pub fn encode(encoding: Encoding, tag: Tag, vr: Vr, value: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(value.len().saturating_add(12));
    let length = u32::try_from(value.len()).ok_or_none()?;
    encode_header_to(&mut out, encoding, tag, vr, length)?;
    out.extend_from_slice(value);
    Some(out)
}

/// Encodes a whole data element behind other bytes, its value padded to an even length (PS3.5 section 7.1.1). `None` when the
/// value does not fit the length field of its VR: a part of it may stand there then.
#[must_use]
pub fn encode_padded_to(
    out: &mut Vec<u8>,
    encoding: Encoding,
    tag: Tag,
    vr: Vr,
    value: &[u8],
) -> Option<()> {
    let padding = super::value::padding(vr, value.len());
    let length = value.len().checked_add(padding.len())?;
    let length = u32::try_from(length).ok_or_none()?;
    encode_header_to(out, encoding, tag, vr, length)?;
    out.extend_from_slice(value);
    out.extend_from_slice(padding);
    Some(())
}

/// Encodes a header with this length. `None` when the length does not fit the length field of the VR.
#[must_use]
pub fn encode_header(encoding: Encoding, tag: Tag, vr: Vr, length: u32) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(12);
    encode_header_to(&mut out, encoding, tag, vr, length)?;
    Some(out)
}

fn encode_header_to(
    out: &mut Vec<u8>,
    encoding: Encoding,
    tag: Tag,
    vr: Vr,
    length: u32,
) -> Option<()> {
    out.extend_from_slice(&encoding.bytes16(tag.group()));
    out.extend_from_slice(&encoding.bytes16(tag.element()));
    if encoding.is_explicit() {
        out.extend_from_slice(&vr.to_bytes());
        if has_long_header(vr) {
            out.extend_from_slice(&[0, 0]);
            out.extend_from_slice(&encoding.bytes32(length));
        } else {
            out.extend_from_slice(&encoding.bytes16(u16::try_from(length).ok_or_none()?));
        }
    } else {
        out.extend_from_slice(&encoding.bytes32(length));
    }
    Some(())
}

/// `Result` to `Option` where the error says nothing that the caller does not know: a number that does not fit.
trait OrNone<T> {
    fn ok_or_none(self) -> Option<T>;
}

impl<T> OrNone<T> for Result<T, std::num::TryFromIntError> {
    fn ok_or_none(self) -> Option<T> {
        match self {
            Ok(value) => Some(value),
            Err(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_encoded_in_the_three_encodings() {
        let tag = Tag(0x0010, 0x0020);
        assert_eq!(
            encode(Encoding::ExplicitLe, tag, Vr::LO, b"AB").unwrap(),
            b"\x10\0\x20\0LO\x02\0AB"
        );
        assert_eq!(
            encode(Encoding::ImplicitLe, tag, Vr::LO, b"AB").unwrap(),
            b"\x10\0\x20\0\x02\0\0\0AB"
        );
        assert_eq!(
            encode(Encoding::ExplicitBe, tag, Vr::LO, b"AB").unwrap(),
            b"\0\x10\0\x20LO\0\x02AB"
        );
        assert_eq!(
            encode(Encoding::ExplicitLe, tag, Vr::UT, b"AB").unwrap(),
            b"\x10\0\x20\0UT\0\0\x02\0\0\0AB"
        );
    }

    #[test]
    fn values_of_odd_length_are_padded_as_their_vr_asks() {
        for (vr, value, expected) in [
            (Vr::LO, "A", b"..\x10\0\x20\0LO\x02\0A ".as_slice()),
            (Vr::UI, "1", b"..\x10\0\x20\0UI\x02\x001\0"),
            (Vr::LO, "AB", b"..\x10\0\x20\0LO\x02\0AB"),
        ] {
            let mut out = b"..".to_vec();
            let tag = Tag(0x0010, 0x0020);
            encode_padded_to(&mut out, Encoding::ExplicitLe, tag, vr, value.as_bytes()).unwrap();
            assert_eq!(out, expected, "{vr} {value}");
        }
        let long = vec![b'x'; 65_535];
        let tag = Tag(0x0010, 0x0020);
        assert!(
            encode_padded_to(&mut Vec::new(), Encoding::ExplicitLe, tag, Vr::LO, &long).is_none()
        );
    }

    #[test]
    fn headers_are_read_as_they_are_encoded() {
        let tag = Tag(0x0010, 0x0020);
        for encoding in [
            Encoding::ExplicitLe,
            Encoding::ImplicitLe,
            Encoding::ExplicitBe,
        ] {
            for (vr, length) in [(Vr::LO, 2), (Vr::LO, 0xFFFF), (Vr::UT, 0x1_0203)] {
                let bytes = encode_header(encoding, tag, vr, length).unwrap();
                let (short, long) = header_bytes(&bytes);
                let [a, b, c, d, rest @ ..] = short.unwrap();
                assert_eq!(encoding.tag([a, b, c, d]), tag);
                let header = Header::read(encoding, tag, rest, long).unwrap();
                let element = header.element(encoding, tag, 100);
                assert_eq!(element.length, Some(length));
                assert_eq!(element.value_at, 100 + u64::try_from(bytes.len()).unwrap());
                let size = u64::from(element.length_size);
                assert_eq!(element.length_at, element.value_at - size);
                let stated = if encoding.is_explicit() { vr } else { Vr::LO };
                assert_eq!(element.vr, stated);
            }
        }
    }

    #[test]
    fn a_header_that_is_none_or_is_cut_is_damage() {
        let read = |bytes: &[u8]| {
            let (short, long) = header_bytes(bytes);
            let [_, _, _, _, rest @ ..] = short?;
            Some(Header::read(Encoding::ExplicitLe, Tag(8, 8), rest, long).map(Header::length))
        };
        assert_eq!(read(b"\x08\0\x08\0CS\x02"), None);
        assert_eq!(read(b"\x08\0\x08\0??\x02\0"), Some(Err(Damage::NotAVr)));
        assert_eq!(
            read(b"\x08\0\x08\0OB\0\0\x02\0\0"),
            Some(Err(Damage::HeaderCut))
        );
        let undefined = b"\x08\0\x08\0OB\0\0\xFF\xFF\xFF\xFF";
        assert_eq!(read(undefined), Some(Ok(None)));
        assert_eq!(read(b"\x08\0\x08\0CS\xFF\xFF"), Some(Ok(Some(0xFFFF))));
    }

    #[test]
    fn a_value_too_long_for_a_short_header_is_not_encoded() {
        assert!(
            encode(
                Encoding::ExplicitLe,
                Tag(0x10, 0x20),
                Vr::LO,
                &vec![b'x'; 65_536]
            )
            .is_none()
        );
        assert!(
            encode(
                Encoding::ImplicitLe,
                Tag(0x10, 0x20),
                Vr::LO,
                &vec![b'x'; 65_536]
            )
            .is_some()
        );
    }
}
