//! Errors that carry more than an [`io::Error`](std::io::Error): what was refused, and what you get back.

#[cfg(unix)]
mod activation;
mod address;
mod advice;
mod conversion;
#[cfg(unix)]
mod descriptor;
mod name;
mod reunite;
mod server;

#[cfg(unix)]
pub use activation::ActivationError;
pub use address::{AddressError, Operation, os_error};
pub(crate) use advice::Advised;
#[cfg(unix)]
pub use conversion::FromFdError;
#[cfg(windows)]
pub use conversion::FromHandleError;
pub use conversion::{ConversionError, NoDetails};
#[cfg(unix)]
pub use descriptor::{CannotListen, DescriptorError};
pub use name::NameError;
pub use reunite::{ReuniteError, ReuniteResult};
pub use server::ServerNotAllowed;
