//! What becomes a name, what is refused, and what a name tells. What pipes have of their own is in
//! `pipe_names`.

use local_socket::{
    ConnectOptions, GenericFilePath, GenericNamespaced, ListenerOptions, Name, NameType,
    error::NameError, prelude::*,
};
#[cfg(unix)]
use std::os::unix::ffi::OsStrExt;
use std::{
    collections::{BTreeSet, HashSet},
    ffi::{CString, OsStr, OsString},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

#[cfg(unix)]
const LINUX: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// What a path begins with here.
const FRONT: &str = if cfg!(windows) { r"\\.\pipe\" } else { "/" };

/// The bytes of an address.
#[cfg(unix)]
const LIMIT: usize = if LINUX { 107 } else { 103 };

/// The bytes of a path.
#[cfg(unix)]
const PATH_LIMIT: usize = if LINUX { 4_095 } else { LIMIT };

fn reason(result: io::Result<Name<'_>>) -> NameError {
    let error = result.expect_err("the name is bad");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let inner = error.into_inner().expect("there is a cause");
    *inner.downcast::<NameError>().expect("the cause is about the name")
}

fn fs(path: &str) -> io::Result<Name<'_>> {
    path.to_fs_name::<GenericFilePath>()
}

fn ns(id: &str) -> io::Result<Name<'_>> {
    id.to_ns_name::<GenericNamespaced>()
}

#[test]
fn an_empty_name_is_refused() {
    assert_eq!(reason(fs("")), NameError::Empty);
    assert_eq!(reason(ns("")), NameError::Empty);
    assert_eq!(reason(c"".to_ns_name::<GenericNamespaced>()), NameError::Empty);
    if cfg!(windows) {
        assert_eq!(reason(fs(FRONT)), NameError::Empty);
    }
}

#[test]
fn a_nul_is_refused_and_its_position_told() {
    let nul =
        |name: &str, position| NameError::InteriorNul { name: OsStr::new(name).into(), position };
    let path = format!("{FRONT}a\0b");
    let position = FRONT.len() + 1;
    assert_eq!(reason(fs(&path)), nul(&path, position));
    assert_eq!(reason(ns("\0a")), nul("\0a", 0));
    assert!(nul(&path, position).to_string().contains(&format!("position {position}")));
}

/// A path of this many bytes whose last part has that many.
#[cfg(unix)]
fn long_path(length: usize, last: usize) -> String {
    let folders = "d/".repeat((length - last) / 2);
    format!("{folders:/>0$}{1}", length - last, "s".repeat(last))
}

#[test]
#[cfg(unix)]
fn a_path_up_to_the_limit_is_taken_and_a_longer_one_refused_with_the_limit() {
    let last = PATH_LIMIT.min(LIMIT);
    assert!(fs(&"p".repeat(LIMIT)).is_ok());
    assert!(fs(&long_path(PATH_LIMIT, last)).is_ok());
    let error = fs(&long_path(PATH_LIMIT + 1, last)).unwrap_err();
    assert!(error.to_string().contains(&PATH_LIMIT.to_string()), "{error}");
}

#[test]
#[cfg(unix)]
fn the_error_holds_the_name_and_the_limit() {
    let path = long_path(PATH_LIMIT + 1, LIMIT);
    let reason = reason(fs(&path));
    let text = reason.to_string();
    let begins = path.get(..100).unwrap();
    assert!(text.contains(begins) && text.contains(&PATH_LIMIT.to_string()), "{text}");
    let name = OsStr::new(&path).into();
    assert_eq!(reason, NameError::TooLong { name, length: PATH_LIMIT + 1, limit: PATH_LIMIT });
}

#[test]
#[cfg(any(target_os = "linux", target_os = "android"))]
fn the_last_part_of_a_long_path_has_a_limit_of_its_own_which_its_error_tells() {
    for path in ["p".repeat(108), long_path(300, 108), format!("/{}", "p".repeat(255))] {
        let reason = reason(fs(&path));
        let text = reason.to_string();
        assert!(text.contains("last part") && text.contains("107"), "{text}");
        let length = path.len() - path.rfind('/').map_or(0, |slash| slash + 1);
        let name = OsStr::new(&path).into();
        assert_eq!(reason, NameError::LastPartTooLong { name, length, limit: 107 });
    }
    assert!(fs(&long_path(300, 107)).is_ok());
    assert!(fs(&format!("{}/s", "d".repeat(200))).is_ok(), "other parts are the file system's");
}

