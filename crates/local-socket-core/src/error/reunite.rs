//! The error of putting two halves of different streams together.

use std::{error::Error, fmt};

/// The halves don't belong together. Both are handed back, unharmed.
#[derive(Debug)]
pub struct ReuniteError<R, S> {
    /// The receive half that was passed in.
    pub rh: R,
    /// The send half that was passed in.
    pub sh: S,
}

/// What putting two halves together gives: the stream, or both halves back.
pub type ReuniteResult<T, R, S> = Result<T, ReuniteError<R, S>>;

impl<R, S> ReuniteError<R, S> {
    /// Turns both halves into something else by the functions given.
    pub fn map_halves<NR: From<R>, NS: From<S>>(
        self,
        fr: impl FnOnce(R) -> NR,
        fs: impl FnOnce(S) -> NS,
    ) -> ReuniteError<NR, NS> {
        ReuniteError { rh: fr(self.rh), sh: fs(self.sh) }
    }

    /// Turns both halves into something else by [`From`].
    pub fn convert_halves<NR: From<R>, NS: From<S>>(self) -> ReuniteError<NR, NS> {
        self.map_halves(NR::from, NS::from)
    }
}

impl<R, S> fmt::Display for ReuniteError<R, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the halves come from different streams, or one of them has been cloned")
    }
}

impl<R: fmt::Debug, S: fmt::Debug> Error for ReuniteError<R, S> {}
