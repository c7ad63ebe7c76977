//! Makes studies as a hospital exports them: several people, studies and series, real sizes, every instance with values of
//! its own. Same parameters, same bytes.
//!
//! Owns: which files there are and how they come to the disk. The files are written by the project's own small writer, which
//! does not know the library that is measured; it stands beside this module. All persons are invented.

#![allow(
    dead_code,
    reason = "several benches are built with this module, and none of them uses all of it"
)]
#![allow(
    clippy::format_push_string,
    reason = "the text of a header is made once for each file of a set"
)]

mod header;
mod people;
mod pixels;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use rayon::prelude::*;

use super::{dicom, media};
use dicom::{Element, Syntax, data_set, part10};
use header::Instance;
use pixels::Phantom;

/// What is wrong.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// What a study is made of.
#[derive(Clone, Copy, Debug)]
pub struct Study {
    /// Files, shared out evenly among the series.
    pub files: u32,
    pub patients: u32,
    /// Of each patient.
    pub studies: u32,
    /// Of each study.
    pub series: u32,
    pub rows: u16,
    pub columns: u16,
    /// Frames of one file; from 2 on an enhanced multi-frame CT with an item of functional groups for each.
    pub frames: u32,
    /// Without Pixel Data, whatever the rows and columns are.
    pub bare: bool,
    /// Data elements in private blocks.
    pub private: u32,
    /// Levels of codes inside codes.
    pub depth: u32,
    /// Items on each of these levels.
    pub on_level: u32,
    /// Further names and numbers of the patient in each file.
    pub identifiers: u32,
    /// How the pixels are stored.
    pub stored: Stored,
    /// Another number gives other people, dates, UIDs and noise.
    pub seed: u64,
}

/// How pixel data are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// As they are.
    Native,
    /// In a deflated data set.
    Deflated,
    /// A slide of small JPEG tiles, one fragment each; `frames` counts them.
    Tiles,
}

impl Study {
    /// A CT examination of half a megabyte a slice.
    pub const CT: Self = Self {
        files: 1000,
        patients: 4,
        studies: 2,
        series: 3,
        rows: 512,
        columns: 512,
        frames: 1,
        bare: false,
        private: 48,
        depth: 2,
        on_level: 1,
        identifiers: 0,
        stored: Stored::Native,
        seed: 1,
    };

    /// The same headers above small pictures: 10 KB a file.
    pub const SMALL: Self = Self {
        files: 5000,
        patients: 20,
        studies: 2,
        series: 5,
        rows: 52,
        columns: 52,
        ..Self::CT
    };

    /// The same with two files of each patient, as radiographs come.
    pub const PEOPLE: Self = Self {
        files: 4000,
        patients: 2000,
        studies: 1,
        series: 1,
        ..Self::SMALL
    };

    /// One enhanced CT of 1000 frames.
    pub const LARGE: Self = Self {
        files: 1,
        patients: 1,
        studies: 1,
        series: 1,
        frames: 1000,
        ..Self::CT
    };

    /// One deflated enhanced CT.
    pub const DEFLATED: Self = Self {
        rows: 256,
        columns: 256,
        frames: 100,
        stored: Stored::Deflated,
        ..Self::LARGE
    };

    /// One slide of 100,000 tiles.
    pub const TILES: Self = Self {
        rows: 16,
        columns: 16,
        frames: 100_000,
        stored: Stored::Tiles,
        ..Self::LARGE
    };

    fn all_series(&self) -> u32 {
        self.patients * self.studies * self.series
    }

    /// Where a file stands in the study, from 0.
    fn place(&self, file: u32) -> Place {
        let all = u64::from(self.all_series());
        let files = u64::from(self.files.max(1));
        let series = u64::from(file) * all / files;
        let first = (series * files).div_ceil(all);
        let number = u64::from(file) - first;
        let narrow = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        let of_study = narrow(series) / self.series;
        Place {
            patient: of_study / self.studies,
            study: of_study % self.studies,
            series: narrow(series) % self.series,
            number: narrow(number),
        }
    }

    /// Writes all files into a new folder; the bytes of the whole.
    pub fn write(&self, folder: &Path) -> Result<u64, Error> {
        let phantom = Phantom::new(self.rows, self.columns, self.seed);
        let sizes: Result<Vec<u64>, Error> = (0..self.files)
            .into_par_iter()
            .map(|file| self.write_one(folder, file, &phantom))
            .collect();
        Ok(sizes?.iter().sum())
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "these are the inputs of a bench, not outputs of a run"
    )]
    fn write_one(&self, folder: &Path, file: u32, phantom: &Phantom) -> Result<u64, Error> {
        let path = folder.join(self.place(file).path());
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut out = BufWriter::with_capacity(1 << 20, File::create(&path)?);
        self.put(file, phantom, &mut out)?;
        out.flush()?;
        Ok(path.metadata()?.len())
    }

    /// The bytes of one file.
    pub fn bytes(&self, file: u32) -> Result<Vec<u8>, Error> {
        let mut out = Vec::new();
        self.put(
            file,
            &Phantom::new(self.rows, self.columns, self.seed),
            &mut out,
        )?;
        Ok(out)
    }

    /// The bytes of one file in front of its pixels.
    pub fn header(&self, file: u32) -> Result<Vec<u8>, Error> {
        Self {
            bare: true,
            ..*self
        }
        .bytes(file)
    }

    fn put(&self, file: u32, phantom: &Phantom, out: &mut impl Write) -> Result<(), Error> {
        let place = self.place(file);
        let instance = Instance::new(self, place);
        let texts = instance.texts();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut elements = data_set(&texts).map_err(said)?;
        let turn = file.wrapping_mul(97);
        let frames = (0..self.frames).map(|frame| phantom.frame(turn.wrapping_add(frame * 31)));
        let syntax = match self.stored {
            Stored::Native => Syntax::Explicit,
            Stored::Deflated => Syntax::Deflated,
            Stored::Tiles => Syntax::Jpeg,
        };
        let is_streamed = !self.bare && self.stored == Stored::Native;
        match self.stored {
            _ if self.bare => {}
            Stored::Native => {}
            Stored::Deflated => {
                elements.push(Element::bytes(
                    pixels::TAG,
                    "OW",
                    frames.clone().flatten().collect(),
                ));
            }
            Stored::Tiles => {
                let tiles: Result<_, _> = (0..self.frames).map(pixels::tile).collect();
                elements.push(Element::fragments(tiles.map_err(said)?));
            }
        }
        out.write_all(&part10("", header::META, &elements, syntax).map_err(said)?)?;
        if is_streamed {
            let frame = u32::from(self.rows) * u32::from(self.columns) * 2;
            out.write_all(&pixels::native_header(frame * self.frames))?;
            for frame in frames {
                out.write_all(&frame)?;
            }
        }
        Ok(())
    }
}

/// What the writer says, for threads.
#[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
fn said(e: dicom::Error) -> Error {
    e.to_string().into()
}

/// Where a file stands: numbers from 0, each within the one before.
#[derive(Clone, Copy)]
pub struct Place {
    pub patient: u32,
    pub study: u32,
    pub series: u32,
    pub number: u32,
}

impl Place {
    fn path(self) -> String {
        let Self {
            patient,
            study,
            series,
            number,
        } = self;
        format!("PAT{patient:04}/ST{study:02}/SE{series:03}/IM{number:06}.dcm")
    }
}
