//! A program written for `interprocess::local_socket`, with nothing but its import paths changed,
//! and every path that such a program may import.

mod common;

#[cfg(unix)]
#[allow(unused_imports)]
use local_socket::{
    error::FromFdError,
    os::unix::{
        ConnectOptionsExt, FilesystemUdSocket as SystemsKind, ListenerOptionsExt,
        uds_local_socket::{self, RecvHalf as UdRecvHalf, SendHalf as UdSendHalf},
    },
};
#[cfg(windows)]
#[allow(unused_imports)]
use local_socket::{
    error::FromHandleError,
    os::windows::{
        ListenerOptionsExt, NamedPipe as SystemsKind,
        named_pipe::local_socket::{self as inner, RecvHalf as PipeRecvHalf},
    },
};
#[rustfmt::skip]
#[allow(unused_imports)]
use local_socket::{
    bound_util::{RefRead, RefWrite},
    error::{ConversionError, NoDetails},
    prelude::{LocalSocketListener, LocalSocketStream},
    traits::{self, ListenerExt, StreamCommon},
    ConnectOptions, ConnectWaitMode, GenericFilePath, GenericNamespaced, Incoming, Listener,
    ListenerNonblockingMode, ListenerOptions, Name, NameType, NamespacedNameType, PathNameType,
    PeerCreds, RecvHalf, ReuniteError, ReuniteResult, SendHalf, Stream, ToFsName, ToNsName,
    TryClone,
};

use std::io::Read;

/// The programs that bring the traits in namelessly are apart, as their names would clash.
mod program {
    use local_socket::{
        ConnectOptions, GenericFilePath, GenericNamespaced, ListenerOptions, Stream, prelude::*,
    };
    use std::{
        io::{self, BufRead, BufReader, prelude::*},
        thread,
    };

    pub fn run(printname: &str) -> io::Result<String> {
        let name = if GenericNamespaced::is_supported() {
            printname.to_ns_name::<GenericNamespaced>()?
        } else {
            format!("/tmp/{printname}").to_fs_name::<GenericFilePath>()?
        };
        let listener = ListenerOptions::new().name(name.clone()).create_sync()?;
        let server = thread::spawn(move || -> io::Result<()> {
            for conn in listener.incoming().filter_map(Result::ok).take(1) {
                let mut conn = BufReader::new(conn);
                let mut line = String::new();
                conn.read_line(&mut line)?;
                conn.get_mut().write_all(line.to_uppercase().as_bytes())?;
            }
            Ok(())
        });
        let conn: Stream = ConnectOptions::new().name(name).connect_sync_as()?;
        let mut conn = BufReader::new(conn);
        conn.get_mut().write_all(b"hello\n")?;
        let mut answer = String::new();
        conn.read_line(&mut answer)?;
        server.join().expect("the server doesn't panic")?;
        Ok(answer)
    }
}

#[test]
fn a_program_for_interprocess_works_with_its_import_paths_changed() {
    let name = format!("local-socket-drop-in-{}", std::process::id());
    let answer = common::within("the program to end", move || program::run(&name));
    assert_eq!(answer.unwrap(), "HELLO\n");
}

#[test]
fn the_enums_have_one_variant_and_the_types_within_convert_back() {
    let (client, server) = common::pair();
    #[cfg(unix)]
    let Stream::UdSocket(client) = client;
    #[cfg(windows)]
    let Stream::NamedPipe(client) = client;
    let (rh, sh) = traits::Stream::split(client);
    let (rh, sh): (RecvHalf, SendHalf) = (rh.into(), sh.into());
    #[cfg(unix)]
    {
        let RecvHalf::UdSocket(inner) = &rh;
        inner.as_stream().try_write(b"x").unwrap();
    }
    #[cfg(windows)]
    {
        let SendHalf::NamedPipe(inner) = &sh;
        inner.try_write(b"x").unwrap();
    }
    let result: ReuniteResult = traits::Stream::reunite(rh, sh);
    let error: Option<ReuniteError> = result.err();
    assert!(error.is_none());
    assert_eq!((&server).read(&mut [0; 8]).unwrap(), 1);
}

#[test]
fn names_can_be_made_by_the_systems_own_kinds() {
    let text = if cfg!(windows) { r"\\.\pipe\a" } else { "/a" };
    let path = text.to_fs_name::<SystemsKind>().unwrap();
    assert_eq!(path, text.to_fs_name::<GenericFilePath>().unwrap());
    #[cfg(target_os = "linux")]
    {
        use local_socket::os::unix::AbstractNsUdSocket;
        let id = "a".to_ns_name::<AbstractNsUdSocket>().unwrap();
        assert_eq!(id, "a".to_ns_name::<GenericNamespaced>().unwrap());
    }
}

#[test]
fn conversion_errors_carry_what_they_were_given() {
    let cause = std::io::Error::from(std::io::ErrorKind::NotConnected);
    let error: ConversionError<u8> = ConversionError::from_source_and_cause(1, cause);
    let error = error.map_source(|source| u16::from(source) + 1);
    assert_eq!(error.source, Some(2));
    assert_eq!(error.to_io_error().kind(), std::io::ErrorKind::NotConnected);
    assert!(error.to_string().starts_with("conversion failed: "));
    assert_eq!(ConversionError::<u8>::default().details, NoDetails);
}
