//! Programs that a test starts.

use super::within;
use std::{
    env,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, ChildStdout, Command, Stdio},
    thread,
};

/// Where cargo puts an example: beside the folder of the test programs.
pub fn example(what: &str) -> PathBuf {
    let test = env::current_exe().unwrap();
    let examples = test.parent().and_then(Path::parent).unwrap().join("examples");
    examples.join(what).with_extension(env::consts::EXE_EXTENSION)
}

/// A program under way. It ends with the test, also when that fails.
pub struct Running {
    what: String,
    child: Child,
    output: Option<BufReader<ChildStdout>>,
    errors: Option<BufReader<ChildStderr>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    /// Starts an example.
    pub fn start(what: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(example(what));
        command.args(arguments);
        Self::spawn(what, command)
    }

    /// Starts any program.
    pub fn spawn(what: &str, mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program is there");
        let output = child.stdout.take().map(BufReader::new);
        let errors = child.stderr.take().map(BufReader::new);
        Self { what: what.to_owned(), child, output, errors }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The next line of its output, without the end of the line.
    pub fn line(&mut self) -> String {
        let what = format!("a line of {}", self.what);
        next_line(&what, &mut self.output)
    }

    /// The next line of its errors, without the end of the line.
    pub fn error_line(&mut self) -> String {
        let what = format!("a line of the errors of {}", self.what);
        next_line(&what, &mut self.errors)
    }

    /// Gives it this input; what it prints until it ends, whether it ended well, and its errors.
    pub fn finish(mut self, input: Vec<u8>) -> (Vec<u8>, bool, String) {
        within(&format!("{} to end", self.what), move || {
            let (mut stdin, mut stderr) = (self.child.stdin.take(), self.errors.take());
            let mut output = self.output.take().expect("its output");
            let (mut answer, mut errors) = (Vec::new(), String::new());
            thread::scope(|scope| {
                // A program that fails reads nothing, and closes its end.
                scope.spawn(move || stdin.take().map(|mut stdin| stdin.write_all(&input)));
                output.read_to_end(&mut answer).unwrap();
            });
            stderr.as_mut().unwrap().read_to_string(&mut errors).unwrap();
            (answer, self.child.wait().unwrap().success(), errors)
        })
    }
}

fn next_line<R: BufRead + Send + 'static>(what: &str, source: &mut Option<R>) -> String {
    let mut reader = source.take().expect("its output");
    let (reader, line) = within(what, move || {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        (reader, line)
    });
    *source = Some(reader);
    line.trim_end().to_owned()
}
