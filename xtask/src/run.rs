//! Running other programs. Every one of them is printed first, so that it can be repeated by hand.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

/// Runs a command with its output on the terminal.
pub(crate) fn status(command: &mut Command) -> Result<(), String> {
    announce(command);
    let status = command.status().map_err(|e| not_started(command, &e))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{}` failed ({status})", shown(command)))
    }
}

/// Runs a command, shows its two outputs as one while it runs, and hands back whether it succeeded
/// and what it printed.
pub(crate) fn echo(mut command: Command) -> Result<(bool, String), String> {
    announce(&command);
    let (reader, writer) = std::io::pipe().map_err(|e| format!("no pipe: {e}"))?;
    let second = writer.try_clone().map_err(|e| format!("no pipe: {e}"))?;
    command.stdin(Stdio::null()).stdout(writer).stderr(second);
    // What is printed is read again, so no colours whatever the environment asks for.
    command.env("CARGO_TERM_COLOR", "never");
    let mut child = command.spawn().map_err(|e| not_started(&command, &e))?;
    // The command holds the writing ends; the pipe only ends once they are gone.
    drop(command);
    let mut printed = String::new();
    let mut reader = BufReader::new(reader);
    let mut line = Vec::new();
    while reader
        .read_until(b'\n', &mut line)
        .map_err(|e| format!("cannot read: {e}"))?
        > 0
    {
        let text = String::from_utf8_lossy(&line);
        print!("{text}");
        printed.push_str(&text);
        line.clear();
    }
    let status = child.wait().map_err(|e| format!("cannot wait: {e}"))?;
    Ok((status.success(), printed))
}

/// Runs a command and hands back what it printed on its standard output.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    announce(command);
    let output = command.output().map_err(|e| not_started(command, &e))?;
    if output.status.success() {
        String::from_utf8(output.stdout).map_err(|e| format!("`{}`: {e}", shown(command)))
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!(
            "`{}` failed ({}): {said}",
            shown(command),
            output.status
        ))
    }
}

/// Starts a command that goes on by itself.
pub(crate) fn start(command: &mut Command) -> Result<std::process::Child, String> {
    announce(command);
    command.spawn().map_err(|e| not_started(command, &e))
}

fn announce(command: &Command) {
    println!("$ {}", shown(command));
}

fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let program = program
        .file_stem()
        .unwrap_or(command.get_program())
        .to_string_lossy();
    let args = command.get_args().map(|arg| {
        let arg = arg.to_string_lossy();
        if arg.contains(' ') {
            format!("'{arg}'")
        } else {
            arg.into_owned()
        }
    });
    std::iter::once(program.into_owned())
        .chain(args)
        .collect::<Vec<_>>()
        .join(" ")
}

fn not_started(command: &Command, error: &std::io::Error) -> String {
    format!(
        "`{}` could not be started: {error}; is it installed?",
        shown(command)
    )
}
