//! Errors as they cross.

use super::negative_errno;
use crate::fault::Fault;
use local_socket::{ConnectOptions, GenericFilePath, Name, ToFsName, ToNsName};
use rustix::io::Errno;
use std::{fs, io, os::unix::fs::symlink, process};

fn parts(fault: &Fault) -> (i32, Option<&str>, Option<&str>) {
    (fault.errno, fault.code.as_deref(), fault.message.as_deref())
}

fn connect(name: Name<'_>) -> Fault {
    let error = ConnectOptions::new().name(name).connect_sync().expect_err("nobody listens");
    Fault::new("connect", &error)
}

#[test]
fn what_the_system_says_crosses_as_its_number_alone() {
    let fault = connect("/missing/s".to_fs_name::<GenericFilePath>().unwrap());
    assert_eq!(parts(&fault), (-Errno::NOENT.raw_os_error(), None, None));
}

#[test]
fn what_the_core_refuses_crosses_with_the_nearest_number_and_its_reason() {
    let id = format!("local-socket-fault-{}", process::id());
    let path = format!("/tmp/{id}");
    symlink("/missing", &path).unwrap();
    #[expect(deprecated, reason = "the kind of name that the core looks at most closely")]
    let name = id.to_ns_name::<local_socket::os::unix::SpecialDirUdSocket>().unwrap();
    let fault = connect(name);
    fs::remove_file(&path).unwrap();
    let message = format!("{path:?} is a symlink");
    let expected = (-Errno::ACCESS.raw_os_error(), None, Some(&*message));
    assert_eq!(parts(&fault), expected);
}

#[test]
fn a_kind_without_a_number_has_the_one_that_the_standard_library_reads_as_that_kind() {
    use io::ErrorKind;
    for kind in [
        ErrorKind::WouldBlock,
        ErrorKind::TimedOut,
        ErrorKind::NotConnected,
        ErrorKind::InvalidInput,
        ErrorKind::Unsupported,
        ErrorKind::PermissionDenied,
        ErrorKind::NotFound,
        ErrorKind::AlreadyExists,
        ErrorKind::AddrInUse,
        ErrorKind::ConnectionRefused,
        ErrorKind::ConnectionReset,
        ErrorKind::ConnectionAborted,
        ErrorKind::BrokenPipe,
        ErrorKind::OutOfMemory,
    ] {
        let errno = negative_errno(&kind.into());
        assert_eq!(io::Error::from_raw_os_error(-errno).kind(), kind);
        assert_eq!(parts(&Fault::new("read", &kind.into())), (errno, None, None));
    }
    assert_eq!(negative_errno(&io::ErrorKind::Other.into()), -Errno::IO.raw_os_error());
}
