//! Who the system says is on the other end, as data.

use napi_derive::napi;

/// Who the system says is on the other end; what it doesn't say is left out.
#[napi(object)]
#[derive(Default)]
pub struct PeerFacts {
    /// Process id.
    pub pid: Option<u32>,
    /// Effective user id. Unix.
    pub uid: Option<u32>,
    /// Effective group id. Unix.
    pub gid: Option<u32>,
    /// Supplementary group ids. Unix.
    pub groups: Option<Vec<u32>>,
    /// The user's security identifier, such as `S-1-5-18`. Windows.
    pub sid: Option<String>,
    /// The terminal services session. Windows.
    pub session: Option<u32>,
}
