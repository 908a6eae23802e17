//! What becomes the name of a pipe, what is refused, and what it tells.
#![cfg(windows)]

use local_socket::{
    GenericFilePath, GenericNamespaced, Name, NameType, error::NameError, os::windows::NamedPipe,
    prelude::*,
};
use std::{
    ffi::{CString, OsStr, OsString},
    io::{self, ErrorKind},
    os::windows::ffi::OsStringExt,
    path::Path,
};

/// What precedes a name in its path.
const PIPES: &str = r"\\.\pipe\";

/// The characters of a path.
const LIMIT: usize = 256;

fn fs(path: &str) -> io::Result<Name<'_>> {
    path.to_fs_name::<GenericFilePath>()
}

fn ns(id: &str) -> io::Result<Name<'_>> {
    id.to_ns_name::<GenericNamespaced>()
}

fn reason(result: io::Result<Name<'_>>) -> (ErrorKind, NameError) {
    let error = result.expect_err("the name is bad");
    let kind = error.kind();
    let inner = error.into_inner().expect("there is a cause");
    (kind, *inner.downcast::<NameError>().expect("the cause is about the name"))
}

fn invalid(error: NameError) -> (ErrorKind, NameError) {
    (ErrorKind::InvalidInput, error)
}

fn text(name: &str) -> Box<OsStr> {
    OsStr::new(name).into()
}

#[test]
fn an_id_is_a_pipe_of_this_machine_and_both_kinds_of_name_at_once() {
    let name = ns("my-app").unwrap();
    assert_eq!(name.to_string(), r"\\.\pipe\my-app");
    assert_eq!(name, fs(r"\\.\pipe\my-app").unwrap());
    assert!(name.is_path() && name.is_namespaced());
    assert_eq!(name.as_path(), Some(Path::new(r"\\.\pipe\my-app")));
    assert_eq!(name.as_namespaced(), Some(OsStr::new("my-app")));
    let deep = fs(r"\\.\pipe\LOCAL\my-app").unwrap();
    assert_eq!(deep.as_namespaced(), Some(OsStr::new(r"LOCAL\my-app")));
}

#[test]
fn the_front_of_a_path_may_be_written_in_several_ways_and_prints_in_one() {
    for path in [
        r"\\.\pipe\My App",
        r"\\.\PIPE\My App",
        r"\\?\pipe\My App",
        r"\\?\Pipe\My App",
        "//./pipe/My App",
        r"\/.\pIpE/My App",
    ] {
        let name = fs(path).unwrap();
        assert_eq!(name.to_string(), r"\\.\pipe\My App", "{path}");
        assert_eq!(name, path.to_fs_name::<NamedPipe>().unwrap());
    }
    assert!(NamedPipe::is_supported());
}

#[test]
fn slashes_in_a_path_become_backslashes_as_windows_does() {
    assert_eq!(fs(r"\\.\pipe\a/b\c").unwrap().to_string(), r"\\.\pipe\a\b\c");
}

#[test]
fn names_that_differ_in_case_only_are_not_equal() {
    assert_ne!(ns("a").unwrap(), ns("A").unwrap());
}

