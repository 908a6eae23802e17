//! The runtime's function that may be called from any thread, and what it does: collects the batch
//! and announces it.

use {
    crate::reactor::Reactor,
    napi::{Env, JsValue, check_status, sys},
    std::{ffi::c_void, ptr, rc::Rc},
};

/// A threadsafe function with one thread count, which belongs to whoever has this.
#[derive(Clone, Copy)]
pub struct Function(sys::napi_threadsafe_function);

// SAFETY: that is what a threadsafe function is for (Node-API, "Asynchronous thread-safe function
// calls"); whoever has it keeps its thread count until nobody calls it any more.
unsafe impl Send for Function {}

/// What the threadsafe function is made with.
struct Context {
    reactor: Rc<Reactor>,
    collected: Box<dyn Fn()>,
}

impl Function {
    /// Makes one that doesn't keep the process alive. On the JavaScript thread it collects what is
    /// ready, says `collected`, and announces it.
    pub fn new(
        env: Env,
        reactor: Rc<Reactor>,
        collected: impl Fn() + 'static,
    ) -> napi::Result<Self> {
        let name = env.create_string("local-socket")?.raw();
        let context = Context { reactor, collected: Box::new(collected) };
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
        let function = Self(function);
        function.set_ref(env.raw(), false);
        Ok(function)
    }

    /// Calls it. False: it is closing, and the thread count is gone.
    pub fn call(self) -> bool {
        // SAFETY: whoever has it has its thread count, which keeps the function.
        let status = unsafe {
            sys::napi_call_threadsafe_function(
                self.0,
                ptr::null_mut(),
                sys::ThreadsafeFunctionCallMode::nonblocking,
            )
        };
        status == sys::Status::napi_ok
    }

    /// Whether it keeps the process alive. On the environment's own thread.
    pub fn set_ref(self, env: sys::napi_env, referenced: bool) {
        // SAFETY: on the environment's own thread; as in `call`.
        unsafe {
            if referenced {
                sys::napi_ref_threadsafe_function(env, self.0);
            } else {
                sys::napi_unref_threadsafe_function(env, self.0);
            }
        }
    }

    /// Gives up its thread count, and with it the function: nobody may call it any more.
    pub fn release(self) {
        // SAFETY: the thread count that it was made with, given back once.
        unsafe {
            sys::napi_release_threadsafe_function(
                self.0,
                sys::ThreadsafeFunctionReleaseMode::abort,
            );
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
    // SAFETY: the box that `new` gave up; there is an environment, so `finalize` is still to come.
    let Context { reactor, collected } = unsafe { &*context.cast::<Context>() };
    let count = reactor.collect();
    collected();
    if count > 0 {
        reactor.callback.call(count);
    }
}

unsafe extern "C" fn finalize(_env: sys::napi_env, data: *mut c_void, _hint: *mut c_void) {
    // SAFETY: the box that `new` gave up, given back once.
    drop(unsafe { Box::from_raw(data.cast::<Context>()) });
}
