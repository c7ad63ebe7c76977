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
    /// Clean files and folders, or - (stdin to stdout)
    Clean(Clean),
    /// Show what would happen to every data element of a file; writes nothing
    Plan(Plan),
    /// Make a key file, or show a key's name
    #[command(subcommand)]
    Key(Key),
}

#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub struct Clean {
    /// Files and folders to clean, or - for stdin
    pub paths: Vec<PathBuf>,
    /// Output folder, or file where the input is one file
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub rules: Rules,
    /// Shape of the output folder
    #[arg(long, value_enum, default_value = "auto")]
    pub layout: LayoutName,
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

#[derive(Debug, Args)]
pub struct Plan {
    /// The file
    pub file: PathBuf,
    #[command(flatten)]
    pub rules: Rules,
    /// Form of the plan
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
    /// The input's shape
    Mirror,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// JSON Lines
    Json,
}
