//! Every public item, as code that doesn't compile without it. That it compiles is most of the test.

/// The type implements all of it.
macro_rules! implements {
    ($type:ty: $($bounds:tt)+) => {{
        fn check<T: ?Sized + $($bounds)+>() {}
        check::<$type>();
    }};
}

/// A reference to the type implements all of it, however short it lives.
macro_rules! by_reference {
    ($type:ty: $($bounds:tt)+) => {{
        fn check<T: ?Sized>()
        where
            for<'a> &'a T: $($bounds)+,
        {
        }
        check::<$type>();
    }};
}

/// The type doesn't implement it: else there were two ways to fill in the gap.
macro_rules! implements_not {
    ($type:ty: $bound:path) => {{
        trait Ambiguous<A> {
            fn check() {}
        }
        impl<T: ?Sized> Ambiguous<()> for T {}
        impl<T: ?Sized + $bound> Ambiguous<u8> for T {}
        <$type as Ambiguous<_>>::check();
    }};
}

/// Takes what is within an enum out of it, by a pattern that leaves no case out.
macro_rules! within {
    ($enum:ident) => {
        |it| {
            #[cfg(unix)]
            let $enum::UdSocket(inner) = it;
            #[cfg(windows)]
            let $enum::NamedPipe(inner) = it;
            inner
        }
    };
}

/// The types within the enums.
#[cfg(unix)]
pub(crate) use interprocess::os::unix::uds_local_socket as inner;
#[cfg(windows)]
pub(crate) use interprocess::os::windows::named_pipe::local_socket as inner;

mod errors;
mod names;
mod options;
mod traits;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
mod windows_pipes;

#[cfg(feature = "tokio")]
mod on_tokio;
#[cfg(feature = "tokio")]
mod traits_on_tokio;
#[cfg(all(unix, feature = "tokio"))]
mod unix_on_tokio;
#[cfg(all(windows, feature = "tokio"))]
mod windows_on_tokio;
