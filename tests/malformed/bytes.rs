//! Builds DICOM files a byte at a time, right ones and wrong ones: nothing here minds whether a length is true.
//!
//! It knows nothing of the dcmscrub library on purpose: what judges a reader must not be made of that reader.

use std::io::Write;

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use flate2::Compression;
use flate2::write::DeflateEncoder;

pub const IMPLICIT: &str = "1.2.840.10008.1.2";
pub const EXPLICIT: &str = "1.2.840.10008.1.2.1";
pub const BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";
pub const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
pub const JPEG: &str = "1.2.840.10008.1.2.4.50";
pub const JPEG_LS: &str = "1.2.840.10008.1.2.4.80";
pub const JPEG_2000: &str = "1.2.840.10008.1.2.4.90";
pub const MPEG_2: &str = "1.2.840.10008.1.2.4.100";
pub const MPEG_4: &str = "1.2.840.10008.1.2.4.102";
pub const JPEG_XL: &str = "1.2.840.10008.1.2.4.110";
pub const HTJ2K: &str = "1.2.840.10008.1.2.4.201";
pub const RLE: &str = "1.2.840.10008.1.2.5";

pub const CT_IMAGE: &str = "1.2.840.10008.5.1.4.1.1.2";

pub const UNDEFINED: u32 = u32::MAX;
pub const ITEM: Tag = Tag(0xFFFE, 0xE000);
pub const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
pub const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);

const LONG_HEADERS: [&str; 13] = [
    "OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV",
];

/// How data elements are encoded (PS3.5 section 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Explicit,
    Implicit,
    Big,
}

/// Explicit VR Little Endian, the form of most cases.
pub const LE: Form = Form::Explicit;

impl Form {
    pub fn syntax(self) -> &'static str {
        match self {
            Self::Explicit => EXPLICIT,
            Self::Implicit => IMPLICIT,
            Self::Big => BIG_ENDIAN,
        }
    }

    pub fn short(self, n: u16) -> Vec<u8> {
        if self == Self::Big {
            n.to_be_bytes().to_vec()
        } else {
            n.to_le_bytes().to_vec()
        }
    }

    pub fn long(self, n: u32) -> Vec<u8> {
        if self == Self::Big {
            n.to_be_bytes().to_vec()
        } else {
            n.to_le_bytes().to_vec()
        }
    }

    fn tag(self, tag: Tag) -> Vec<u8> {
        [self.short(tag.group()), self.short(tag.element())].concat()
    }

    /// A data element whose value is padded as its VR asks.
    pub fn element(self, tag: Tag, vr: &str, value: impl AsRef<[u8]>) -> Vec<u8> {
        let value = padded(value.as_ref(), vr);
        self.declared(tag, vr, &value, length(&value))
    }

    /// A data element that says of its value that it has this length; the value stands as it is.
    pub fn declared(self, tag: Tag, vr: &str, value: impl AsRef<[u8]>, length: u32) -> Vec<u8> {
        let mut out = self.tag(tag);
        if self == Self::Implicit {
            out.extend(self.long(length));
        } else if LONG_HEADERS.contains(&vr) {
            out.extend(vr.as_bytes());
            out.extend([0, 0]);
            out.extend(self.long(length));
        } else {
            out.extend(vr.as_bytes());
            out.extend(self.short(u16::try_from(length).unwrap_or(u16::MAX)));
        }
        out.extend(value.as_ref());
        out
    }

    /// An item or a delimiter: a tag and a length, without VR in every form.
    pub fn marker(self, tag: Tag, length: u32) -> Vec<u8> {
        [self.tag(tag), self.long(length)].concat()
    }

    /// An item of defined length.
    pub fn item(self, content: impl AsRef<[u8]>) -> Vec<u8> {
        let content = content.as_ref();
        [self.marker(ITEM, length(content)), content.to_vec()].concat()
    }

    /// An item of undefined length with its delimiter.
    pub fn open_item(self, content: impl AsRef<[u8]>) -> Vec<u8> {
        [
            self.marker(ITEM, UNDEFINED),
            content.as_ref().to_vec(),
            self.marker(ITEM_END, 0),
        ]
        .concat()
    }

    /// A sequence of undefined length: each content becomes an item of undefined length.
    pub fn sequence(self, tag: Tag, contents: &[Vec<u8>]) -> Vec<u8> {
        let mut value: Vec<u8> = contents
            .iter()
            .flat_map(|content| self.open_item(content))
            .collect();
        value.extend(self.marker(SEQUENCE_END, 0));
        self.declared(tag, "SQ", value, UNDEFINED)
    }

    /// A sequence of defined length with items of defined length.
    pub fn defined_sequence(self, tag: Tag, contents: &[Vec<u8>]) -> Vec<u8> {
        let value: Vec<u8> = contents
            .iter()
            .flat_map(|content| self.item(content))
            .collect();
        self.declared(tag, "SQ", &value, length(&value))
    }
}

pub fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap()
}

fn padded(value: &[u8], vr: &str) -> Vec<u8> {
    let mut value = value.to_vec();
    if value.len() % 2 == 1 {
        value.push(if matches!(vr, "UI" | "OB" | "OW" | "UN") {
            0
        } else {
            b' '
        });
    }
    value
}

