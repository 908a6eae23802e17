//! Local sockets: streams of bytes between processes of one machine, reached by a name.
//!
//! The interface is that of the `local_socket` module of
//! [interprocess](https://docs.rs/interprocess/2.4), so a program that uses it compiles after one
//! line in its `Cargo.toml` or its import path has been replaced, and
//! [what differs](#what-differs-from-interprocess) is what surprised people there.
//!
//! ```
//! use local_socket::{ConnectOptions, GenericNamespaced, ListenerOptions, prelude::*};
//! use std::io::{Read, Write};
//!
//! # fn main() -> std::io::Result<()> {
//! let name = "my-app.sock".to_ns_name::<GenericNamespaced>()?;
//! # let name = format!("doc-{}.sock", std::process::id()).to_ns_name::<GenericNamespaced>()?;
//! let listener = ListenerOptions::new().name(name.borrow()).create_sync()?;
//!
//! let mut client = ConnectOptions::new().name(name).connect_sync()?;
//! let mut server = listener.accept()?;
//! client.write_all(b"hello")?;
//! client.shutdown_write()?;
//! let mut heard = String::new();
//! server.read_to_string(&mut heard)?;
//! assert_eq!(heard, "hello");
//! # Ok(())
//! # }
//! ```
//!
//! Contents: [what a local socket is](#what-a-local-socket-is) ·
//! [what a name maps to](#what-a-name-maps-to) · [what is promised](#what-is-promised) ·
//! [foreign programs](#foreign-programs) · [threads, tasks, messages](#threads-tasks-messages) ·
//! [cancelling](#cancelling) · [switching](#switching-from-interprocess) ·
//! [what differs](#what-differs-from-interprocess) · [on Windows](#on-windows) ·
//! [features and versions](#features-and-versions)
//!
//! # What a local socket is
//! A connection between two processes on the same machine, both ways, in order and without loss,
//! that no network is involved in.
//!
//! | system | what it is | state |
//! |---|---|---|
//! | Linux | a Unix domain socket, `SOCK_STREAM`; see unix(7) | tested |
//! | Android, macOS, FreeBSD | the same | compiles; not run |
//! | other BSDs | the same | written from the manuals |
//! | Windows | a named pipe; see ["Named Pipes"](https://learn.microsoft.com/windows/win32/ipc/named-pipes) | tested under Wine |
//!
//! Each of the enums [`Listener`], [`Stream`], [`RecvHalf`] and [`SendHalf`] has one variant on each
//! system, so `let Stream::UdSocket(stream) = stream;` (`NamedPipe` on Windows) gives what that system
//! has on top, such as the descriptor or handle; see [`os`]. [On Windows](#on-windows) says what is
//! otherwise there.
//!
//! # What a name maps to
//! A [`Name`] is made of text and checked at once. It prints as the system sees it, which reads back:
//!
//! ```
//! use local_socket::{GenericNamespaced, Name, prelude::*};
//!
//! let name = "my.sock".to_ns_name::<GenericNamespaced>()?;
//! # #[cfg(any(target_os = "linux", target_os = "android"))] {
//! assert_eq!(name.to_string(), "@my.sock");
//! assert_eq!("@my.sock".parse::<Name<'static>>()?, name);
//! # }
//! # #[cfg(windows)]
//! # assert_eq!(name.to_string().parse::<Name<'static>>()?, name);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | made with | Linux, Android | macOS, BSD | Windows |
//! |---|---|---|---|
//! | `"/run/my.sock".to_fs_name::<GenericFilePath>()` | that path | that path | an error: it is no pipe's |
//! | `r"\\.\pipe\my.sock".to_fs_name::<GenericFilePath>()` | a file of that name | a file of that name | that pipe |
//! | `"my.sock".to_ns_name::<GenericNamespaced>()` | the abstract namespace, `@my.sock` | the file `/tmp/my.sock` | the pipe `\\.\pipe\my.sock` |
//! | at most | paths [4,095 bytes](GenericFilePath), abstract ids 107 | 103 bytes, `/tmp/` included | 256 characters, `\\.\pipe\` included |
//!
//! - **A path** is a file: its folder's permissions and its own
//!   ([`mode`](os::unix::ListenerOptionsExt::mode)) say who may connect. It is removed when the
//!   listener is dropped, and stays when the process is killed; the next listener of that name
//!   [takes it over](ListenerOptions::stale).
//! - **A namespaced name** has no permissions: any user can connect to it, or take it before you do.
//!   Say who may connect ([`allow`](ListenerOptions::allow)) and who must be serving
//!   ([`server`](ConnectOptions::server)). Abstract names are gone with
//!   their listener, however it ends, and belong to a network namespace: a container has its own.
//!   Where such names are files, their owner is compared with the server's user, and symlinks are
//!   refused.
//! - **A pipe** has a security descriptor that says who may connect, which the same options set, and is
//!   gone with its last handle. Its path and its id are the same name.
//!
//! # What is promised
//! - **Bytes** arrive as they were written: nothing is framed, prepended or said in between, and a
//!   peer that uses plain sockets can't tell the difference. A write that succeeded is in the
//!   kernel's hands; that the peer has read it is for its answer to say. (On Windows, what `try_write`
//!   or a write with a time limit took may still wait in this process; `flush` waits for it.)
//! - **The end** can be said: [`shutdown_write`](Stream::shutdown_write) ends one direction, and the
//!   peer can still answer. Dropping the stream ends both; what the peer hasn't read yet it can
//!   still read, but on Linux it sees `ECONNRESET` after that if we had left bytes unread.
//! - **Waiting** has a limit wherever you set one, a signal doesn't interrupt it, and `try_…`
//!   methods never wait. No call raises SIGPIPE.
//! - **Names** belong to whoever made them: only the very file that a listener made is removed, by
//!   the process that made it, or once no process holds it any more. Among local-socket programs on
//!   one kernel and a local file system, exactly one racer gets a name, and a listener whose
//!   descriptor any process still holds is never displaced without
//!   [`try_overwrite`](ListenerOptions::try_overwrite). A foreign program that replaces a dead socket
//!   in the microseconds between our check and the unlink can be displaced.
//! - **Peers** are whom the kernel says they are, as of connecting and of `listen()`. Whom
//!   [`allow`](ListenerOptions::allow) or [`server`](ConnectOptions::server) keeps out is turned away
//!   before any byte of it reaches the program; a peer whose user can't be told is let in by no rule but
//!   [`anyone`](Allow::anyone) or a function. Unless you ask for it, everybody is let in.
//!
//! Not promised: that two writes arrive as two reads ([`framed`] does that); that a namespaced
//! name's server is whom you think, unless [`server`](ConnectOptions::server) says who; that what is
//! open here stays closed in a child that was forked without exec.
//!
//! # Foreign programs
//! Whatever speaks `AF_UNIX` and `SOCK_STREAM` may be at the other end:
//!
//! ```sh
//! socat - UNIX-CONNECT:/run/my-app.sock
//! socat - ABSTRACT-CONNECT:my-app.sock
//! node -e 'require("net").connect("/run/my-app.sock").pipe(process.stdout)'
//! python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect("\0my-app.sock")'
//! ```
//!
//! On Windows, whatever opens a pipe or makes one:
//!
//! ```text
//! Node    require('net').connect(String.raw`\\.\pipe\my-app`).pipe(process.stdout)
//! Python  open(r'\\.\pipe\my-app', 'r+b', buffering=0)
//! ```
//!
//! - **Abstract names are exact.** A C program must pass the length of the address that it means,
//!   `offsetof(struct sockaddr_un, sun_path) + 1 + strlen(id)`: with `sizeof` the NULs after the id
//!   are part of the name, which is then another one, and one that can't be written here. Node's
//!   `net` did that before version 22.
//! - **Boundaries** are the other program's to define. [`framed`] speaks the most common one, a
//!   length before each message.
//! - **Descriptors**: any peer can send some along, which a plain read drops;
//!   [`receive_descriptors`](os::unix::ListenerOptionsExt::receive_descriptors) says what that can
//!   cost and refuses them. To pass or receive them yourself, use the inner type's descriptor; the
//!   example `hand_over` does.
//! - **From elsewhere**: what systemd passed is in [`activation`], and becomes a [`Listener`], as any
//!   descriptor can, by
//!   [`create_sync_from`](os::unix::ListenerOptionsExt::create_sync_from), which checks it, and has
//!   clients see who listens now. Without checks, and for a [`Stream`], there is `From<OwnedFd>` of
//!   the [inner types](os::unix::uds_local_socket).
//!
//! # Threads, tasks, messages
//! - [`Stream`] and [`Listener`] block, and are for threads: one to read and one to write, through
//!   `&Stream`, [clones](TryClone) or [halves](traits::Stream::split). With an event loop of your
//!   own, make them [nonblocking](traits::Stream::set_nonblocking), or use the `try_…` methods.
//! - `local_socket::tokio` (feature `tokio`) is the same for tasks, and needs a runtime with I/O
//!   enabled, but no timers. What a stream on tokio has on top converts to and from tokio's own
//!   `UnixStream`.
//! - [`framed`] sends messages over either, or without any I/O.
//!
//! ```
//! # #[cfg(feature = "tokio")]
//! # #[::tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! use local_socket::{ConnectOptions, GenericNamespaced, ListenerOptions, tokio::prelude::*};
//! use tokio::io::{AsyncReadExt, AsyncWriteExt};
//!
//! let name = "my-app.sock".to_ns_name::<GenericNamespaced>()?;
//! # let name = format!("doc-t-{}.sock", std::process::id()).to_ns_name::<GenericNamespaced>()?;
//! let listener = ListenerOptions::new().name(name.borrow()).create_tokio()?;
//! let options = ConnectOptions::new().name(name);
//! let (mut client, mut server) = tokio::try_join!(options.connect_tokio(), listener.accept())?;
//! client.write_all(b"hello").await?;
//! client.shutdown().await?;
//! let mut heard = String::new();
//! server.read_to_string(&mut heard).await?;
//! # assert_eq!(heard, "hello");
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "tokio"))]
//! # fn main() {}
//! ```
//!
//! # Cancelling
//! What a future leaves behind that is dropped before it is done, as `tokio::select!` and time
//! limits do:
//!
//! | future | left behind |
//! |---|---|
//! | `connect_tokio` | nothing, neither here nor in the listener's backlog |
//! | `accept` | nothing: the client stays in the queue for the next call |
//! | `read`, `readable`, `writable` | nothing was read |
//! | `write`, `write_vectored` | nothing was written |
//! | `shutdown` | it wasn't begun; only on Windows it waits, for what was written |
//! | tokio's `read_exact`, `write_all`, `copy` | a part has gone, and nobody says which |
//! | `framed::tokio`'s `recv`, `recv_batch` | what has arrived is kept for the next call |
//! | `framed::tokio`'s `send` | the message was not taken |
//! | `framed::tokio`'s `flush`, `shutdown` | the next call goes on where it was |
//!
//! # Switching from interprocess
//! In `Cargo.toml`, with the program left alone:
//!
//! ```toml
//! interprocess = { package = "local-socket-core", version = "0.1", features = ["tokio"] }
//! ```
//!
//! Or in the program: `interprocess::local_socket::X` is [`local_socket::X`](crate), and so is
//! `local_socket::local_socket::X`; `interprocess::os::unix::local_socket::X` is
//! [`local_socket::os::unix::X`](os::unix), and the same for `windows`; all else has the same path,
//! interprocess's named pipes and security descriptors included.
//!
//! # What differs from interprocess
//! **Names**
//! - A name is checked when it is made: empty, too long, or with a NUL in it, it is refused there.
//!   An address holds 107 bytes rather than 108, since other programs can't connect to 108.
//! - On Linux a path may be longer than an address: up to 4,095 bytes, of which
//!   [the last part](GenericFilePath) has 107 at most.
//! - It prints, parses back, hashes and has an order. Its `Debug` text is another.
//! - No name given to the options is [`InvalidInput`](std::io::ErrorKind::InvalidInput), and never a
//!   random address.
//! - Namespaced names off Linux are in `/tmp` alone, rather than in `/run/user` if that is there, so
//!   that all users mean the same file; there is no slash in them, and symlinks and foreign owners
//!   are refused. `SpecialDirUdSocket` is in `/tmp` alike, on Linux too, and may have slashes.
//!
//! **Listening**
//! - Dropping a listener removes the very file that it made and no other, in the process that made
//!   it, also after a `chdir`.
//! - A name that a killed process left is taken over, rather than in use, unless
//!   [`stale(StaleName::Fail)`](ListenerOptions::stale) is asked for.
//! - [`try_overwrite`](ListenerOptions::try_overwrite) displaces sockets only, never files of another
//!   type or symlinks, and in one step: at no moment is nobody there. Where two files can't be
//!   exchanged, as on FreeBSD or NFS, it is [`Unsupported`](std::io::ErrorKind::Unsupported).
//! - [`max_spin_time`](ListenerOptions::max_spin_time) is how long others may keep the folder of a
//!   path locked, 2 seconds unless set, and [`Duration::MAX`](std::time::Duration::MAX) is for ever.
//!   Nothing spins.
//! - [`mode`](os::unix::ListenerOptionsExt::mode) is the mode of the file, whatever the umask, with
//!   no moment at which it is wider; and it is supported on macOS and FreeBSD too.
//! - The backlog is 128 unless [set](ListenerOptions::backlog), rather than the system's most.
//! - Accepting skips clients that have given up meanwhile.
//! - If anything fails after the file was made, it is removed.
//!
//! **Connecting**
//! - With [`Deferred`](ConnectWaitMode::Deferred), a [`Timeout`](ConnectWaitMode::Timeout) or tokio,
//!   what you get is connected. A full backlog is
//!   [`WouldBlock`](std::io::ErrorKind::WouldBlock) for the first, waited for by the others. There is
//!   nothing to wait for later.
//! - A signal doesn't interrupt it.
//!
//! **Streams**
//! - `shutdown` of tokio's `AsyncWriteExt` ends the direction; blocking streams have
//!   [`shutdown_write`](Stream::shutdown_write).
//! - Vectored writes on tokio are one system call.
//! - `reunite` hands both halves back where one was cloned, rather than to panic.
//! - tokio's `TryFrom<OwnedFd>` makes the descriptor nonblocking, rather than to panic later.
//! - `peer_creds` leaves the pid out where the peer's can't be seen from here, rather than to fail,
//!   and the user where it can't be told; it is
//!   [`NotConnected`](std::io::ErrorKind::NotConnected) where there is no peer.
//! - Nothing raises SIGPIPE, also in programs that don't ignore it.
//! - Splitting isn't deprecated. As there, dropping a [`SendHalf`] shuts nothing down and dropping
//!   one on tokio does.
//!
//! **Errors**
//! - Those of listening and connecting hold the name and the time limit
//!   ([`AddressError`](error::AddressError)); the kind is the same.
//!   [`raw_os_error`](std::io::Error::raw_os_error) is `None` for them, and
//!   [`error::os_error`] finds the number.
//! - The texts of [`ReuniteError`] and [`NoDetails`](error::NoDetails) and the `Debug` text of
//!   [`ListenerOptions`] are others; [`ConversionError`](error::ConversionError) as an `io::Error`
//!   keeps the kind of its cause.
//!
//! **On Windows**, [below](#on-windows).
//!
//! **Not here**: unnamed pipes, FIFO files.
//!
//! **Beyond it**: `try_read`, `try_write` and their vectored forms, `try_accept`, half-close,
//! [`backlog`](ListenerOptions::backlog), [`stale`](ListenerOptions::stale), folders
//! [made](ListenerOptions::create_folders) and [looked at](ListenerOptions::check_folders), paths
//! longer than an address on Linux, [`Allow`] and limits for connections,
//! [`receive_descriptors`](os::unix::ListenerOptionsExt::receive_descriptors), the supplementary
//! groups of the peer and a descriptor of its process, [`activation`] and listeners from any
//! descriptor ([`create_sync_from`](os::unix::ListenerOptionsExt::create_sync_from)), [`framed`].
//!
//! # On Windows
//! A listener is several instances of a named pipe, of which some wait for clients at any time; a
//! stream is one of them. What is otherwise than elsewhere, and than in interprocess:
//!
//! **Names**
//! - [Paths](GenericFilePath) are those of pipes of this machine. The front is taken in any case, with
//!   slashes or backslashes, and as `\\?\pipe\` too. What Windows would change in a name is refused,
//!   and so are pipes of other machines: [`NameError`](error::NameError) says what to write.
//! - `is_path` and `is_namespaced` are both true, as in interprocess. C strings are taken too, as UTF-8.
//! - A name is taken for as long as any handle of its pipe is open, a client's too: a new listener of
//!   the name is in use until the connections of the former one are closed. Nothing is left after
//!   that, so `stale`, `reclaim_name` and `do_not_reclaim_name_on_drop` have nothing to do, and
//!   `try_overwrite` displaces nobody. `create_folders` and `check_folders` are refused.
//! - A name that somebody else has is [`AddrInUse`](std::io::ErrorKind::AddrInUse), rather than
//!   `PermissionDenied`: a listener insists on being the first.
//!
//! **Who may connect**
//! - [`allow`](ListenerOptions::allow) is on the pipe as its security descriptor, so that Windows turns
//!   strangers away. `os::windows::ListenerOptionsExt` takes descriptors of your own, and their text.
//! - [`PeerCreds`] has the SID of the user and the session; [`server`](ConnectOptions::server) goes by
//!   the owner of the pipe.
//! - Clients on other machines are refused, always. A server that this crate's clients connect to can
//!   learn who they are and can't act as them.
//!
//! **Connecting and listening**
//! - [`wait_mode`](ConnectOptions::wait_mode) is honoured: with all instances taken,
//!   [`Deferred`](ConnectWaitMode::Deferred) is `WouldBlock` and a
//!   [`Timeout`](ConnectWaitMode::Timeout) is one.
//! - [`backlog`](ListenerOptions::backlog) is how many clients may wait to be accepted. They are
//!   connected meanwhile, also while nobody calls `accept`.
//! - One thread of this crate, for the whole process, sees to instances and to what is on its way. It is
//!   there from the first need on.
//!
//! **Streams**
//! - Time limits of reads and writes work, also on halves, and can be taken off.
//! - A nonblocking read of an empty pipe is `WouldBlock`, and no end.
//! - Pipes have no half-close. [`shutdown_write`](Stream::shutdown_write) tells it by messages of no
//!   bytes, of which eight in a row end what a server reads, and the first what a client reads (as
//!   for go-winio's `CloseWrite`). Readers of other kinds see nothing of it; and where a server of
//!   another kind made a pipe that keeps no messages apart, as Node's `net` does, it is
//!   [`Unsupported`](std::io::ErrorKind::Unsupported): there the end comes when the stream is dropped.
//! - Our pipes keep messages apart (`PIPE_TYPE_MESSAGE`) for that. Who opens one and asks for nothing
//!   reads a stream of bytes; who asks for `PIPE_READMODE_MESSAGE` gets writes as messages.
//! - Buffers have 65,536 bytes or more. Nonblocking writes, those with a time limit and those on tokio
//!   take up to 65,536 bytes at a time, copied.
//! - Dropping a stream doesn't wait. What it had taken is handed over in the background, but for a
//!   process that ends first: [`flush`](std::io::Write::flush) waits. Nothing has to be flushed for
//!   the peer to see it.
//! - An unexpected end is one: a peer that vanished is the end for who reads, and
//!   [`BrokenPipe`](std::io::ErrorKind::BrokenPipe) for who writes.
//! - On tokio no runtime with I/O is needed: readiness comes from that thread. `flush` and `shutdown` wait
//!   until the system has all bytes, so read meanwhile if the peer answers as it reads.
//! - `inner` of a blocking stream or half is interprocess's pipe over a duplicate of the handle, for what
//!   it has on top. A listener has none, since there are several instances, and neither have the types
//!   on tokio: a handle belongs to one completion port for good. Handles convert.
//! - `on_ready` of streams and listeners within the enums tells event loops of your own.
//!
//! # Features and versions
//! Rust 1.85 or later (interprocess: 1.75). No feature is on by default. On Windows this crate depends
//! on interprocess, for the items that it re-exports.
//!
//! | feature | what it adds |
//! |---|---|
//! | `tokio` | `local_socket::tokio`, `traits::tokio`, `framed::tokio` and the inner types; depends on tokio with `net` alone, on Windows on interprocess's feature as well |
//! | `async` | nothing: a manifest that asks interprocess for it still works |

