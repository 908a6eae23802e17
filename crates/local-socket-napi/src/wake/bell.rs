//! On Windows, the core's thread calls a threadsafe function when the poller's queue has something.

use {
    super::function::Function,
    crate::reactor::Reactor,
    napi::{Env, sys},
    std::rc::Rc,
};

/// What makes the reactor announce. Not Send.
pub struct Wake {
    env: sys::napi_env,
    function: Function,
    reactor: Rc<Reactor>,
}

impl Wake {
    /// Starts the one of that name, of which there is one.
    pub fn start(name: &str, env: Env, reactor: Rc<Reactor>) -> napi::Result<Self> {
        if name != "thread" {
            let reason = "wake: on Windows, named pipes have no descriptor that libuv could watch";
            return Err(napi::Error::new(napi::Status::InvalidArg, reason));
        }
        let function = Function::new(env, Rc::clone(&reactor), || ())?;
        reactor.poller.set_bell(Box::new(move || function.call()));
        Ok(Self { env: env.raw(), function, reactor })
    }

    /// Whether it keeps the process alive. It doesn't when new.
    pub fn set_ref(&self, referenced: bool) {
        self.function.set_ref(self.env, referenced);
    }

    /// Ends it for good, then says `done`.
    ///
    /// The bell is taken away under the queue's lock, under which it is rung: nobody calls the
    /// function after that. If the runtime closed the function by itself and a call found that out,
    /// its thread count is gone with that call, and the bell as well.
    pub fn stop(self, done: impl FnOnce()) {
        if self.reactor.poller.take_bell() {
            self.function.release();
        }
        done();
    }
}
