//! Pictures: a smooth phantom with noise, so that they do not shrink to nothing, and small JPEG tiles.

use super::dicom::Error;
use super::media::jpeg;
use super::people::mixed;

/// (7FE0,0010) Pixel Data.
pub const TAG: u32 = 0x7FE0_0010;

/// Noise goes on behind one picture, so that each begins at another place in it.
const SPARE: usize = 4096;

/// What all pictures of a study are made of.
pub struct Phantom {
    smooth: Vec<u16>,
    noise: Vec<u16>,
}

impl Phantom {
    pub fn new(rows: u16, columns: u16, seed: u64) -> Self {
        let (height, width) = (i64::from(rows), i64::from(columns));
        let inside = |x: i64, y: i64| {
            let (across, down) = (
                (2 * x - width) * 1000 / width,
                (2 * y - height) * 1000 / height,
            );
            across * across + down * down < 640_000
        };
        let smooth: Vec<u16> = (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .map(|(x, y)| if inside(x, y) { 1060 } else { 120 })
            .collect();
        let noise = (0..smooth.len() + SPARE)
            .map(|n| u16::try_from(mixed(seed, u64::try_from(n).unwrap_or(0)) % 120).unwrap_or(0))
            .collect();
        Self { smooth, noise }
    }

    /// The bytes of one picture, 16 bit, little endian.
    pub fn frame(&self, turn: u32) -> Vec<u8> {
        let from = usize::try_from(turn).unwrap_or(0) % SPARE;
        let noise = self.noise.iter().skip(from);
        self.smooth
            .iter()
            .zip(noise)
            .flat_map(|(smooth, noise)| (smooth + noise).to_le_bytes())
            .collect()
    }
}

/// Tag, VR and length of Pixel Data whose value follows (PS3.5 7.1.2).
pub fn native_header(length: u32) -> Vec<u8> {
    let mut out = vec![0xE0, 0x7F, 0x10, 0x00, b'O', b'W', 0, 0];
    out.extend(length.to_le_bytes());
    out
}

/// One tile of a slide, with the segments that a scanner's software leaves in each.
pub fn tile(number: u32) -> Result<Vec<u8>, Error> {
    jpeg(2, "scanner 4", &format!("tile {number}"), "")
}
