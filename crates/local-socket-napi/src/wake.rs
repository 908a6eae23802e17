//! How the JavaScript thread learns that its poller has something: `Wake` has `start` by name,
//! `set_ref` and `stop`.
//!
//! `uv`: one libuv handle on the poller's descriptor, in the runtime's own loop (Node, Electron).
//! `thread`: another thread calls a threadsafe function (every other runtime, and Windows, where it
//! is the core's thread and there is no descriptor); one more wake-up between threads a turn, and
//! nothing asked of the runtime but Node-API.

mod function;

#[cfg(windows)]
mod bell;
#[cfg(unix)]
mod thread;
#[cfg(unix)]
mod unix;
#[cfg(unix)]
mod uv;

#[cfg(windows)]
pub use bell::Wake;
#[cfg(unix)]
pub use unix::Wake;

use {
    crate::reactor::Reactor,
    napi::{Env, sys},
    std::{cell::RefCell, ffi::c_void, ptr, rc::Rc},
};

/// What is done at the end of an environment (a worker terminated, the process' natural end).
///
/// Only an **async** hook, removed after libuv's last close callback, survives the termination of
/// a worker with I/O under way: a plain hook that calls `uv_close` returns too early, and the loop
/// is gone when the callback is due.
pub struct CleanUp {
    reactor: Rc<Reactor>,
    wake: Rc<RefCell<Option<Wake>>>,
}

impl CleanUp {
    /// Registers it.
    pub fn register(
        env: Env,
        reactor: Rc<Reactor>,
        wake: Rc<RefCell<Option<Wake>>>,
    ) -> napi::Result<()> {
        let data = Box::into_raw(Box::new(Self { reactor, wake }));
        // SAFETY: the environment that is calling us; `data` is given up to the hook.
        napi::check_status!(unsafe {
            sys::napi_add_async_cleanup_hook(
                env.raw(),
                Some(clean_up),
                data.cast(),
                ptr::null_mut(),
            )
        })
    }
}

unsafe extern "C" fn clean_up(hook: sys::napi_async_cleanup_hook_handle, data: *mut c_void) {
    // SAFETY: the box that `register` gave up; a hook runs once.
    let CleanUp { reactor, wake } = *unsafe { Box::from_raw(data.cast::<CleanUp>()) };
    reactor.close_all();
    let done = move || {
        // SAFETY: the hook's own handle, removed once, as the environment waits for.
        unsafe { sys::napi_remove_async_cleanup_hook(hook) };
    };
    match wake.take() {
        Some(wake) => wake.stop(done),
        None => done(),
    }
    // The raw calls hold a bare pointer to it, so that it must outlive every JavaScript frame:
    // none can run any more, since hooks run after the last one.
    drop(reactor);
}
