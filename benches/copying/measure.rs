//! What one command costs. It is started by a copy of this program that does nothing else, so that what the system counts for
//! "all children" is that command alone, threads and children of its own included.

use std::ffi::OsString;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

/// The first argument of the copy.
pub const WORD: &str = "--measure";

/// What a command took.
#[derive(Clone, Copy, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Cost {
    /// Seconds on the clock.
    pub wall: f64,
    /// Seconds of a core, user and system.
    pub cpu: f64,
    /// Peak resident memory in MB (10^6 bytes).
    pub memory: f64,
    /// Bytes that its calls of `read` and the like gave it.
    pub read: u64,
    /// Exit code; -1 after a signal.
    pub code: i32,
}

/// What a command costs; it is an error when it ends with another code than these.
pub fn cost(command: &[OsString], codes: &[i32]) -> anyhow::Result<Cost> {
    let name = || {
        format!(
            "{}",
            command.join(OsString::from(" ").as_os_str()).display()
        )
    };
    // this program, even if cargo has built another one meanwhile
    let output = Command::new("/proc/self/exe")
        .arg(WORD)
        .args(command)
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "cannot be measured: {}", name());
    let cost: Cost = serde_json::from_slice(&output.stdout).with_context(name)?;
    ensure!(
        codes.contains(&cost.code),
        "ended with {}: {}",
        cost.code,
        name()
    );
    Ok(cost)
}

/// The copy's whole work: starts the command, waits, tells.
pub fn measure(command: &[OsString]) -> anyhow::Result<()> {
    let (program, args) = command.split_first().context("no command")?;
    let start = Instant::now();
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let id = Pid::from_raw(i32::try_from(child.id())?).context("no process")?;
    // it has ended and is still there: what it read can be asked for
    waitid(
        WaitId::Pid(id),
        WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
    )?;
    let wall = start.elapsed().as_secs_f64();
    let read = read_by(child.id())?;
    let status = child.wait()?;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    let cost = Cost {
        wall,
        cpu: std::time::Duration::from_micros(micros.try_into()?).as_secs_f64(),
        memory: f64::from(i32::try_from(usage.max_rss())?) * 1024.0 / 1e6,
        read,
        code: status.code().unwrap_or(-1),
    };
    serde_json::to_writer(std::io::stdout(), &cost)?;
    std::io::stdout().flush()?;
    Ok(())
}

/// `rchar` of proc(5): what `read` gave, from the page cache or not.
fn read_by(process: u32) -> anyhow::Result<u64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/io"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("rchar: "));
    Ok(line.context("/proc has no rchar")?.parse()?)
}
