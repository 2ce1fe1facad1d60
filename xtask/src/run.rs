//! Running other programs from the project's folder, and saying so.

use std::io::{BufRead, BufReader, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// What a step gives: a value, or one line for a person that says what is wrong and what to do.
pub type Outcome<T = ()> = Result<T, String>;

/// The project's folder.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Cargo's output folder, wherever the user's settings put it: this program lies in it.
pub fn target() -> Outcome<PathBuf> {
    let here = std::env::current_exe().map_err(|error| format!("where am I? {error}"))?;
    here.ancestors()
        .nth(2)
        .map(Path::to_path_buf)
        .ok_or_else(|| "this program lies in no target folder".into())
}

/// The program, to be started in the project's folder.
pub fn command(program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).args(arguments);
    command
}

/// The cargo that runs us.
pub fn cargo(arguments: &[&str]) -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), arguments)
}

/// Runs it to its end, its output before the reader's eyes.
pub fn run(mut command: Command) -> Outcome {
    let line = describe(&command);
    let status = command.status().map_err(|error| format!("{line}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{line}: failed")) }
}

/// Runs it in our place, so that whoever ends us ends it.
#[cfg(unix)]
pub fn become_program(mut command: Command) -> Outcome {
    let error = std::os::unix::process::CommandExt::exec(&mut command);
    Err(format!("{}: {error}", describe(&command)))
}

/// Runs it as the last thing that we do; Ctrl-C reaches both.
#[cfg(not(unix))]
pub fn become_program(command: Command) -> Outcome {
    run(command)
}

/// Runs it to its end and hands every line of its output to `see`, after showing it. True where it ended well.
pub fn follow(mut command: Command, mut see: impl FnMut(&str)) -> Outcome<bool> {
    let line = describe(&command);
    let fail = |error| format!("{line}: {error}");
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(fail)?;
    if let Some(output) = child.stdout.take() {
        for text in BufReader::new(output).lines().map_while(Result::ok) {
            println!("{text}");
            see(&text);
        }
    }
    Ok(child.wait().map_err(fail)?.success())
}

/// Runs it, showing each line as it comes, and gives them all.
pub fn output(command: Command) -> Outcome<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut text = String::new();
    match follow(command, |line| {
        text.push_str(line);
        text.push('\n');
    })? {
        true => Ok(text),
        false => Err(format!("{name} failed")),
    }
}

/// Runs it silently; what it printed, or nothing where it is not there or failed.
pub fn ask(program: &str, arguments: &[&str]) -> Option<String> {
    let output = command(program, arguments).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_string())
}

/// True where the program can be started.
pub fn there(program: &str) -> bool {
    ask(program, &["--version"]).is_some()
}

/// Says what begins now; on a terminal it stands out.
pub fn say(text: &str) {
    if std::io::stdout().is_terminal() { println!("\x1b[1m{text}\x1b[0m") } else { println!("{text}") }
}

/// A program in the background that ends with its owner.
pub struct Background(Child);

impl Background {
    /// Starts it and waits for the first line that it prints.
    pub fn start(mut command: Command) -> Outcome<(Background, String)> {
        let line = describe(&command);
        let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| format!("{line}: {error}"))?;
        let output = child.stdout.take();
        let background = Background(child);
        let mut first = String::new();
        if let Some(output) = output {
            BufReader::new(output).read_line(&mut first).map_err(|error| format!("{line}: {error}"))?;
        }
        if first.trim().is_empty() {
            Err(format!("{line}: ended at once"))
        } else {
            Ok((background, first.trim().into()))
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The command as one would type it.
fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