#![cfg_attr(
    windows,
    allow(rustdoc::broken_intra_doc_links, reason = "what Unix systems have on top isn't there")
)]

/// This crate itself, under the path that its module has in interprocess, so that
/// `interprocess::local_socket::…` stays as it is where only the dependency is replaced:
/// `interprocess = { package = "local-socket-core", … }`.
///
/// The crate and not a module with the same items: `use local_socket::*;` brings this name in, which
/// has to mean the same then.
pub extern crate self as local_socket;

#[cfg(unix)]
pub mod activation;
mod admission;
pub mod bound_util;
mod connections;
mod creds;
pub mod error;
pub mod framed;
mod listener;
mod name;
mod options;
pub mod os;
pub mod prelude;
mod sealed;
mod stream;
mod sys;
#[cfg(feature = "tokio")]
pub mod tokio;
pub mod traits;
mod try_clone;

pub use admission::{Allow, Refusal, RefusalReason};
pub use creds::PeerCreds;
pub use listener::Listener;
pub use name::{
    GenericFilePath, GenericNamespaced, Name, NameType, NamespacedNameType, PathNameType, ToFsName,
    ToNsName,
};
pub use options::{
    ConnectOptions, ConnectWaitMode, ListenerNonblockingMode, ListenerOptions, StaleName,
};
pub use stream::{RecvHalf, ReuniteError, ReuniteResult, SendHalf, Stream};
pub use traits::listener::Incoming;
pub use try_clone::TryClone;
