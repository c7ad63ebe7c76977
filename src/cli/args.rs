//! The command line. Doc comments here are the help texts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Removes the identity of people from DICOM files. The input is never changed.
#[derive(Debug, Parser)]
#[command(name = "dcmscrub", version = VERSION, args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub clean: Clean,
}

/// Version of the program and edition of the standard.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (DICOM PS3.15 2026d)");

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Clean files, folders and .zip archives, or - (stdin to stdout)
    Clean(Clean),
    /// Show what would happen to every data element of a file; writes nothing
    Plan(Plan),
    /// A gate: does anything here still identify somebody?
    Check(Check),
    /// What differs between two files, data element by data element, or between two folders file by file
    Diff(Diff),
    /// What a profile does with an attribute, what an option, a reason or a rule of `check` means, and why
    Explain(Explain),
    /// Make a key file, or show a key's name
    #[command(subcommand)]
    Key(Key),
    /// Show profiles, and what they do
    #[command(subcommand)]
    Profile(Profile),
    /// The pseudonym of a known identifier, for whoever holds the key
    Lookup(Lookup),
    /// Read a finished output again, with another reader: files, marks, UIDs, the disc index, reports, and against its inputs
    Verify(Verify),
    /// List what was held back and why, and release it after a person has looked
    Review(Review),
    /// One report from the reports of several shards
    #[command(subcommand)]
    Report(Report),
    /// Print what a shell needs to complete commands and options
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the manual pages, one a command
    Man {
        /// Folder for the pages
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub enum Profile {
    /// The profiles that are built in, what each is for, and its options
    List {
        /// Form of the list on stdout
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Show a profile
    Show {
        /// A built-in name or a .toml file
        name: String,
        /// The conformance statement of PS3.15 E.1.3
        #[arg(long)]
        conformance: bool,
        /// Add an option of PS3.15
        #[arg(long = "option", value_name = "NAME")]
        options: Vec<String>,
        /// Text as it is written, or one object of all that it comes to
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Read a profile and say what is wrong with it
    Check {
        /// A .toml file
        file: String,
        /// Form of what is wrong: text on stderr, JSON Lines on stdout
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Write a profile to start from
    New {
        /// Where to write it; an existing file is never written over
        file: PathBuf,
        /// A built-in name, or a .toml file seen from the folder of the new one
        #[arg(long, value_name = "NAME|FILE", default_value = "basic")]
        extends: String,
    },
}

#[derive(Debug, Args)]
pub struct Lookup {
    /// Patient IDs, or other values with --of; without any they are read from stdin, one a line
    pub values: Vec<String>,
    /// Issuer of Patient ID
    #[arg(
        long,
        default_value = "",
        value_name = "NAME",
        hide_default_value = true
    )]
    pub issuer: String,
    /// Of what: patient-id, uid, or the keyword of an attribute with the action `hash`
    #[arg(long, default_value = "patient-id", value_name = "WHAT")]
    pub of: String,
    /// Key file
    #[arg(long, value_name = "FILE", env = "DCMSCRUB_KEY_FILE")]
    pub key_file: PathBuf,
    /// Project
    #[arg(
        long,
        default_value = "",
        value_name = "NAME",
        hide_default_value = true
    )]
    pub project: String,
    /// List of pseudonyms that the runs used
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,
}

/// With what a finished run made its pseudonyms and sealed its journal.
#[derive(Debug, Args)]
pub struct Keyed {
    /// Key file of the run, where one was used: its journal is sealed with it
    #[arg(long, value_name = "FILE", env = "DCMSCRUB_KEY_FILE")]
    pub key_file: Option<PathBuf>,
    /// Project of the run
    #[arg(
        long,
        default_value = "",
        value_name = "NAME",
        hide_default_value = true
    )]
    pub project: String,
}

/// What a finished run was asked for, where its journal does not tell enough to know its profile.
#[derive(Debug, Args)]
#[command(
    mut_arg("options", |arg| arg.help("An option that was added to the profile")),
    mut_arg("keep", |arg| arg.help("An attribute that was kept by --keep")),
    mut_arg("remove", |arg| arg.help("An attribute that was removed by --remove")),
    mut_arg("empty", |arg| arg.help("An attribute that was emptied by --empty")),
    mut_arg("hash", |arg| arg.help("An attribute that got a pseudonym by --hash")),
    mut_arg("set", |arg| arg.help("An attribute that was set by --set"))
)]
pub struct Ran {
    /// Profile of the run: needed for a .toml file, a built-in name is in the journal
    #[arg(short, long, value_name = "NAME|FILE")]
    pub profile: Option<String>,
    #[command(flatten)]
    pub changes: Changes,
}

