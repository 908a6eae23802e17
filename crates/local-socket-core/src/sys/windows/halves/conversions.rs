//! Halves from and to interprocess's.

use super::{
    super::stream::{Stream, interprocess_stream},
    RecvHalf, SendHalf,
};
use interprocess::os::windows::named_pipe::{RecvPipeStream, SendPipeStream, pipe_mode::Bytes};
use std::{
    os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle},
    sync::Arc,
};

const NO_HANDLES: &str = "a handle can be duplicated";

macro_rules! conversions {
    ($half:ident, $theirs:ident, $part:tt) => {
        impl $half {
            /// interprocess's half over a duplicate of the handle, made when it is first asked for.
            /// It isn't for bytes: see [`Stream::inner`].
            ///
            /// # Panics
            /// The system has no handles left.
            #[must_use]
            pub fn inner(&self) -> &$theirs<Bytes> {
                self.inner.get_or_init(|| {
                    let handle = self.as_handle().try_clone_to_owned().expect(NO_HANDLES);
                    Box::new(interprocess_stream(handle).split().$part)
                })
            }

            /// As [`inner`](Self::inner), mutably.
            ///
            /// # Panics
            /// As for [`inner`](Self::inner).
            pub fn inner_mut(&mut self) -> &mut $theirs<Bytes> {
                let _ = self.inner();
                self.inner.get_mut().expect("it was just made")
            }
        }

        impl AsHandle for $half {
            fn as_handle(&self) -> BorrowedHandle<'_> {
                self.stream.as_handle()
            }
        }

        impl AsRef<$theirs<Bytes>> for $half {
            fn as_ref(&self) -> &$theirs<Bytes> {
                self.inner()
            }
        }

        impl AsMut<$theirs<Bytes>> for $half {
            fn as_mut(&mut self) -> &mut $theirs<Bytes> {
                self.inner_mut()
            }
        }

        /// See the conversion of a [`Stream`] to a handle. It concerns the other half too, which
        /// goes on.
        ///
        /// # Panics
        /// The system has no handles left.
        impl From<$half> for $theirs<Bytes> {
            fn from(half: $half) -> Self {
                let handle = half.stream.give_away().expect(NO_HANDLES);
                interprocess_stream(handle).split().$part
            }
        }

        /// A half of its own: [`reunite`](crate::traits::Stream::reunite) knows no other half to it.
        /// See the conversion of interprocess's stream to a [`Stream`].
        ///
        /// # Panics
        /// The system has no handles left.
        impl From<$theirs<Bytes>> for $half {
            fn from(half: $theirs<Bytes>) -> Self {
                let handle = OwnedHandle::try_from(half).unwrap_or_else(|shared| {
                    shared.as_handle().try_clone_to_owned().expect(NO_HANDLES)
                });
                Self::new(Arc::new(Stream::from(interprocess_stream(handle))))
            }
        }
    };
}

conversions!(RecvHalf, RecvPipeStream, 0);
conversions!(SendHalf, SendPipeStream, 1);
