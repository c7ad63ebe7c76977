//! The private list: which input became which output. For the owner only, never inside the output folder.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;

use super::Outcome;
use crate::batch::destination::LINKS_HEADER;

/// Writes the list as CSV.
pub struct Links(csv::Writer<std::fs::File>);

impl Links {
    /// Makes the file (mode 0600) with its header, in place of an earlier list, which the caller has made sure of.
    ///
    /// # Errors
    /// Those of making and writing the file.
    pub fn create(path: &Path) -> io::Result<Self> {
        match std::fs::remove_file(path) {
            Ok(()) => {}
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(e),
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        let file = options.open(path)?;
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        let mut writer = csv::Writer::from_writer(file);
        writer.write_record(LINKS_HEADER.split(','))?;
        // the list of a killed run is known as one, and the same command may replace it
        writer.flush()?;
        Ok(Self(writer))
    }

    /// Adds one line; paths are absolute and keep their bytes.
    ///
    /// # Errors
    /// Those of writing.
    pub fn add(&mut self, outcome: &Outcome) -> io::Result<()> {
        let absolute = |path: &Path| std::path::absolute(path);
        let input = absolute(&outcome.input)?;
        let output = match &outcome.output {
            Some(path) => absolute(path)?.into_os_string(),
            None => std::ffi::OsString::new(),
        };
        let fields = [
            input.as_os_str().as_encoded_bytes(),
            output.as_encoded_bytes(),
            outcome.bucket.name().as_bytes(),
            outcome.reason.as_bytes(),
        ];
        Ok(self.0.write_record(fields)?)
    }

    /// Ends the list.
    ///
    /// # Errors
    /// Those of writing.
    pub fn finish(mut self) -> io::Result<()> {
        self.0.flush()?;
        self.0.get_ref().sync_all()
    }
}