#[derive(Debug, Args)]
pub struct Verify {
    /// An output folder
    pub out: PathBuf,
    /// Compare with the inputs of the run: a file, a folder or a .zip archive
    #[arg(long, value_name = "IN", requires = "links")]
    pub against: Vec<PathBuf>,
    /// The private list of inputs and outputs that the run wrote
    #[arg(long, value_name = "FILE", requires = "against")]
    pub links: Vec<PathBuf>,
    #[command(flatten)]
    pub ran: Ran,
    #[command(flatten)]
    pub keyed: Keyed,
    /// Worker threads; all cores without it
    #[arg(short = 'j', value_name = "N")]
    pub workers: Option<std::num::NonZeroUsize>,
    /// Form of the findings on stdout
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub struct Check {
    /// Files, folders and .zip archives; what .gitignore leaves out is passed over
    #[arg(required_unless_present_any = ["files_from", "staged"], conflicts_with = "staged")]
    pub paths: Vec<PathBuf>,
    /// Take further paths from a list, one a line; - is stdin
    #[arg(long, value_name = "FILE", conflicts_with = "staged")]
    pub files_from: Option<PathBuf>,
    /// The list has a NUL behind each path
    #[arg(short = '0', requires = "files_from")]
    pub nul: bool,
    /// Look at what is staged in git, as a hook before a commit does
    #[arg(long)]
    pub staged: bool,
    /// Look at everything, whatever .gitignore says
    #[arg(long)]
    pub no_ignore: bool,
    /// No DICOM file at all is no failure, as for a hook that is given what was changed
    #[arg(long)]
    pub allow_none: bool,
    /// Form of the findings on stdout
    #[arg(long, value_enum, default_value = "text")]
    pub format: CheckFormat,
    /// Tell only what is at least so sure
    #[arg(long, value_enum, value_name = "HOW")]
    pub min_confidence: Option<Sureness>,
    /// Findings of this list are known and not told
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write the list anew, from what is found now
    #[arg(long)]
    pub update_baseline: bool,
    /// Key file for the fingerprints of the list; without it the list has a key of its own
    #[arg(long, value_name = "FILE", env = "DCMSCRUB_KEY_FILE")]
    pub key_file: Option<PathBuf>,
    /// Configuration; without it the nearest .dcmscrub.toml above the first path
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Use no configuration
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,
    /// End with exit code 0 whatever is found
    #[arg(long)]
    pub exit_zero: bool,
    /// Worker threads; all cores without it
    #[arg(short = 'j', value_name = "N")]
    pub workers: Option<std::num::NonZeroUsize>,
    /// Say only what was found
    #[arg(short, long)]
    pub quiet: bool,
}

#[derive(Debug, Args)]
pub struct Diff {
    /// A file, or a folder
    pub a: PathBuf,
    /// Another one
    pub b: PathBuf,
    /// Show what differs: values identify people
    #[arg(long)]
    pub show_values: bool,
    /// Form of the differences on stdout
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For people
    Text,
    /// JSON Lines
    Json,
    /// Annotations of GitHub Actions
    Github,
    /// SARIF 2.1.0
    Sarif,
    /// `JUnit` XML
    Junit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sureness {
    /// Also the shape of a text, dates, UIDs, private data elements
    Possible,
    /// A known value of the same file in another place
    Likely,
    /// A direct identifier
    Certain,
}

#[derive(Debug, Args)]
pub struct Review {
    /// An output folder
    pub out: PathBuf,
    /// Release files: paths as they are listed, reasons (such as ultrasound), or all
    #[arg(long, value_name = "WHAT", requires_all = ["by", "why"])]
    pub release: Vec<String>,
    /// Who has looked at them
    #[arg(long, value_name = "WHO")]
    pub by: Option<String>,
    /// Why they may be shared
    #[arg(long, value_name = "TEXT")]
    pub why: Option<String>,
    #[command(flatten)]
    pub keyed: Keyed,
    /// Form of the list on stdout
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

#[derive(Debug, Subcommand)]
pub enum Report {
    /// Put the outputs of all shards of a run together, with the journal and the report of that run
    Merge {
        /// Output folders of shards
        #[arg(required = true)]
        outs: Vec<PathBuf>,
        /// Folder for the whole; without it the one folder that all shards wrote to
        #[arg(short, long, value_name = "OUT")]
        output: Option<PathBuf>,
        #[command(flatten)]
        keyed: Keyed,
        /// Say nothing but what is wrong
        #[arg(short, long)]
        quiet: bool,
    },
}

#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub struct Clean {
    /// Files, folders and .zip archives to clean, or - for stdin
    pub paths: Vec<PathBuf>,
    /// Output folder, or file where the input is one file
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub rules: Rules,
    /// Take further inputs from a list, one path a line; - is stdin
    #[arg(long, value_name = "FILE")]
    pub files_from: Option<PathBuf>,
    /// The list has a NUL behind each path
    #[arg(short = '0', requires = "files_from")]
    pub nul: bool,
    /// Shape of the output folder
    #[arg(long, value_enum, default_value = "auto")]
    pub layout: LayoutName,
    /// Write names as discs have them, and a new disc index
    #[arg(long)]
    pub dicomdir: bool,
    /// List of pseudonyms of your own: a CSV with the columns `patient_id`, pseudonym, and issuer where there is one
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,
    /// Patients who are not in the list: stop, derive or hold
    #[arg(long, value_name = "WHAT", requires = "map")]
    pub unmapped: Option<String>,
    /// Clean one share of the inputs: the I-th of N
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub shard: Option<(u32, u32)>,
    /// Go on where an earlier run with the same key and profile ended
    #[arg(long, requires = "output")]
    pub resume: bool,
    /// One file to one name: write it even where a person should look at it first
    #[arg(long)]
    pub accept_held: bool,
    /// End with exit code 3 when there are such files or warnings
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',')]
    pub fail_on: Vec<FailOn>,
    /// Worker threads; all cores without it
    #[arg(short = 'j', value_name = "N")]
    pub workers: Option<std::num::NonZeroUsize>,
    /// Say what would happen, write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Form of the results on stdout
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Write a private list of inputs and outputs, never inside OUT
    #[arg(long, value_name = "FILE")]
    pub links: Option<PathBuf>,
    /// Sync every file to the disk before the next
    #[arg(long)]
    pub fsync: bool,
    /// Say only what failed
    #[arg(short, long)]
    pub quiet: bool,
    /// Say what became of every file
    #[arg(short, long)]
    pub verbose: bool,
}

