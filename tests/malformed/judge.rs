//! Runs a tool on a case in a process of its own, and judges what it did.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use dcmscrub::dicom::inflate::InflatedSource;
use dcmscrub::dicom::source::{BytesSource, ReadAt};
use dcmscrub::dicom::walk::Walker;
use dcmscrub::dicom::{Limits, part10};
use tempfile::TempDir;

use super::case::{Canary, Case, Expect, Kind};

/// The most time that a case may take, in a debug build on a busy machine.
const LONGEST: Duration = Duration::from_secs(20);
/// The most address space of a run, in KiB.
const MOST_MEMORY: &str = "262144";

/// Makes the command that cleans an input into a folder.
pub type Tool<'t> = dyn Fn(&Path, &Path) -> Command + Sync + 't;

/// What a run left behind.
pub struct Ran {
    /// None: it was ended because it took too long.
    status: Option<ExitStatus>,
    messages: Vec<u8>,
    /// Every file below the output folder.
    files: Vec<(PathBuf, Vec<u8>)>,
}

/// The built program, with its memory bounded where a shell can bound it.
pub fn dcmscrub(profile: &'static str) -> impl Fn(&Path, &Path) -> Command + Sync {
    move |input, out| {
        let program = env!("CARGO_BIN_EXE_dcmscrub");
        let mut command = if cfg!(target_os = "linux") {
            let mut command = Command::new("sh");
            let bounded = format!("ulimit -v {MOST_MEMORY}; exec \"$0\" \"$@\"");
            command.arg("-c").arg(bounded).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.env_remove("DCMSCRUB_KEY_FILE");
        command.arg("clean").arg(input).arg("-o").arg(out);
        command.args(["-j", "1", "-p", profile]);
        command
    }
}

/// Runs the tool on a case in a folder of its own.
pub fn run(case: &Case, tool: &Tool) -> Ran {
    let folder = TempDir::new().unwrap();
    let (input, out) = (folder.path().join("in"), folder.path().join("out"));
    for (name, bytes) in &case.files {
        let path = input.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let input = match case.files.as_slice() {
        [(name, _)] if is_archive(name) => input.join(name),
        _ => input,
    };
    let said = folder.path().join("said");
    let both = File::create(&said).unwrap();
    let mut command = tool(&input, &out);
    command
        .stdin(Stdio::null())
        .stdout(both.try_clone().unwrap())
        .stderr(both);
    let status = within_time(&mut command);
    Ran {
        status,
        messages: fs::read(&said).unwrap(),
        files: tree(&out),
    }
}

pub fn is_archive(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|e| e == "zip")
}

fn within_time(command: &mut Command) -> Option<ExitStatus> {
    let started = Instant::now();
    let mut child = command.spawn().unwrap();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        if started.elapsed() > LONGEST {
            child.kill().unwrap();
            child.wait().unwrap();
            return None;
        }
        std::thread::sleep(Duration::from_millis(4));
    }
}

fn tree(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    if folder.exists() {
        crate::clean::tree(folder)
    } else {
        Vec::new()
    }
}

impl Ran {
    fn instances(&self) -> impl Iterator<Item = &(PathBuf, Vec<u8>)> {
        self.files
            .iter()
            .filter(|(path, _)| path.starts_with("clean") || path.starts_with("review"))
    }

    fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }

    fn ending(&self) -> String {
        self.status
            .map_or_else(|| "ended by us".to_owned(), |status| status.to_string())
    }
}

/// What is wrong with a run, each as a sentence of a few words; none where all is right.
pub fn faults(case: &Case, ran: &Ran, judged: impl Fn(&Canary) -> bool) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |holds: bool, what: &str| {
        if holds {
            faults.push(what.to_owned());
        }
    };
    let code = ran.status.and_then(|status| status.code());
    let panicked = contains(&ran.messages, b"panicked");
    fault(
        ran.status.is_some() && (code.is_none() || panicked)
            || code.is_some_and(|code| [70, 101, 134, 139].contains(&code)),
        "crash",
    );
    fault(ran.status.is_none(), "hang");
    let (succeeded, written) = (ran.succeeded(), ran.instances().next().is_some());
    match case.expect {
        Expect::Clean => fault(!succeeded || !written, "refused what is to be cleaned"),
        Expect::Refuse => fault(succeeded || written, "accepted what is to be refused"),
        Expect::Either | Expect::Mixed => {}
    }
    let partial = !succeeded && written && case.expect != Expect::Mixed;
    fault(partial, "failed, and wrote something all the same");
    fault(succeeded && !written, "done without an output");
    let is_temporary = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        dcmscrub::batch::writer::is_temporary(&name)
    };
    let temporary = ran.files.iter().any(|(path, _)| is_temporary(path));
    fault(temporary, "a temporary file is left");
    let was_read =
        case.expect == Expect::Clean && case.files.iter().all(|(_, bytes)| another_reads(bytes));
    let unreadable = ran
        .instances()
        .any(|(_, bytes)| !parses(bytes) || was_read && !another_reads(bytes));
    fault(unreadable, "an output cannot be read");
    let judged: Vec<&Canary> = case.canaries.iter().filter(|c| judged(c)).collect();
    let (mut leaked, rest) = (leaks(&judged, &blob_of(ran, false)), judged.iter());
    let rest: Vec<&Canary> = rest.copied().filter(|c| c.kind != Kind::Pixels).collect();
    leaked.extend(leaks(&rest, &blob_of(ran, true)));
    for canary in leaked {
        faults.push(format!("leak of {} ({})", canary.place, canary.token));
    }
    for canary in leaks(&judged, &ran.messages) {
        faults.push(format!("{} in a message", canary.place));
    }
    if !faults.is_empty() {
        let said = String::from_utf8_lossy(&ran.messages);
        faults.push(format!("{}: {}", ran.ending(), last_line(&said)));
    }
    faults
}

