//! Writes the DICOM file that a find of the target `drawn` stands for: `cargo run --example draw -- FIND FILE`.

use dcmscrub_fuzz::drawn::file_of;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(find), Some(file)) = (arguments.next(), arguments.next()) else {
        return Err(std::io::Error::other("usage: draw FIND FILE"));
    };
    std::fs::write(file, file_of(&std::fs::read(find)?))
}