#[test]
#[cfg(unix)]
fn the_text_of_an_error_shows_any_name_on_one_line_of_bounded_length() {
    let text = reason(fs("/a\n\0b")).to_string();
    assert!(text.contains(r#""/a\n\0b""#), "{text}");
    let text = reason(OsStr::from_bytes(b"/\xFF\0").to_fs_name::<GenericFilePath>()).to_string();
    assert!(text.contains(r#""/\xFF\0""#), "{text}");
    let name = "é".repeat(if cfg!(miri) { 1000 } else { 1_000_000 });
    let text = reason(fs(&name)).to_string();
    assert!(text.len() < 500 && text.contains(&format!("{} bytes", name.len())), "{text}");
}

#[test]
#[cfg(any(target_os = "linux", target_os = "android"))]
#[cfg_attr(miri, ignore = "opens sockets")]
fn an_abstract_id_up_to_107_bytes_is_taken_and_works() {
    let long = "n".repeat(108);
    let name = OsStr::new(&long).into();
    assert_eq!(reason(ns(&long)), NameError::TooLong { name, length: 108, limit: 107 });
    let id = format!("{:n>107}", std::process::id());
    let name = ns(&id).unwrap();
    let listener = ListenerOptions::new().name(name.borrow()).create_sync().unwrap();
    ConnectOptions::new().name(name).connect_sync().unwrap();
    listener.accept().unwrap();
}

#[test]
#[cfg(unix)]
#[cfg_attr(miri, ignore = "opens sockets")]
fn a_path_of_the_full_length_works() {
    let folder = tempfile::tempdir().unwrap();
    let room = LIMIT - folder.path().as_os_str().len() - 1;
    let path = folder.path().join("x".repeat(room));
    let name = path.as_path().to_fs_name::<GenericFilePath>().unwrap();
    let listener = ListenerOptions::new().name(name.borrow()).create_sync().unwrap();
    assert!(path.exists());
    ConnectOptions::new().name(name).connect_sync().unwrap();
    listener.accept().unwrap();
}

#[test]
#[cfg(unix)]
fn a_path_prints_as_the_path_and_an_abstract_id_with_an_at() {
    assert_eq!(fs("/run/a.sock").unwrap().to_string(), "/run/a.sock");
    let printed = ns("a.sock").unwrap().to_string();
    if cfg!(any(target_os = "linux", target_os = "android")) {
        assert_eq!(printed, "@a.sock");
    } else {
        assert_eq!(printed, "/tmp/a.sock");
    }
}

#[test]
#[cfg(unix)]
fn a_name_tells_what_it_is() {
    let path = fs("rel/a").unwrap();
    assert!(path.is_path() && !path.is_namespaced());
    assert_eq!((path.as_path(), path.as_namespaced()), (Some(Path::new("rel/a")), None));
    if cfg!(any(target_os = "linux", target_os = "android")) {
        let id = ns("with/slash").unwrap();
        assert!(id.is_namespaced() && !id.is_path());
        assert_eq!((id.as_path(), id.as_namespaced()), (None, Some(OsStr::new("with/slash"))));
    }
}

#[test]
fn every_string_type_gives_the_same_name() {
    let text = format!("{FRONT}a");
    let c_text = CString::new(text.clone()).unwrap();
    let name = fs(&text).unwrap();
    assert_eq!(text.clone().to_fs_name::<GenericFilePath>().unwrap(), name);
    assert_eq!(OsStr::new(&text).to_fs_name::<GenericFilePath>().unwrap(), name);
    assert_eq!(OsString::from(&text).to_fs_name::<GenericFilePath>().unwrap(), name);
    assert_eq!(Path::new(&text).to_fs_name::<GenericFilePath>().unwrap(), name);
    assert_eq!(PathBuf::from(&text).to_fs_name::<GenericFilePath>().unwrap(), name);
    assert_eq!(c_text.as_c_str().to_fs_name::<GenericFilePath>().unwrap(), name);
    assert_eq!(c_text.to_fs_name::<GenericFilePath>().unwrap(), name);
    let name = ns("a").unwrap();
    assert_eq!(String::from("a").to_ns_name::<GenericNamespaced>().unwrap(), name);
    assert_eq!(OsStr::new("a").to_ns_name::<GenericNamespaced>().unwrap(), name);
    assert_eq!(OsString::from("a").to_ns_name::<GenericNamespaced>().unwrap(), name);
    assert_eq!(c"a".to_ns_name::<GenericNamespaced>().unwrap(), name);
    assert_eq!(CString::from(c"a").to_ns_name::<GenericNamespaced>().unwrap(), name);
}

#[test]
#[cfg(unix)]
fn names_that_are_not_utf8_are_taken_as_they_are() {
    let bytes = OsStr::from_bytes(b"/\xFF\xFE");
    let name = bytes.to_fs_name::<GenericFilePath>().unwrap();
    assert_eq!(name.as_path().unwrap().as_os_str(), bytes);
}

#[test]
fn names_can_be_borrowed_owned_compared_hashed_and_sorted() {
    let name: Name<'static> = ns("a").unwrap().into_owned();
    assert_eq!(name.borrow(), name.clone());
    assert_eq!(HashSet::from([name.clone(), name.clone()]).len(), 1);
    let (a, b) = (format!("{FRONT}a"), format!("{FRONT}b"));
    let sorted: Vec<_> = BTreeSet::from([fs(&b).unwrap(), fs(&a).unwrap()]).into_iter().collect();
    assert_eq!(sorted, [fs(&a).unwrap(), fs(&b).unwrap()]);
    // On Windows the two are ways of writing the same pipe.
    assert_eq!(sorted[0] == name, cfg!(windows));
}

#[test]
fn the_generic_kinds_of_name_are_supported() {
    assert!(GenericFilePath::is_supported() && GenericNamespaced::is_supported());
}

#[test]
fn without_a_name_listening_and_connecting_are_refused() {
    let listen = ListenerOptions::new().create_sync().unwrap_err();
    let connect = ConnectOptions::new().connect_sync().unwrap_err();
    for error in [listen, connect] {
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("no name"), "{error}");
    }
}
