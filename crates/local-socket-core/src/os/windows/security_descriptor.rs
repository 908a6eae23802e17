//! Security descriptors, as the options of a listener take them: interprocess's, re-exported.
//!
//! Most programs need none of it: [`allow`](crate::ListenerOptions::allow) says who may connect.
//! To be known of them (2.4.7):
//! - [`TryClone`](crate::TryClone) of a [`SecurityDescriptor`] loses its owner and puts the group in
//!   its place. Make a new one of the text instead.
//! - [`MutBorrowedSecurityDescriptor`]'s [`as_sd`](AsSecurityDescriptor::as_sd) gives a pointer to its
//!   pointer. Use [`as_sd_mut`](AsSecurityDescriptorMut::as_sd_mut).

#[doc(no_inline)]
pub use interprocess::os::windows::security_descriptor::{
    AsSecurityDescriptor, AsSecurityDescriptorExt, AsSecurityDescriptorMut,
    AsSecurityDescriptorMutExt, BorrowedSecurityDescriptor, MutBorrowedSecurityDescriptor,
    SecurityDescriptor,
};
