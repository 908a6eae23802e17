//! Pipes and security descriptors, which programs use beside local sockets on Windows.

use interprocess::{
    ConnectWaitMode, TryClone,
    os::windows::{
        ImpersonationGuard, ShareHandle, ToWtf16,
        named_pipe::{
            DuplexPipeStream, FromHandleError, FromHandleErrorKind, Incoming, PipeDirection,
            PipeListener, PipeListenerOptions, PipeMode, PipeStream, PipeStreamRole,
            RecvPipeStream, ReuniteError, ReuniteResult, SendPipeStream, WaitTimeout,
            pipe_mode::{Bytes, Messages, None as Nothing},
        },
        security_descriptor::{
            AsSecurityDescriptor, AsSecurityDescriptorExt, AsSecurityDescriptorMut,
            AsSecurityDescriptorMutExt, BorrowedSecurityDescriptor, MutBorrowedSecurityDescriptor,
            SecurityDescriptor,
        },
    },
};
use std::{
    fmt::{Debug, Display},
    hash::Hash,
    io::{self, Read, Write},
    os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle, RawHandle},
};

#[test]
fn pipes_listen_and_connect() {
    implements!(PipeListener<Bytes, Bytes>: Debug + Into<OwnedHandle>);
    implements!(PipeListenerOptions<'static>: Debug + Default + TryClone);
    implements!(Incoming<'static, Bytes, Bytes>: Iterator);
    let _ = |options: &PipeListenerOptions<'_>| -> io::Result<PipeListener<Bytes, Bytes>> {
        options.create_duplex()
    };
    let _ = |path: &'static str, mode: ConnectWaitMode| -> io::Result<DuplexPipeStream<Bytes>> {
        PipeStream::connect_by_path_with_wait_mode(path, mode)
    };
    let _ = |stream: &DuplexPipeStream<Bytes>| -> io::Result<ImpersonationGuard> {
        stream.impersonate_client()
    };
    implements!(WaitTimeout: Copy + Debug + Default + PartialEq + Eq + Into<u32>);
    implements!(PipeDirection: Copy + Debug + Eq + Hash);
    implements!(PipeStreamRole: Copy + Debug + Eq + Hash);
    implements!(PipeMode: Copy + Debug + Eq + Hash);
}

#[test]
fn pipes_have_streams_of_bytes_and_messages_both_ways_or_one() {
    implements!(DuplexPipeStream<Bytes>: Debug + AsHandle + Read + Write + TryClone);
    implements!(RecvPipeStream<Bytes>: Debug + AsHandle + Read);
    implements!(SendPipeStream<Bytes>: Debug + AsHandle + Write);
    implements!(DuplexPipeStream<Messages>: Debug + AsHandle);
    implements!(PipeStream<Bytes, Nothing>: Debug);
    type Halves = (RecvPipeStream<Bytes>, SendPipeStream<Bytes>);
    let _: fn(DuplexPipeStream<Bytes>) -> Halves = PipeStream::split;
    type Halved = ReuniteError<Bytes, Bytes>;
    let _: fn(ReuniteResult<Bytes, Bytes>) -> Option<Halved> = Result::err;
    let _: fn(FromHandleError) -> FromHandleErrorKind = |error| error.details;
    implements!(FromHandleErrorKind: Copy + Debug + Display + PartialEq + Into<io::Error>);
    implements!(&'static str: ToWtf16<'static>);
    fn shared<T: ShareHandle>(handle: &T, with: BorrowedHandle<'_>) -> io::Result<RawHandle> {
        handle.share(with)
    }
    struct Mine(OwnedHandle);
    impl AsHandle for Mine {
        fn as_handle(&self) -> BorrowedHandle<'_> {
            self.0.as_handle()
        }
    }
    impl ShareHandle for Mine {}
    let _ = |mine: &Mine, with: BorrowedHandle<'_>| shared(mine, with);
}

#[test]
fn security_descriptors_are_made_lent_and_looked_into() {
    implements!(SecurityDescriptor: Debug + Default + TryClone + Send + Sync);
    implements!(SecurityDescriptor: AsSecurityDescriptor + AsSecurityDescriptorMut);
    implements!(SecurityDescriptor: AsSecurityDescriptorExt + AsSecurityDescriptorMutExt);
    implements!(BorrowedSecurityDescriptor<'static>: Copy + Debug + AsSecurityDescriptorExt);
    implements!(MutBorrowedSecurityDescriptor<'static>: Debug + AsSecurityDescriptorMutExt);
    assert!(SecurityDescriptor::new().is_ok());
}
