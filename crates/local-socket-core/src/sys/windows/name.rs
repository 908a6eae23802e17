//! What Windows takes for the name of a pipe.
//!
//! CreateFileW and CreateNamedPipeW normalise a path that begins with `\\.\` as any other: slashes
//! become backslashes, empty parts, `.` and `..` are resolved, and dots and spaces at the end are cut
//! off (MSDN, "Naming Files, Paths, and Namespaces"); one that begins with `\\?\` is passed on as it
//! is. So what normalising would change is refused here, or done here, and both spellings, the text
//! of a name and what the system sees are the same.

use crate::{
    error::NameError,
    name::{GenericFilePath, GenericNamespaced, Name, NameType, NamespacedNameType, PathNameType},
    sealed::Sealed,
};
use std::{
    borrow::Cow,
    ffi::{CStr, OsStr, OsString},
    io,
    os::windows::ffi::{OsStrExt, OsStringExt},
    path::Path,
};

/// What the path of a pipe of this machine begins with.
const PIPES: &str = r"\\.\pipe\";

/// "The entire pipe name string can be up to 256 characters long" (MSDN, CreateNamedPipeW).
const LIMIT: usize = 256;

const BACKSLASH: u16 = b'\\' as u16;
const SLASH: u16 = b'/' as u16;
const DOT: u16 = b'.' as u16;
const SPACE: u16 = b' ' as u16;
const QUESTION_MARK: u16 = b'?' as u16;

/// The path of a pipe of this machine: `\\.\pipe\` and a name. The same as [`GenericFilePath`] on
/// Windows, which says what may be in it.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum NamedPipe {}

fn is_separator(unit: u16) -> bool {
    unit == BACKSLASH || unit == SLASH
}

/// What precedes the first separator, and what follows it.
fn part(units: &[u16]) -> Option<(&[u16], &[u16])> {
    let end = units.iter().position(|&unit| is_separator(unit))?;
    Some((&units[..end], &units[end + 1..]))
}

fn is_pipe(part: &[u16]) -> bool {
    let lower = |unit: &u16| u8::try_from(*unit).map(|unit| unit.to_ascii_lowercase());
    part.iter().map(lower).eq(b"pipe".iter().copied().map(Ok))
}

/// What a path leads to.
enum Leads<'u> {
    /// To this pipe of this machine. Exact if a slash is no separator in it (`\\?\`).
    Here { name: &'u [u16], exact: bool },
    /// To a pipe of another machine.
    Elsewhere,
}

fn leads(path: &[u16]) -> Option<Leads<'_>> {
    let [first, second, rest @ ..] = path else { return None };
    if !is_separator(*first) || !is_separator(*second) {
        return None;
    }
    let (host, rest) = part(rest)?;
    let (folder, name) = part(rest)?;
    if host.is_empty() || !is_pipe(folder) {
        return None;
    }
    Some(match host {
        [DOT] => Leads::Here { name, exact: false },
        [QUESTION_MARK] => Leads::Here { name, exact: true },
        _ => Leads::Elsewhere,
    })
}

/// The first NUL is an error.
fn check_nul(text: &OsStr, units: &[u16]) -> Result<(), NameError> {
    match units.iter().position(|&unit| unit == 0) {
        Some(position) => Err(NameError::InteriorNul { name: text.into(), position }),
        None => Ok(()),
    }
}

/// What normalising would change in the name of a pipe is an error. `start` is where the name begins
/// in the text that the errors show.
fn check_parts(text: &OsStr, name: &[u16], start: usize) -> Result<(), NameError> {
    let mut position = start;
    for part in name.split(|&unit| is_separator(unit)) {
        match part {
            [] | [DOT] | [DOT, DOT] => {
                return Err(NameError::Component { name: text.into(), position });
            }
            [.., DOT | SPACE] => return Err(NameError::EndCutOff { name: text.into(), position }),
            _ => position += part.len() + 1,
        }
    }
    Ok(())
}

fn slash(text: &OsStr, position: usize) -> NameError {
    NameError::Slash { name: text.into(), position }
}

