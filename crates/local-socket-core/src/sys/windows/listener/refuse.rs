//! Options that mean nothing for pipes, and mustn't seem to.

use crate::options::ListenerOptions;
use std::io;

/// Refuses what was asked for and can't be: pipes have no folders to make or to look at.
pub(super) fn what_pipes_lack(options: &ListenerOptions<'_>) -> io::Result<()> {
    let asked =
        [("create_folders", options.create_folders), ("check_folders", options.check_folders)];
    match asked.into_iter().find(|&(_, asked)| asked) {
        Some((option, _)) => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{option} is for files: the names of pipes have no folders"),
        )),
        None => Ok(()),
    }
}
