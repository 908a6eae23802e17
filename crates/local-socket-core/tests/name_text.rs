//! Names as text, there and back: paths and abstract ids. Those of pipes are in `pipe_names`.
#![cfg(unix)]

mod common;

use common::{framed::Random, listen, path_name};
use local_socket::{GenericFilePath, GenericNamespaced, Name, error::NameError, prelude::*};
use std::{
    collections::HashMap,
    ffi::{OsStr, OsString},
    os::unix::{ffi::OsStrExt, net::UnixStream},
    path::Path,
};

const LINUX: bool = cfg!(any(target_os = "linux", target_os = "android"));

const LIMIT: usize = if LINUX { 107 } else { 103 };

/// What a name may be made of, with everything that has a meaning in a path, in a shell, in a URL or
/// in the text of a name.
const PARTS: [&str; 16] =
    ["/", "./", "@", ".", "..", " ", "%", "%2F", "\\", "\"", "\n", ":", "a", "Z9", "é", "😀"];

/// How many texts of each length: Miri takes a second for some ten.
const OF_EACH_LENGTH: usize = if cfg!(miri) { 1 } else { 30 };

/// Texts of every length up to the limit, and those where the marks matter.
fn texts() -> Vec<String> {
    let mut random = Random::new(1);
    let mut texts: Vec<_> = (1..=LIMIT)
        .flat_map(|length| [length; OF_EACH_LENGTH])
        .map(|length| {
            let mut text = String::new();
            while text.len() < length {
                let part = PARTS[random.below(PARTS.len())];
                text.push_str(if text.len() + part.len() <= length { part } else { "x" });
            }
            text
        })
        .collect();
    let fronts =
        ["@", "./@", "././@", "@@", "@./@", ".", "./", ".//@", "./.@", "../@", "/@", "/./@"];
    for front in fronts {
        texts.push(front.to_owned());
        texts.push(format!("{front}x"));
        texts.push(format!("{front:x<LIMIT$}"));
    }
    texts
}

fn path(text: &str) -> Name<'_> {
    text.to_fs_name::<GenericFilePath>().expect("a good path")
}

fn id(text: &str) -> Name<'_> {
    text.to_ns_name::<GenericNamespaced>().expect("a good id")
}

#[test]
fn every_name_prints_and_parses_back_to_itself() {
    let texts = texts();
    let mut printed = HashMap::new();
    for text in &texts {
        let mut names = vec![path(text)];
        if LINUX {
            names.push(id(text));
        }
        for name in names {
            let text = name.to_string();
            assert_eq!(text.parse::<Name>().as_ref(), Ok(&name), "{text:?}");
            assert_eq!(name.to_os_string(), OsString::from(&text));
            assert_eq!(Name::from_os_string(text.clone().into()).as_ref(), Ok(&name), "{text:?}");
            let other = printed.insert(text.clone(), name.clone());
            assert!(other.is_none_or(|other| other == name), "two names print as {text:?}");
        }
    }
}

#[test]
fn text_without_a_mark_is_the_path_that_it_spells() {
    for text in ["/run/a", "a", "a@b", "..", "./a", "a/@", "unix:a", "~/a", " @a"] {
        let name: Name = text.parse().unwrap();
        assert_eq!(name, path(text));
        assert_eq!(name.as_path(), Some(Path::new(text)));
        assert_eq!(name.to_string(), text);
    }
}

#[test]
#[cfg_attr(miri, ignore = "opens sockets")]
fn a_path_that_begins_with_an_at_prints_as_the_same_file() {
    // Nobody else in this program uses a relative path.
    let folder = tempfile::tempdir().unwrap();
    std::env::set_current_dir(&folder).unwrap();
    let name = path_name("@s");
    assert_eq!(name.to_string(), "./@s");
    let _listener = listen(&name);
    assert!(folder.path().join("@s").exists());
    UnixStream::connect(name.to_string()).unwrap();
    assert_eq!("./@s".parse::<Name>(), Ok(name));
}

#[test]
fn a_name_that_is_not_utf8_goes_through_os_strings_unchanged() {
    for bytes in [&b"/\xFF\xFE"[..], b"\xC3", b"@\xFF", b"./@\xFF", b"a/\xF0\x9F"] {
        let bytes = OsStr::from_bytes(bytes);
        let name = bytes.to_fs_name::<GenericFilePath>().unwrap();
        assert_eq!(Name::from_os_string(name.to_os_string()), Ok(name.clone()));
        assert_eq!(name.as_path(), Some(Path::new(bytes)));
        assert!(name.to_string().contains('\u{FFFD}'));
        if LINUX {
            let name = bytes.to_ns_name::<GenericNamespaced>().unwrap();
            let text = name.to_os_string();
            assert_eq!((text.as_bytes()[0], &text.as_bytes()[1..]), (b'@', bytes.as_bytes()));
            assert_eq!(Name::from_os_string(text), Ok(name));
        }
    }
}

#[test]
fn an_at_alone_and_nothing_are_refused() {
    assert_eq!("".parse::<Name>(), Err(NameError::Empty));
    assert_eq!(Name::from_os_string(OsString::new()), Err(NameError::Empty));
    if LINUX {
        assert_eq!("@".parse::<Name>(), Err(NameError::Empty));
    }
}

#[test]
fn text_is_checked_as_any_name() {
    let name = OsStr::new("a\0").into();
    assert_eq!("a\0".parse::<Name>(), Err(NameError::InteriorNul { name, position: 1 }));
    let long = "p/".repeat(2_048);
    let limit = if LINUX { 4_095 } else { LIMIT };
    let (name, length) = (OsStr::new(&long).into(), long.len());
    assert_eq!(long.parse::<Name>(), Err(NameError::TooLong { name, length, limit }));
    let marked = format!("@{long}").parse::<Name>().unwrap_err();
    if LINUX {
        assert!(matches!(marked, NameError::TooLong { .. }), "{marked}");
    } else {
        assert!(matches!(marked, NameError::NoAbstractNamespace { .. }), "{marked}");
    }
}

#[test]
fn a_name_can_be_padded_like_a_string() {
    assert_eq!(format!("{:>6}|{:6}|", path("/a"), path("@a")), "    /a|./@a  |");
}
