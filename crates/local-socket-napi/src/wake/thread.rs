//! One helper thread per JavaScript thread: it waits until the poller's descriptor is readable,
//! calls a threadsafe function, and waits again only after the batch was collected, so that a
//! busy JavaScript thread is called once and not over and over.
//!
//! The drawback: one more wake-up between threads for each batch.

use {
    crate::reactor::Reactor,
    napi::{Env, JsValue, check_status, sys},
    rustix::event::{PollFd, PollFlags, poll},
    std::{
        ffi::c_void,
        io,
        os::fd::{AsFd, OwnedFd},
        ptr,
        rc::Rc,
        sync::{
            Arc,
            atomic::{AtomicBool, Ordering},
        },
        thread::{self, JoinHandle},
    },
};

/// The runtime's function that may be called from any thread.
#[derive(Clone, Copy)]
struct Function(sys::napi_threadsafe_function);

// SAFETY: that is what a threadsafe function is for (Node-API, "Asynchronous thread-safe function
// calls"); the helper holds one of its thread counts until it is joined.
unsafe impl Send for Function {}

/// What both threads see.
#[derive(Default)]
struct Shared {
    /// A call is on its way, and the batch not yet collected.
    announced: AtomicBool,
    /// The helper is to end.
    stopping: AtomicBool,
}

/// What the threadsafe function is made with.
struct Context {
    reactor: Rc<Reactor>,
    shared: Arc<Shared>,
    helper: thread::Thread,
}

/// The helper thread, running. Not Send.
pub struct Helper {
    env: sys::napi_env,
    function: Function,
    shared: Arc<Shared>,
    /// Closing it wakes the helper out of its wait.
    alarm: io::PipeWriter,
    thread: JoinHandle<()>,
}

impl Helper {
    /// Starts the thread, without keeping the process alive.
    pub fn start(env: Env, reactor: Rc<Reactor>) -> napi::Result<Self> {
        let failed = |error: io::Error| napi::Error::from_reason(error.to_string());
        let name = env.create_string("local-socket")?.raw();
        let descriptor = reactor.as_poll_fd().try_clone_to_owned().map_err(failed)?;
        let (alarm_read, alarm) = io::pipe().map_err(failed)?;
        let shared = Arc::new(Shared::default());
        let (give, take) = std::sync::mpsc::sync_channel::<Function>(1);
        let seen = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("local-socket".to_owned())
            .spawn(move || {
                // Nothing comes if the function couldn't be made.
                if let Ok(function) = take.recv() {
                    run(&descriptor, &alarm_read, function, &seen);
                }
            })
            .map_err(failed)?;
        let context =
            Context { reactor, shared: Arc::clone(&shared), helper: thread.thread().clone() };
        let context = Box::into_raw(Box::new(context));
        let mut function = ptr::null_mut();
        // SAFETY: the environment that is calling us; `context` is given up to `finalize`.
        let status = unsafe {
            sys::napi_create_threadsafe_function(
                env.raw(),
                ptr::null_mut(),
                ptr::null_mut(),
                name,
                0,
                1,
                context.cast(),
                Some(finalize),
                context.cast(),
                Some(announce),
                &mut function,
            )
        };
        if status != sys::Status::napi_ok {
            // SAFETY: the runtime didn't take it.
            drop(unsafe { Box::from_raw(context) });
        }
        check_status!(status)?;
        let helper = Self { env: env.raw(), function: Function(function), shared, alarm, thread };
        helper.set_ref(false);
        // The thread waits for exactly this, so that it can't have gone.
        let _ = give.send(helper.function);
        Ok(helper)
    }

    /// Whether it keeps the process alive.
    pub fn set_ref(&self, referenced: bool) {
        let Function(function) = self.function;
        // SAFETY: on the environment's own thread; the function is released only by `stop`.
        unsafe {
            if referenced {
                sys::napi_ref_threadsafe_function(self.env, function);
            } else {
                sys::napi_unref_threadsafe_function(self.env, function);
            }
        }
    }

    /// Ends the thread, then the function: nobody calls it any more.
    pub fn stop(self) {
        let Self { function: Function(function), shared, alarm, thread, .. } = self;
        shared.stopping.store(true, Ordering::Release);
        drop(alarm);
        thread.thread().unpark();
        // An error would be the thread's panic: it is gone all the same.
        let _ = thread.join();
        // SAFETY: the thread count that `start` got, given back once.
        unsafe {
            sys::napi_release_threadsafe_function(
                function,
                sys::ThreadsafeFunctionReleaseMode::abort,
            );
        }
    }
}

fn run(poller: &OwnedFd, alarm: &io::PipeReader, Function(function): Function, shared: &Shared) {
    while wait(poller, alarm) && !shared.stopping.load(Ordering::Acquire) {
        shared.announced.store(true, Ordering::Release);
        // SAFETY: this thread's own count keeps the function until it is joined.
        let status = unsafe {
            sys::napi_call_threadsafe_function(
                function,
                ptr::null_mut(),
                sys::ThreadsafeFunctionCallMode::nonblocking,
            )
        };
        if status != sys::Status::napi_ok {
            return;
        }
        while shared.announced.load(Ordering::Acquire) && !shared.stopping.load(Ordering::Acquire) {
            thread::park();
        }
    }
}

/// Waits until the poller has something; false when the alarm was given instead.
fn wait(poller: &OwnedFd, alarm: &io::PipeReader) -> bool {
    loop {
        let mut sources = [
            PollFd::from_borrowed_fd(poller.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(alarm.as_fd(), PollFlags::IN),
        ];
        match poll(&mut sources, None) {
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
            Ok(_) => return sources[1].revents().is_empty(),
        }
    }
}

/// Runs on the JavaScript thread, in a scope that the runtime opened.
unsafe extern "C" fn announce(
    env: sys::napi_env,
    _function: sys::napi_value,
    context: *mut c_void,
    _data: *mut c_void,
) {
    // Without an environment this is Node emptying the queue, which it does after `finalize`: the
    // context is gone.
    if env.is_null() {
        return;
    }
    // SAFETY: the box that `start` gave up; there is an environment, so `finalize` is still to
    // come.
    let Context { reactor, shared, helper } = unsafe { &*context.cast::<Context>() };
    let count = reactor.collect();
    shared.announced.store(false, Ordering::Release);
    helper.unpark();
    if count > 0 {
        reactor.callback.call(count);
    }
}

unsafe extern "C" fn finalize(_env: sys::napi_env, data: *mut c_void, _hint: *mut c_void) {
    // SAFETY: the box that `start` gave up, given back once.
    drop(unsafe { Box::from_raw(data.cast::<Context>()) });
}
