//! Key files and lists of pseudonyms: any bytes are read or refused, and a refusal shows nothing of them.

use dcmscrub::identity::key::Key;
use dcmscrub::identity::map::PatientMap;

/// Reads the bytes as a key file and as a list of pseudonyms.
pub fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match Key::parse(&text) {
        Ok(key) => {
            let id = key.id();
            assert_eq!(id.len(), 16);
            assert!(!text.contains(&id), "the name of a key is in the key");
            assert!(!format!("{key:?}").contains(text.trim()), "a key is shown");
        }
        Err(e) => shows_nothing(&text, &format!("{e} {e:?} {}", e.hint())),
    }
    match PatientMap::read(bytes) {
        Ok(map) => assert!(map.len() <= bytes.len()),
        Err(faults) => {
            assert!(!faults.is_empty());
            for fault in faults {
                shows_nothing(&text, &format!("{} {}", fault.fault, fault.fault.hint()));
            }
        }
    }
}

/// No word of eight characters and more with a digit in it is in both.
fn shows_nothing(text: &str, said: &str) {
    for word in text.split(|c: char| !c.is_ascii_alphanumeric()) {
        let tells = word.len() >= 8 && word.bytes().any(|byte| byte.is_ascii_digit());
        assert!(
            !(tells && said.contains(word)),
            "a refusal shows what it refuses"
        );
    }
}
