//! Names and what makes them, credentials, the prelude.

use interprocess::local_socket::{
    GenericFilePath, GenericNamespaced, Name, NameType, NamespacedNameType, PathNameType,
    PeerCreds, ToFsName, ToNsName,
};
use std::{
    borrow::Cow,
    ffi::{CStr, CString, OsStr, OsString},
    fmt::Debug,
    io,
    path::{Path, PathBuf},
};

/// The path of a socket.
const PATH: &str = if cfg!(windows) { r"\\.\pipe\x" } else { "/x" };

#[test]
fn a_name_tells_its_kind_and_can_be_borrowed_and_owned() {
    let _: for<'a> fn(&'a Name<'static>) -> bool = Name::is_namespaced;
    let _: for<'a> fn(&'a Name<'static>) -> Name<'a> = Name::borrow;
    let _: fn(Name<'static>) -> Name<'static> = Name::into_owned;
    implements!(Name<'static>: Clone + Debug + PartialEq + Eq + Send + Sync);

    const fn in_constants(name: &Name<'_>) -> bool {
        name.is_path()
    }
    let name = PATH.to_fs_name::<GenericFilePath>().expect("a path");
    assert!(in_constants(&name));
    assert_eq!(name.is_namespaced(), cfg!(windows), "a pipe's path is in a namespace of its own");
    let owned: Name<'static> = name.borrow().into_owned();
    assert_eq!(owned, name);
}

#[test]
fn names_are_made_by_kinds_that_have_no_values() {
    implements!(GenericFilePath: NameType + PathNameType<OsStr>);
    implements!(GenericNamespaced: NameType + NamespacedNameType<OsStr>);
    implements!(GenericFilePath: Copy + Clone + Debug + PartialEq + Eq);
    implements!(GenericNamespaced: Copy + Clone + Debug + PartialEq + Eq);

    type Map<S> = for<'a> fn(Cow<'a, S>) -> io::Result<Name<'a>>;
    let _: Map<OsStr> = <GenericFilePath as PathNameType<OsStr>>::map;
    let _: Map<OsStr> = <GenericNamespaced as NamespacedNameType<OsStr>>::map;
    // Interprocess has these on Unix only.
    #[cfg(unix)]
    {
        let _: Map<CStr> = <GenericFilePath as PathNameType<CStr>>::map;
        let _: Map<CStr> = <GenericNamespaced as NamespacedNameType<CStr>>::map;
    }
    let _: [fn() -> bool; 2] = [GenericFilePath::is_supported, GenericNamespaced::is_supported];

    fn of_any_kind<T: NameType>() {
        implements!(T: Copy + Debug + Eq + Send + Sync + Unpin);
    }
    fn of_any_path<T: PathNameType<OsStr>>() {
        of_any_kind::<T>();
    }
    fn of_any_id<T: NamespacedNameType<OsStr>>() {
        of_any_kind::<T>();
    }
    of_any_path::<GenericFilePath>();
    of_any_id::<GenericNamespaced>();
}

#[test]
fn all_strings_of_the_standard_library_become_names() {
    fn lent_as_path<S: ?Sized + ToOwned, T: ?Sized>()
    where
        for<'s> &'s T: ToFsName<'s, S>,
    {
    }
    fn lent_as_id<S: ?Sized + ToOwned, T: ?Sized>()
    where
        for<'s> &'s T: ToNsName<'s, S>,
    {
    }
    lent_as_path::<OsStr, Path>();
    lent_as_path::<OsStr, str>();
    lent_as_path::<OsStr, OsStr>();
    lent_as_path::<CStr, CStr>();
    lent_as_id::<OsStr, str>();
    lent_as_id::<OsStr, OsStr>();
    lent_as_id::<CStr, CStr>();

    implements!(PathBuf: for<'s> ToFsName<'s, OsStr>);
    implements!(String: for<'s> ToFsName<'s, OsStr> + for<'s> ToNsName<'s, OsStr>);
    implements!(OsString: for<'s> ToFsName<'s, OsStr> + for<'s> ToNsName<'s, OsStr>);
    implements!(CString: for<'s> ToFsName<'s, CStr> + for<'s> ToNsName<'s, CStr>);

    let _: fn(&'static str) -> io::Result<Name<'static>> = ToFsName::to_fs_name::<GenericFilePath>;
    let _: fn(String) -> io::Result<Name<'static>> = ToNsName::to_ns_name::<GenericNamespaced>;
}

#[test]
fn credentials_tell_what_the_system_knows() {
    implements!(PeerCreds: Copy + Clone + Debug + Send + Sync);
    #[cfg(windows)]
    let _: for<'a> fn(&'a PeerCreds) -> Option<u32> = PeerCreds::pid;
    #[cfg(unix)]
    {
        let _: for<'a> fn(&'a PeerCreds) -> Option<libc::pid_t> = PeerCreds::pid;
        let _: for<'a> fn(&'a PeerCreds) -> Option<libc::uid_t> = PeerCreds::euid;
        let _: for<'a> fn(&'a PeerCreds) -> Option<libc::gid_t> = PeerCreds::egid;
        let _: for<'a> fn(&'a PeerCreds) -> Option<&'a [libc::gid_t]> = PeerCreds::groups;
        let _: for<'a> fn(&'a PeerCreds) -> bool = PeerCreds::groups_truncated;
    }
}

/// Apart, because nothing but the prelude may bring its traits in.
mod by_the_prelude_alone {
    use interprocess::local_socket::{
        GenericFilePath, GenericNamespaced, Listener, Name, Stream, prelude::*,
    };

    #[test]
    fn the_prelude_brings_all_traits_and_two_types() {
        let _: fn(LocalSocketListener) -> Listener = |listener| listener;
        let _: fn(LocalSocketStream) -> Stream = |stream| stream;
        let _ = |listener: &Listener| {
            let _accepted = listener.accept();
            let _incoming = listener.incoming();
        };
        let _ = |name: Name<'_>| {
            let stream = Stream::connect(name)?;
            stream.set_nonblocking(true)?;
            stream.peer_creds()
        };
        assert!(GenericFilePath::is_supported());
        super::PATH.to_fs_name::<GenericFilePath>().expect("a path");
        "x".to_ns_name::<GenericNamespaced>().expect("an id");
    }
}
