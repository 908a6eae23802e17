//! Errors that carry more than an [`io::Error`](std::io::Error): what was refused, and what you get back.

mod activation;
mod address;
mod advice;
mod conversion;
mod descriptor;
mod name;
mod reunite;
mod server;

pub use activation::ActivationError;
pub use address::{AddressError, Operation, os_error};
pub(crate) use advice::Advised;
#[cfg(unix)]
pub use conversion::FromFdError;
pub use conversion::{ConversionError, NoDetails};
pub use descriptor::{CannotListen, DescriptorError};
pub use name::NameError;
pub use reunite::{ReuniteError, ReuniteResult};
pub use server::ServerNotAllowed;
