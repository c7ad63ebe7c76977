//! What a package puts beside the program: completions of five shells and the manual pages.

use std::collections::BTreeSet;
use std::fs;

use tempfile::TempDir;

use crate::clean::dcmscrub;

/// The commands below these, as `--help` names them.
fn commands(above: &[&str]) -> Vec<String> {
    let mut args = above.to_vec();
    args.push("--help");
    let args: Vec<&dyn AsRef<std::ffi::OsStr>> = args.iter().map(|arg| arg as _).collect();
    let help = String::from_utf8(dcmscrub(&args).stdout).unwrap();
    let Some((_, listed)) = help.split_once("\nCommands:\n") else {
        return Vec::new();
    };
    let lines = listed.lines().take_while(|line| !line.is_empty());
    // a description that is longer than its line goes on further to the right
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names
        .filter(|name| !name.is_empty() && *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn each_shell_gets_completions_that_name_every_command() {
    let commands = commands(&[]);
    assert!(commands.len() >= 11, "{commands:?}");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = dcmscrub(&[&"completions", &shell]);
        assert!(output.status.success(), "{shell}");
        let script = String::from_utf8(output.stdout).unwrap();
        for word in commands.iter().map(String::as_str).chain(["layout"]) {
            assert!(script.contains(word), "{shell} does not know {word}");
        }
    }
    let refused = dcmscrub(&[&"completions", &"no-such-shell"]);
    assert_eq!(refused.status.code(), Some(2));
}

#[cfg(target_os = "linux")]
#[test]
fn bash_completes_a_command_and_a_value() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("dcmscrub.bash");
    fs::write(&file, dcmscrub(&[&"completions", &"bash"]).stdout).unwrap();
    for (line, at, expected) in [
        ("dcmscrub ver", 1, "verify"),
        ("dcmscrub clean --layout m", 3, "media mirror"),
    ] {
        let script = format!(
            ". '{}'; COMP_WORDS=({line}); COMP_CWORD={at}; \
             _dcmscrub dcmscrub \"${{COMP_WORDS[{at}]}}\" \"${{COMP_WORDS[{}]}}\"; echo \"${{COMPREPLY[*]}}\"",
            file.display(),
            at - 1
        );
        let output = std::process::Command::new("bash")
            .args(["--norc", "-c", &script])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(said.trim(), expected, "{line}: {output:?}");
    }
}

#[test]
fn each_command_has_its_manual_page() {
    let folder = TempDir::new().unwrap();
    let pages = folder.path().join("share/man1");
    // a second time: pages of these names are replaced
    for _ in 0..2 {
        assert!(dcmscrub(&[&"man", &pages]).status.success());
    }
    let mut expected = BTreeSet::from(["dcmscrub".to_owned()]);
    for command in commands(&[]) {
        for below in commands(&[&command]) {
            expected.insert(format!("dcmscrub-{command}-{below}"));
        }
        expected.insert(format!("dcmscrub-{command}"));
    }
    assert!(expected.contains("dcmscrub-report-merge"), "{expected:?}");
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(&pages).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(path.extension().unwrap(), "1", "{}", path.display());
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let title = format!(".TH {} 1 ", name.to_uppercase());
        assert!(text.contains(&title), "{name}");
        let usage = name.replacen("report-", "report ", 1);
        let usage = usage.replacen("profile-", "profile ", 1);
        let usage = usage.replacen("key-", "key ", 1).replacen('-', " ", 1);
        let synopsis = format!(".SH SYNOPSIS\n.nf\n{usage}");
        assert!(text.contains(&synopsis), "{name}: {text}");
        for section in ["NAME", "DESCRIPTION", "EXIT STATUS"] {
            assert!(text.contains(&format!(".SH {section}\n")), "{name}");
        }
        // every page that a page refers to is there
        for (before, _) in text.match_indices("(1)").map(|(at, _)| text.split_at(at)) {
            let referred = before.rsplit(['\n', ' ']).next().unwrap();
            let referred = referred.replace("\\-", "-");
            assert!(expected.contains(&referred), "{name} refers to {referred}");
        }
        found.insert(name);
    }
    assert_eq!(found, expected);
    let file = folder.path().join("a-file");
    fs::write(&file, "").unwrap();
    assert_eq!(dcmscrub(&[&"man", &file]).status.code(), Some(2));
}