#[derive(Debug, Args)]
pub struct Rules {
    /// Profile: a built-in name or a .toml file
    #[arg(short, long, default_value = "basic", value_name = "NAME|FILE")]
    pub profile: String,
    #[command(flatten)]
    pub changes: Changes,
    /// Key file: the same pseudonyms on every machine and in every month
    #[arg(long, value_name = "FILE", env = "DCMSCRUB_KEY_FILE")]
    pub key_file: Option<PathBuf>,
    /// Project: pseudonyms of two projects cannot be linked
    #[arg(
        long,
        default_value = "",
        value_name = "NAME",
        hide_default_value = true
    )]
    pub project: String,
}

/// What a command line adds to a profile.
#[derive(Debug, Args)]
pub struct Changes {
    /// Add an option of PS3.15, such as retain-uids
    #[arg(long = "option", value_name = "NAME")]
    pub options: Vec<String>,
    /// Keep an attribute
    #[arg(long, value_name = "TAG")]
    pub keep: Vec<String>,
    /// Remove an attribute
    #[arg(long, value_name = "TAG")]
    pub remove: Vec<String>,
    /// Empty an attribute
    #[arg(long, value_name = "TAG")]
    pub empty: Vec<String>,
    /// Give an attribute a pseudonym
    #[arg(long, value_name = "TAG")]
    pub hash: Vec<String>,
    /// Set an attribute to a text
    #[arg(long, value_name = "TAG=VALUE")]
    pub set: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Plan {
    /// The file
    pub file: PathBuf,
    #[command(flatten)]
    pub rules: Rules,
    /// Leave out what stays as it is
    #[arg(long)]
    pub changed: bool,
    /// Form of the plan
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct Explain {
    /// An attribute (PatientName, 0010,0010, (0010,0010) or 00100010), an option (retain-uids), why a file is held back
    /// (ultrasound), a rule of `check` (patient-name), or: rules
    #[arg(value_name = "TAG|KEYWORD|RULE")]
    pub what: String,
    /// For this SOP Class only
    #[arg(long, value_name = "UID")]
    pub sop_class: Option<String>,
    #[command(flatten)]
    pub rules: Rules,
    /// Form of the answer
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

#[derive(Debug, Subcommand)]
pub enum Key {
    /// Make a new key file, readable by you only
    New {
        /// Where to make it; an existing file is never written over
        file: PathBuf,
    },
    /// Show the name of a key, which gives nothing of it away
    Id {
        /// The key file
        file: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LayoutName {
    /// The one that fits the input
    Auto,
    /// patient/study/series/instance.dcm, each a keyed code
    Named,
    /// Names of 8 characters under a new disc index
    Media,
    /// The input's shape
    Mirror,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Files that were held back
    Held,
    /// Files that were left behind
    Left,
    /// Warnings: a head scan, people mixed up, several people on one disc
    Warning,
}

/// Shares that a run can have at most.
const MOST_SHARES: u32 = 100_000;

/// Reads `I/N`.
fn shard(text: &str) -> Result<(u32, u32), String> {
    let parts = text
        .split_once('/')
        .map(|(i, n)| (i.parse::<u32>(), n.parse::<u32>()));
    match parts {
        Some((Ok(i), Ok(n))) if 1 <= i && i <= n && n <= MOST_SHARES => Ok((i, n)),
        Some(_) | None => Err(format!(
            "a share is I/N, such as 2/4: I from 1 to N, and N at most {MOST_SHARES}"
        )),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// JSON Lines
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_one_of_at_most_100000_and_a_refusal_says_so() {
        for (text, expected) in [
            ("1/1", (1, 1)),
            ("2/4", (2, 4)),
            ("100000/100000", (100_000, 100_000)),
        ] {
            assert_eq!(shard(text), Ok(expected), "{text}");
        }
        for text in [
            "1/100001",
            "1/4294967296",
            "0/4",
            "5/4",
            "1/0",
            "/",
            "2",
            "a/b",
            "1/2/3",
            "-1/2",
            "",
        ] {
            let told = shard(text).unwrap_err();
            assert!(
                told.contains("from 1 to N") && told.contains("at most 100000"),
                "{told}"
            );
        }
    }
}
