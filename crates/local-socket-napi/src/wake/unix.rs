//! The two ways that there are with a descriptor to watch.

use {
    super::{thread, uv},
    crate::reactor::Reactor,
    napi::Env,
    std::rc::Rc,
};

/// What makes the reactor announce.
pub enum Wake {
    /// A handle in libuv's loop.
    Uv(uv::Handle),
    /// A helper thread.
    Thread(thread::Helper),
}

impl Wake {
    /// Starts the one of that name.
    pub fn start(name: &str, env: Env, reactor: Rc<Reactor>) -> napi::Result<Self> {
        match name {
            "uv" => uv::Handle::start(env, reactor).map(Self::Uv),
            "thread" => thread::Helper::start(env, reactor).map(Self::Thread),
            _ => Err(napi::Error::new(napi::Status::InvalidArg, "wake: neither uv nor thread")),
        }
    }

    /// Whether it keeps the process alive. Neither does when new.
    pub fn set_ref(&self, referenced: bool) {
        match self {
            Self::Uv(handle) => handle.set_ref(referenced),
            Self::Thread(helper) => helper.set_ref(referenced),
        }
    }

    /// Ends it for good; `done` runs when nothing of it is left in the loop.
    pub fn stop(self, done: impl FnOnce() + 'static) {
        match self {
            Self::Uv(handle) => handle.stop(Box::new(done)),
            Self::Thread(helper) => {
                helper.stop();
                done();
            }
        }
    }
}
