//! Profiles: any text is a profile or is refused with a place, and what it compiles to plans a file.

use dcmscrub::dicom::source::BytesSource;
use dcmscrub::identity::key::Key;
use dcmscrub::identity::pseudonym::Pseudonyms;
use dcmscrub::plan::{Detail, Engine};
use dcmscrub::profile::{Overrides, load_text};

use super::drawn::file_of;
use super::in_common::LIMITS;

/// Compiles the bytes as a profile and plans a file by it.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let lines = text.lines().count().max(1);
    match load_text("fuzz.toml", text, &Overrides::default()) {
        Ok(rules) => {
            let twice = load_text("fuzz.toml", text, &Overrides::default())
                .expect("it was compiled before");
            assert_eq!(
                rules.fingerprint(),
                twice.fingerprint(),
                "a profile has two fingerprints"
            );
            let engine = Engine::new(
                rules,
                Pseudonyms::new(&Key::from_bytes([7; 32]), ""),
                LIMITS,
            );
            drop(engine.plan(&BytesSource(file_of(b"a file for profiles")), Detail::Steps));
        }
        Err(errors) => {
            assert!(!errors.0.is_empty(), "refused without a reason");
            for error in &errors.0 {
                assert!(error.line <= lines + 1, "an error behind the end");
                assert!(!error.to_string().is_empty());
            }
        }
    }
}
