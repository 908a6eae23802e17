//! Errors as libuv numbers them on Windows, where it has numbers of its own (uv/errno.h), so that
//! Node knows their names (`util.getSystemErrorName`).

#[cfg(test)]
mod tests;

use {
    local_socket::error::os_error,
    std::{error::Error, io},
};

const E2BIG: i32 = -4093;
const EACCES: i32 = -4092;
const EADDRINUSE: i32 = -4091;
const EAGAIN: i32 = -4088;
const EBADF: i32 = -4083;
const EBUSY: i32 = -4082;
const ECANCELED: i32 = -4081;
const ECONNABORTED: i32 = -4079;
const ECONNREFUSED: i32 = -4078;
const ECONNRESET: i32 = -4077;
const EEXIST: i32 = -4075;
const EFAULT: i32 = -4074;
const EINVAL: i32 = -4071;
const EIO: i32 = -4070;
const EISDIR: i32 = -4068;
const EMFILE: i32 = -4066;
const ENAMETOOLONG: i32 = -4064;
const ENOBUFS: i32 = -4060;
const ENOENT: i32 = -4058;
const ENOMEM: i32 = -4057;
const ENOSPC: i32 = -4055;
const ENOTCONN: i32 = -4053;
const ENOTSOCK: i32 = -4050;
const ENOTSUP: i32 = -4049;
const EPERM: i32 = -4048;
const EPIPE: i32 = -4047;
const ETIMEDOUT: i32 = -4039;
const UNKNOWN: i32 = -4094;

const ERROR_INVALID_HANDLE: i32 = 6;
const ERROR_INVALID_PARAMETER: i32 = 87;

/// The negative errno of an error.
pub fn negative_errno(error: &io::Error) -> i32 {
    os_error(error).and_then(translated).unwrap_or_else(|| nearest(error.kind()))
}

/// Arguments of the wrong kind.
pub fn invalid() -> io::Error {
    io::Error::from_raw_os_error(ERROR_INVALID_PARAMETER)
}

/// A number that stands for nothing, or for the other kind of endpoint.
pub fn bad_id() -> io::Error {
    io::Error::from_raw_os_error(ERROR_INVALID_HANDLE)
}

/// The stable code of an error that only this system's part of the core makes: there is none.
pub fn code_of_ours(_error: &(dyn Error + 'static)) -> Option<&'static str> {
    None
}

/// What libuv makes of a system error (src/win/error.c, `uv_translate_sys_error`), by winerror.h's
/// numbers, as far as pipes and what is asked of the system around them can meet it. Differently
/// from there, ERROR_BROKEN_PIPE is EPIPE and not the end of file, which reads tell by a count. For
/// some that it has no name for, it is the nearest: npfs allocates by quota, and an end that nobody
/// has connected to can be given to a stream.
fn translated(code: i32) -> Option<i32> {
    Some(match code {
        1 => EISDIR,                                   // ERROR_INVALID_FUNCTION
        2 | 3 | 123 | 126 | 161 | 267 => ENOENT, // FILE, PATH, NAME, MODULE; PATHNAME, DIRECTORY
        4 | 10024 => EMFILE,                     // ERROR_TOO_MANY_OPEN_FILES, WSAEMFILE
        5 | 1314 => EPERM,                       // ERROR_ACCESS_DENIED, PRIVILEGE_NOT_HELD
        6 | 1004 => EBADF,                       // ERROR_INVALID_HANDLE, INVALID_FLAGS
        8 | 14 | 1455 => ENOMEM,                 // NOT_ENOUGH_MEMORY, OUTOFMEMORY, COMMITMENT_LIMIT
        13 | 87 | 122 | 1337 | 1338 | 10022 => EINVAL, // DATA, PARAMETER, BUFFER; SID, DESCRIPTOR
        31 => EIO,                               // ERROR_GEN_FAILURE
        32 | 33 | 231 => EBUSY,                  // SHARING, LOCK_VIOLATION, PIPE_BUSY
        50 | 120 | 10045 => ENOTSUP,             // NOT_SUPPORTED, CALL_NOT_IMPLEMENTED
        64 | 10054 => ECONNRESET,                // ERROR_NETNAME_DELETED, WSAECONNRESET
        80 | 183 => EEXIST,                      // ERROR_FILE_EXISTS, ALREADY_EXISTS
        109 | 230 | 232 | 233 | 10058 => EPIPE,  // BROKEN_PIPE, BAD_PIPE, NO_DATA, NOT_CONNECTED
        112 => ENOSPC,                           // ERROR_DISK_FULL
        121 | 1460 | 10060 => ETIMEDOUT,         // SEM_TIMEOUT, TIMEOUT, WSAETIMEDOUT
        206 => ENAMETOOLONG,                     // ERROR_FILENAME_EXCED_RANGE
        740 | 998 | 1920 | 10013 => EACCES,      // ELEVATION_REQUIRED, NOACCESS, CANT_ACCESS_FILE
        995 | 10004 => ECANCELED,                // ERROR_OPERATION_ABORTED, WSAEINTR
        1225 | 10061 => ECONNREFUSED,            // ERROR_CONNECTION_REFUSED
        1227 | 10048 => EADDRINUSE,              // ADDRESS_ALREADY_ASSOCIATED, WSAEADDRINUSE
        1236 | 10053 => ECONNABORTED,            // ERROR_CONNECTION_ABORTED
        1450 | 1816 | 10055 => ENOBUFS, // NO_SYSTEM_RESOURCES, NOT_ENOUGH_QUOTA, WSAENOBUFS
        536 | 2250 | 10057 => ENOTCONN, // PIPE_LISTENING, NOT_CONNECTED, WSAENOTCONN
        10014 => EFAULT,                // WSAEFAULT
        10035 => EAGAIN,                // WSAEWOULDBLOCK
        10038 => ENOTSOCK,              // WSAENOTSOCK
        10 => E2BIG,                    // ERROR_BAD_ENVIRONMENT
        _ => return None,
    })
}

/// The nearest errno for errors that the core or the standard library made themselves, and for
/// numbers that libuv has no name for.
fn nearest(kind: io::ErrorKind) -> i32 {
    use io::ErrorKind;
    match kind {
        ErrorKind::WouldBlock => EAGAIN,
        ErrorKind::TimedOut => ETIMEDOUT,
        ErrorKind::NotConnected => ENOTCONN,
        ErrorKind::InvalidInput => EINVAL,
        ErrorKind::Unsupported => ENOTSUP,
        ErrorKind::PermissionDenied => EACCES,
        ErrorKind::NotFound => ENOENT,
        ErrorKind::AlreadyExists => EEXIST,
        ErrorKind::AddrInUse => EADDRINUSE,
        ErrorKind::ConnectionRefused => ECONNREFUSED,
        ErrorKind::ConnectionReset => ECONNRESET,
        ErrorKind::ConnectionAborted => ECONNABORTED,
        ErrorKind::BrokenPipe => EPIPE,
        ErrorKind::OutOfMemory => ENOMEM,
        _ => UNKNOWN,
    }
}
