//! One `uv_poll_t` on the poller's own descriptor.
//!
//! libuv's functions are looked up in the running program rather than linked, so that the addon
//! loads in programs that have none. One handle for all streams: closing a stream is no business
//! of libuv's, and there is one handle whose end needs care. The structure belongs to libuv until
//! its close callback, and is freed there and nowhere else.

use {
    crate::reactor::Reactor,
    libloading::os::unix::Library,
    napi::Env,
    std::{
        alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error},
        ffi::{c_int, c_void},
        os::fd::{AsFd, AsRawFd},
        ptr::NonNull,
        rc::Rc,
    },
};

/// `UV_POLL` of `uv_handle_type` and `UV_READABLE` of `uv_poll_event` (uv.h): stable since 1.0.
const UV_POLL: c_int = 8;
const UV_READABLE: c_int = 1;
/// Enough for any C structure (malloc(3): suitable for any built-in type).
const ALIGNMENT: usize = 16;

type RawHandle = *mut c_void;
type OnPoll = unsafe extern "C" fn(RawHandle, c_int, c_int);
type OnClose = unsafe extern "C" fn(RawHandle);

/// libuv's functions, by their types in uv.h.
#[derive(Clone, Copy)]
struct Functions {
    handle_size: unsafe extern "C" fn(c_int) -> usize,
    poll_init: unsafe extern "C" fn(*mut c_void, RawHandle, c_int) -> c_int,
    poll_start: unsafe extern "C" fn(RawHandle, c_int, OnPoll) -> c_int,
    close: unsafe extern "C" fn(RawHandle, OnClose),
    reference: unsafe extern "C" fn(RawHandle),
    unreference: unsafe extern "C" fn(RawHandle),
}

impl Functions {
    fn look_up() -> Result<Self, libloading::Error> {
        let program = Library::this();
        // SAFETY: each symbol has the type that uv.h gives it, and the program that holds them is
        // never unloaded.
        unsafe {
            Ok(Self {
                handle_size: *program.get(b"uv_handle_size\0")?,
                poll_init: *program.get(b"uv_poll_init\0")?,
                poll_start: *program.get(b"uv_poll_start\0")?,
                close: *program.get(b"uv_close\0")?,
                reference: *program.get(b"uv_ref\0")?,
                unreference: *program.get(b"uv_unref\0")?,
            })
        }
    }
}

/// What the handle's data pointer leads to, from its start to its close callback.
struct Data {
    layout: Layout,
    reactor: Rc<Reactor>,
    done: Option<Box<dyn FnOnce()>>,
}

/// The handle, started. Not Send.
pub struct Handle {
    functions: Functions,
    raw: NonNull<c_void>,
}

impl Handle {
    /// Starts to watch the poller's descriptor in the loop of this environment, without keeping
    /// the process alive.
    pub fn start(env: Env, reactor: Rc<Reactor>) -> napi::Result<Self> {
        let functions = Functions::look_up().map_err(|error| {
            napi::Error::new(napi::Status::GenericFailure, format!("libuv is not here: {error}"))
        })?;
        let uv_loop = env.get_uv_event_loop()?.cast();
        let descriptor = reactor.poller.as_fd().as_raw_fd();
        // SAFETY: uv_handle_size only looks up a table.
        let size = unsafe { (functions.handle_size)(UV_POLL) };
        let layout = Layout::from_size_align(size.max(1), ALIGNMENT)
            .map_err(|error| napi::Error::from_reason(error.to_string()))?;
        // SAFETY: the layout's size is not zero.
        let raw = NonNull::new(unsafe { alloc_zeroed(layout) }.cast::<c_void>())
            .unwrap_or_else(|| handle_alloc_error(layout));
        // SAFETY: memory of the size that libuv asked for, the loop of the thread we are on, and
        // a descriptor that lives as long as `reactor`.
        let status = unsafe { (functions.poll_init)(uv_loop, raw.as_ptr(), descriptor) };
        if status < 0 {
            // SAFETY: libuv didn't take it: the allocation is still ours alone.
            unsafe { dealloc(raw.as_ptr().cast(), layout) };
            return Err(napi::Error::from_reason(format!("uv_poll_init: {status}")));
        }
        let data = Box::into_raw(Box::new(Data { layout, reactor, done: None }));
        let handle = Self { functions, raw };
        // SAFETY: an initialised handle; `data` is given up to it until its close callback.
        unsafe { data_of(raw.as_ptr()).write(data) };
        // SAFETY: an initialised handle that isn't closing.
        let status = unsafe { (functions.poll_start)(raw.as_ptr(), UV_READABLE, on_poll) };
        handle.set_ref(false);
        if status < 0 {
            handle.stop(Box::new(|| ()));
            return Err(napi::Error::from_reason(format!("uv_poll_start: {status}")));
        }
        Ok(handle)
    }

    /// Whether it keeps the loop alive.
    pub fn set_ref(&self, referenced: bool) {
        let Functions { reference, unreference, .. } = self.functions;
        let set = if referenced { reference } else { unreference };
        // SAFETY: a handle that isn't closing: `stop` takes `self`.
        unsafe { set(self.raw.as_ptr()) }
    }

    /// Closes it; `done` runs in the close callback, after the memory is freed.
    pub fn stop(self, done: Box<dyn FnOnce()>) {
        let raw = self.raw.as_ptr();
        // SAFETY: the handle isn't closing, so that its data is the box that `start` gave up, and
        // no other reference to it exists: callbacks run on this thread only.
        unsafe { (**data_of(raw)).done = Some(done) };
        // SAFETY: closed once, since this takes `self`; uv_close stops the watching too.
        unsafe { (self.functions.close)(raw, on_close) }
    }
}

/// `data` is the first field of every handle, for users to set (uv.h, `UV_HANDLE_FIELDS`).
fn data_of(handle: RawHandle) -> *mut *mut Data {
    handle.cast()
}

unsafe extern "C" fn on_poll(handle: RawHandle, _status: c_int, _events: c_int) {
    // SAFETY: the box that `start` gave up; it outlives the handle.
    let reactor = unsafe { Rc::clone(&(**data_of(handle)).reactor) };
    let count = reactor.collect();
    if count > 0 {
        reactor.callback.call_from_loop(count);
    }
}

unsafe extern "C" fn on_close(handle: RawHandle) {
    // SAFETY: libuv is done with the handle; its data is the box that `start` gave up.
    let Data { layout, reactor, done } = *unsafe { Box::from_raw(*data_of(handle)) };
    // SAFETY: allocated with this layout, and libuv won't touch it again.
    unsafe { dealloc(handle.cast(), layout) };
    drop(reactor);
    if let Some(done) = done {
        done();
    }
}