/// Encapsulated Pixel Data: an offset table, the fragments, the end.
pub fn encapsulated(offsets: &[u8], fragments: &[Vec<u8>]) -> Vec<u8> {
    let mut value = LE.item(offsets);
    for fragment in fragments {
        value.extend(LE.item(padded(fragment, "OB")));
    }
    value.extend(LE.marker(SEQUENCE_END, 0));
    LE.declared(tags::PIXEL_DATA, "OB", value, UNDEFINED)
}

pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut out = DeflateEncoder::new(Vec::new(), Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// Data elements in the order of their tags, each written already.
#[derive(Clone)]
pub struct DataSet {
    pub form: Form,
    elements: Vec<(Tag, Vec<u8>)>,
}

impl DataSet {
    pub fn new(form: Form) -> Self {
        Self {
            form,
            elements: Vec::new(),
        }
    }

    /// With a data element, in place of one of the same tag.
    pub fn with(self, tag: Tag, vr: &str, value: impl AsRef<[u8]>) -> Self {
        let element = self.form.element(tag, vr, value);
        self.raw(tag, element)
    }

    pub fn number(self, tag: Tag, n: u16) -> Self {
        let value = self.form.short(n);
        self.with(tag, "US", value)
    }

    /// With a sequence of one item that holds one data element.
    pub fn nested(self, sequence: Tag, tag: Tag, vr: &str, value: impl AsRef<[u8]>) -> Self {
        let inner = self.form.element(tag, vr, value);
        let bytes = self.form.sequence(sequence, &[inner]);
        self.raw(sequence, bytes)
    }

    /// With these bytes where the tag stands, in place of one of the same tag.
    pub fn raw(self, tag: Tag, bytes: Vec<u8>) -> Self {
        self.without(tag).also(tag, bytes)
    }

    /// With these bytes behind what stands under the tag.
    pub fn also(mut self, tag: Tag, bytes: Vec<u8>) -> Self {
        self.elements.push((tag, bytes));
        self
    }

    pub fn without(mut self, tag: Tag) -> Self {
        self.elements.retain(|(other, _)| *other != tag);
        self
    }

    /// The data elements, sorted by tag.
    pub fn bytes(&self) -> Vec<u8> {
        let mut elements = self.elements.clone();
        elements.sort_by_key(|(tag, _)| *tag);
        elements.into_iter().flat_map(|(_, bytes)| bytes).collect()
    }

    /// The data elements in the order of their tags turned round.
    pub fn reversed(&self) -> Vec<u8> {
        let mut elements = self.elements.clone();
        elements.sort_by_key(|(tag, _)| std::cmp::Reverse(*tag));
        elements.into_iter().flat_map(|(_, bytes)| bytes).collect()
    }

    /// A file of PS3.10 in the transfer syntax of the form.
    pub fn file(&self) -> Vec<u8> {
        self.file_in(self.form.syntax())
    }

    /// A file that states another transfer syntax.
    pub fn file_in(&self, syntax: &str) -> Vec<u8> {
        part10(&meta(syntax), &self.bytes())
    }

    /// A deflated file.
    pub fn deflated(&self) -> Vec<u8> {
        part10(&meta(DEFLATED), &padded(&deflate(&self.bytes()), "OB"))
    }

    /// A file with these encapsulated fragments as its Pixel Data.
    pub fn encapsulated(self, syntax: &str, fragments: &[Vec<u8>]) -> Vec<u8> {
        self.raw(tags::PIXEL_DATA, encapsulated(b"", fragments))
            .file_in(syntax)
    }
}

/// File Meta Information without its group length.
pub fn meta_elements(syntax: &str) -> DataSet {
    DataSet::new(LE)
        .with(tags::FILE_META_INFORMATION_VERSION, "OB", [0, 1])
        .with(tags::MEDIA_STORAGE_SOP_CLASS_UID, "UI", CT_IMAGE)
        .with(tags::MEDIA_STORAGE_SOP_INSTANCE_UID, "UI", "2.999.7.1")
        .with(tags::TRANSFER_SYNTAX_UID, "UI", syntax)
        .with(tags::IMPLEMENTATION_CLASS_UID, "UI", "2.999.7.2")
}

/// These elements of group 0002 behind a group length that is true.
pub fn meta_of(elements: &DataSet) -> Vec<u8> {
    let bytes = elements.bytes();
    meta_with_length(&bytes, length(&bytes))
}

pub fn meta_with_length(elements: &[u8], stated: u32) -> Vec<u8> {
    let head = LE.element(
        tags::FILE_META_INFORMATION_GROUP_LENGTH,
        "UL",
        stated.to_le_bytes(),
    );
    [head, elements.to_vec()].concat()
}

pub fn meta(syntax: &str) -> Vec<u8> {
    meta_of(&meta_elements(syntax))
}

/// Preamble, prefix, File Meta Information, data set.
pub fn part10(meta: &[u8], data_set: &[u8]) -> Vec<u8> {
    behind_preamble(b"", meta, data_set)
}

/// The same with a text in the preamble.
pub fn behind_preamble(preamble: &[u8], meta: &[u8], data_set: &[u8]) -> Vec<u8> {
    let mut out = preamble.to_vec();
    out.resize(128, 0);
    out.extend(b"DICM");
    out.extend(meta);
    out.extend(data_set);
    out
}