#[test]
fn a_path_that_is_no_pipe_is_unsupported_and_the_error_says_what_to_write() {
    for path in [
        r"C:\my.sock",
        "C:/my.sock",
        "./my.sock",
        r".\my.sock",
        "/run/my.sock",
        "my.sock",
        r"\\.\COM1",
        r"\\.\pipe",
        r"\\.\pipes\a",
        r"\\.\mailslot\a",
        r"\\\pipe\a",
        r"\\longhost\x",
        r"\\",
        r"\",
        "pipe",
    ] {
        let not_a_pipe = NameError::NotAPipe { name: text(path) };
        assert!(not_a_pipe.to_string().contains(r"\\.\pipe\"), "{not_a_pipe}");
        assert!(not_a_pipe.to_string().contains(&format!("{path:?}").replace(r"\\", r"\")));
        assert_eq!(reason(fs(path)), (ErrorKind::Unsupported, not_a_pipe));
    }
}

#[test]
fn a_pipe_of_another_machine_is_unsupported_and_the_error_says_so() {
    for path in [r"\\HOST\pipe\a", r"\\localhost\PIPE\a", "//127.0.0.1/pipe/a", r"\\..\pipe\a"] {
        let remote = NameError::Remote { name: text(path) };
        assert!(remote.to_string().contains("another machine"), "{remote}");
        assert_eq!(reason(fs(path)), (ErrorKind::Unsupported, remote));
    }
}

#[test]
fn an_empty_name_is_refused_also_after_the_front() {
    for path in ["", r"\\.\pipe\", "//./pipe/", r"\\?\pipe\"] {
        assert_eq!(reason(fs(path)), invalid(NameError::Empty), "{path}");
    }
    assert_eq!(reason(ns("")), invalid(NameError::Empty));
}

#[test]
fn slashes_and_backslashes_in_an_id_are_refused_and_their_position_told() {
    for (id, position) in [(r"a\b", 1), ("é/b", 1), (r"\\.\pipe\a", 0), ("😀/", 2)] {
        let slash = NameError::Slash { name: text(id), position };
        assert!(slash.to_string().contains(r"\\.\pipe\"), "{slash}");
        assert_eq!(reason(ns(id)), invalid(slash));
    }
    let path = r"\\?\pipe\a/b";
    let slash = NameError::Slash { name: text(path), position: 10 };
    assert_eq!(reason(fs(path)), invalid(slash), "Windows leaves a slash there as it is");
}

#[test]
fn what_windows_would_leave_out_of_a_path_is_refused() {
    for id in [".", ".."] {
        let component = NameError::Component { name: text(id), position: 0 };
        assert_eq!(reason(ns(id)), invalid(component));
    }
    for (name, position) in [(r"a\\b", 2), (r"\a", 0), (r"a\", 2), (r"a\..\b", 2), (r".\a", 0)] {
        let path = format!("{PIPES}{name}");
        let position = PIPES.len() + position;
        let component = NameError::Component { name: text(&path), position };
        assert_eq!(reason(fs(&path)), invalid(component));
    }
    for id in ["a.", "a ", "...", " ", "a. "] {
        let cut = NameError::EndCutOff { name: text(id), position: 0 };
        assert!(cut.to_string().contains("leaves out"), "{cut}");
        assert_eq!(reason(ns(id)), invalid(cut));
        assert!(fs(&format!("{PIPES}{id}")).is_err());
    }
    assert!(ns(".a").is_ok() && ns(" a").is_ok() && ns("a.b c").is_ok());
}

#[test]
fn a_path_of_256_characters_is_taken_and_a_longer_one_refused_with_the_limit() {
    let room = LIMIT - PIPES.len();
    for (character, units) in [("a", 1), ("é", 1), ("😀", 2)] {
        let fits = character.repeat(room / units);
        assert!(ns(&fits).is_ok() && fs(&format!("{PIPES}{fits}")).is_ok());
        let long = character.repeat(room / units + 1);
        let length = long.encode_utf16().count();
        let error = NameError::TooLong { name: text(&long), length, limit: room };
        assert!(error.to_string().contains(&format!("{length} characters")), "{error}");
        assert_eq!(reason(ns(&long)), invalid(error));
        let path = format!("{PIPES}{long}");
        let length = PIPES.len() + length;
        let error = NameError::TooLong { name: text(&path), length, limit: LIMIT };
        assert_eq!(reason(fs(&path)), invalid(error));
    }
}

#[test]
fn every_name_prints_and_parses_back_to_itself() {
    for id in ["a", "A b", "a%2Fb", ".a", "@a", "é😀", "a:b", "\"<>|*?\n", " a", "-"] {
        let name = ns(id).unwrap();
        assert_eq!(name.to_string().parse::<Name>(), Ok(name.clone()), "{id:?}");
        assert_eq!(Name::from_os_string(name.to_os_string()), Ok(name.clone()));
        assert_eq!(name.as_namespaced(), Some(OsStr::new(id)));
    }
    let deep = fs(r"\\.\pipe\a\b\c").unwrap();
    assert_eq!(deep.to_string().parse::<Name>(), Ok(deep));
}

#[test]
fn text_that_means_the_abstract_namespace_is_refused() {
    let error = "@a".parse::<Name>().unwrap_err();
    assert_eq!(error, NameError::NoAbstractNamespace { name: text("a") });
    assert!(error.to_string().contains(r"\\.\pipe\"), "{error}");
}

#[test]
fn a_name_that_is_not_unicode_goes_through_os_strings_unchanged() {
    let id = OsString::from_wide(&[0x61, 0xD800, 0x62]);
    let name = id.clone().to_ns_name::<GenericNamespaced>().unwrap();
    assert_eq!(name.as_namespaced(), Some(&*id));
    assert!(name.to_string().contains('\u{FFFD}'));
    assert_eq!(Name::from_os_string(name.to_os_string()), Ok(name));
}

#[test]
fn c_strings_are_utf8() {
    let name = ns("é").unwrap();
    assert_eq!(c"é".to_ns_name::<GenericNamespaced>().unwrap(), name);
    let path = CString::new(r"\\.\pipe\é").unwrap();
    assert_eq!(path.as_c_str().to_fs_name::<NamedPipe>().unwrap(), name);
    assert_eq!(path.to_fs_name::<GenericFilePath>().unwrap(), name);
    let error = c"\xFF".to_ns_name::<GenericNamespaced>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn the_text_of_an_error_shows_any_name_on_one_line_of_bounded_length() {
    let (_, error) = reason(fs("\\\\.\\pipe\\a\n\0b"));
    assert!(error.to_string().contains(r#""\\.\pipe\a\n\0b""#), "{error}");
    let (_, error) = reason(ns(&"é".repeat(1_000_000)));
    assert!(error.to_string().len() < 500, "{error}");
}

#[test]
fn a_name_can_be_padded_like_a_string() {
    assert_eq!(format!("{:>12}|", ns("a").unwrap()), r"  \\.\pipe\a|");
}