fn last_line(said: &str) -> &str {
    let mut lines = said.lines().filter(|line| line.contains("case"));
    lines.next().unwrap_or_default().trim()
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    memchr::memmem::find(bytes, what).is_some()
}

/// Names, contents and inflated contents of the files that were held back, or of all others.
fn blob_of(ran: &Ran, held: bool) -> Vec<u8> {
    let mut blob = Vec::new();
    let files = ran.files.iter();
    for (path, bytes) in files.filter(|(path, _)| path.starts_with("review") == held) {
        blob.extend(path.as_os_str().as_encoded_bytes());
        blob.push(b'\n');
        blob.extend(bytes);
        blob.extend(inflated(bytes).unwrap_or_default());
    }
    blob
}

fn leaks<'c>(canaries: &[&'c Canary], blob: &[u8]) -> Vec<&'c Canary> {
    let lower = blob.to_ascii_lowercase();
    let is_in = |canary: &&&Canary| {
        let folded = folded_forms(&canary.token);
        folded.iter().any(|form| contains(&lower, form))
            || base64_forms(canary.token.as_bytes())
                .iter()
                .any(|form| contains(blob, form))
    };
    canaries.iter().filter(is_in).copied().collect()
}

/// A token in lower case: as it is, as UTF-16 of either order, in hexadecimal digits.
fn folded_forms(token: &str) -> Vec<Vec<u8>> {
    let lower = token.to_ascii_lowercase();
    let utf16: Vec<u16> = lower.encode_utf16().collect();
    let hex = |text: &str| text.bytes().map(|b| format!("{b:02x}")).collect::<String>();
    vec![
        lower.clone().into_bytes(),
        utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
        utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
        hex(token).into_bytes(),
        hex(&lower).into_bytes(),
    ]
}

/// The characters that a token gives in base64 (RFC 4648) wherever it begins in its group of three bytes.
fn base64_forms(token: &[u8]) -> Vec<Vec<u8>> {
    (0..3usize)
        .map(|shift| {
            let whole = base64(&[&vec![0; shift], token].concat());
            let from = (shift * 8).div_ceil(6);
            let to = (shift + token.len()) * 8 / 6;
            whole[from..to].to_vec()
        })
        .collect()
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |three: &[u8]| {
        let at = |n: usize| usize::from(three.get(n).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        [18, 12, 6, 0].map(|shift| DIGITS[bits >> shift & 63])
    };
    bytes.chunks(3).flat_map(group).collect()
}

/// The data set of a deflated file, as far as it inflates.
fn inflated(bytes: &[u8]) -> Option<Vec<u8>> {
    let syntax = super::bytes::DEFLATED.as_bytes();
    let at = memchr::memmem::find(bytes.get(..1024.min(bytes.len()))?, syntax)?;
    let stated = bytes.get(140..144)?.first_chunk::<4>()?;
    let start = 144 + usize::try_from(u32::from_le_bytes(*stated)).unwrap();
    let deflated = bytes.get(start..).filter(|_| at < start)?;
    let mut out = Vec::new();
    match flate2::read::DeflateDecoder::new(deflated).read_to_end(&mut out) {
        Ok(_) | Err(_) => Some(out),
    }
}

/// The walk of the library comes to the end.
pub fn parses(bytes: &[u8]) -> bool {
    fn walk(source: &dyn ReadAt, opened: &part10::Part10, at: u64) -> bool {
        let mut walker = Walker::new(source, opened.encoding, at, Limits::default());
        loop {
            match walker.next_event() {
                Ok(Some(_)) => {}
                Ok(None) => return true,
                Err(_) => return false,
            }
        }
    }
    let (source, limits) = (BytesSource(bytes), Limits::default());
    let Ok(opened) = part10::open(&source, &limits) else {
        return false;
    };
    if !opened.deflated {
        return walk(&source, &opened, opened.data_set_at);
    }
    match InflatedSource::new(&source, opened.data_set_at, &limits) {
        Ok(inflated) => walk(&inflated, &opened, 0),
        Err(_) => false,
    }
}

/// Another reader opens it; it is built without deflate.
pub fn another_reads(bytes: &[u8]) -> bool {
    contains(
        &bytes[..bytes.len().min(1024)],
        super::bytes::DEFLATED.as_bytes(),
    ) || dicom_object::from_reader(bytes).is_ok()
}

#[test]
fn a_canary_is_found_in_every_form() {
    let canary = Canary {
        token: "VEXQ0000000Z".to_owned(),
        place: "here",
        kind: Kind::Person,
    };
    let found = |blob: &[u8]| !leaks(&[&canary], blob).is_empty();
    assert!(found(b"..vexq0000000z.."));
    assert!(!found(b"..vexq0000001z.."));
    assert!(found(&folded_forms("VEXQ0000000Z").concat()));
    for text in [
        "VEXQ0000000Z",
        "aVEXQ0000000Zb",
        "abVEXQ0000000Zc",
        "abcVEXQ0000000Z",
    ] {
        assert!(found(&base64(text.as_bytes())), "{text}");
    }
}
