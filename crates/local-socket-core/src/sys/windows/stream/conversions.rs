//! To what the standard library has.

use super::Stream;
use std::os::windows::io::{AsHandle, BorrowedHandle};

impl AsHandle for Stream {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.pipe.as_handle()
    }
}