fn path(path: Cow<'_, OsStr>) -> Result<Name<'_>, NameError> {
    let units: Vec<u16> = path.encode_wide().collect();
    if units.is_empty() {
        return Err(NameError::Empty);
    }
    check_nul(&path, &units)?;
    let (name, exact) = match leads(&units) {
        Some(Leads::Here { name, exact }) => (name, exact),
        Some(Leads::Elsewhere) => return Err(NameError::Remote { name: (&*path).into() }),
        None => return Err(NameError::NotAPipe { name: (&*path).into() }),
    };
    if name.is_empty() {
        return Err(NameError::Empty);
    }
    let start = units.len() - name.len();
    check_parts(&path, name, start)?;
    let found = name.iter().position(|&unit| unit == SLASH);
    if let Some(position) = found.filter(|_| exact) {
        return Err(slash(&path, start + position));
    }
    let normal: Vec<u16> = PIPES
        .encode_utf16()
        .chain(name.iter().map(|&unit| if unit == SLASH { BACKSLASH } else { unit }))
        .collect();
    if normal.len() > LIMIT {
        let name = (&*path).into();
        return Err(NameError::TooLong { name, length: units.len(), limit: LIMIT });
    }
    let text = if normal == units { path } else { Cow::Owned(OsString::from_wide(&normal)) };
    Ok(Name::checked_pipe(text))
}

fn namespaced(id: &OsStr) -> Result<Name<'static>, NameError> {
    let units: Vec<u16> = id.encode_wide().collect();
    if units.is_empty() {
        return Err(NameError::Empty);
    }
    check_nul(id, &units)?;
    if let Some(position) = units.iter().position(|&unit| is_separator(unit)) {
        return Err(slash(id, position));
    }
    check_parts(id, &units, 0)?;
    let limit = LIMIT - PIPES.len();
    if units.len() > limit {
        return Err(NameError::TooLong { name: id.into(), length: units.len(), limit });
    }
    let mut path = OsString::from(PIPES);
    path.push(id);
    Ok(Name::checked_pipe(Cow::Owned(path)))
}

/// What follows `\\.\pipe\` in the path of a checked name.
pub(crate) fn pipe_name(path: &OsStr) -> Option<&OsStr> {
    // None of its parts is one that taking a path apart would leave out.
    Path::new(path).strip_prefix(PIPES).ok().map(Path::as_os_str)
}

/// What CreateNamedPipeW and CreateFileW take: the whole path with a NUL at the end.
pub(super) fn wide(name: &Name<'_>) -> io::Result<Vec<u16>> {
    let path = name.as_path().ok_or(NameError::Missing)?;
    Ok(path.as_os_str().encode_wide().chain([0]).collect())
}

impl Name<'static> {
    /// Reads what printing gives: the path of a pipe.
    pub(crate) fn read(text: OsString) -> Result<Self, NameError> {
        match text.to_str().and_then(|text| text.strip_prefix('@')) {
            Some(id) => Err(NameError::NoAbstractNamespace { name: OsStr::new(id).into() }),
            None => path(Cow::Owned(text)),
        }
    }
}

/// The bytes of a C string are UTF-8, as in all of Rust's text. Anything else is no name.
fn text_of(text: Cow<'_, CStr>) -> io::Result<Cow<'_, OsStr>> {
    let text = match text {
        Cow::Borrowed(text) => text.to_str().map(|text| Cow::Borrowed(OsStr::new(text))),
        Cow::Owned(text) => text
            .into_string()
            .map(|text| Cow::Owned(text.into()))
            .map_err(|error| error.utf8_error()),
    };
    text.map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
}

macro_rules! path_type {
    ($type:ident) => {
        impl NameType for $type {
            fn is_supported() -> bool {
                true
            }
        }

        impl PathNameType<OsStr> for $type {
            fn map(text: Cow<'_, OsStr>) -> io::Result<Name<'_>> {
                Ok(path(text)?)
            }
        }

        /// The bytes are UTF-8.
        impl PathNameType<CStr> for $type {
            fn map(text: Cow<'_, CStr>) -> io::Result<Name<'_>> {
                Ok(path(text_of(text)?)?)
            }
        }
    };
}

impl Sealed for NamedPipe {}

path_type!(GenericFilePath);
path_type!(NamedPipe);

impl NameType for GenericNamespaced {
    fn is_supported() -> bool {
        true
    }
}

impl NamespacedNameType<OsStr> for GenericNamespaced {
    fn map(id: Cow<'_, OsStr>) -> io::Result<Name<'_>> {
        Ok(namespaced(&id)?)
    }
}

/// The bytes are UTF-8.
impl NamespacedNameType<CStr> for GenericNamespaced {
    fn map(id: Cow<'_, CStr>) -> io::Result<Name<'_>> {
        Ok(namespaced(&text_of(id)?)?)
    }
}
