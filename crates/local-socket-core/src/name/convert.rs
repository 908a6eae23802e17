//! From the string types of the standard library to names.

use super::{Name, NamespacedNameType, PathNameType};
use std::{
    borrow::Cow,
    ffi::{CStr, CString, OsStr, OsString},
    io,
    path::{Path, PathBuf},
};

/// What can become a path name. Owned strings give a `Name<'static>`, borrowed ones borrow.
pub trait ToFsName<'s, S: ToOwned + ?Sized> {
    /// Makes a name of this path by the rule `NT`, usually
    /// [`GenericFilePath`](crate::GenericFilePath).
    ///
    /// # Errors
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) around a
    /// [`NameError`](crate::error::NameError) that says what is wrong with it; on Windows
    /// [`Unsupported`](io::ErrorKind::Unsupported) around one where it isn't the path of a pipe of
    /// this machine.
    fn to_fs_name<NT: PathNameType<S>>(self) -> io::Result<Name<'s>>;
}

/// What can become a namespaced name. Owned strings give a `Name<'static>`, borrowed ones borrow.
pub trait ToNsName<'s, S: ToOwned + ?Sized> {
    /// Makes a name of this id by the rule `NT`, usually
    /// [`GenericNamespaced`](crate::GenericNamespaced).
    ///
    /// # Errors
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) around a
    /// [`NameError`](crate::error::NameError) that says what is wrong with it.
    fn to_ns_name<NT: NamespacedNameType<S>>(self) -> io::Result<Name<'s>>;
}

macro_rules! to_name {
    ($trait:ident::$method:ident by $rule:ident: $($from:ty => $str:ty, $this:ident => $cow:expr;)+) => {
        $(impl<'s> $trait<'s, $str> for $from {
            fn $method<NT: $rule<$str>>(self) -> io::Result<Name<'s>> {
                let $this = self;
                NT::map($cow)
            }
        })+
    };
}

to_name! { ToFsName::to_fs_name by PathNameType:
    &'s Path => OsStr, path => Cow::Borrowed(path.as_os_str());
    PathBuf => OsStr, path => Cow::Owned(path.into_os_string());
    &'s str => OsStr, path => Cow::Borrowed(OsStr::new(path));
    String => OsStr, path => Cow::Owned(path.into());
    &'s OsStr => OsStr, path => Cow::Borrowed(path);
    OsString => OsStr, path => Cow::Owned(path);
    &'s CStr => CStr, path => Cow::Borrowed(path);
    CString => CStr, path => Cow::Owned(path);
}

to_name! { ToNsName::to_ns_name by NamespacedNameType:
    &'s str => OsStr, id => Cow::Borrowed(OsStr::new(id));
    String => OsStr, id => Cow::Owned(id.into());
    &'s OsStr => OsStr, id => Cow::Borrowed(id);
    OsString => OsStr, id => Cow::Owned(id);
    &'s CStr => CStr, id => Cow::Borrowed(id);
    CString => CStr, id => Cow::Owned(id);
}
