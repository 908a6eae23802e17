//! One helper thread per JavaScript thread: it waits until the poller's descriptor is readable,
//! calls a threadsafe function, and waits again only after the batch was collected, so that a
//! busy JavaScript thread is called once and not over and over.
//!
//! The drawback: one more wake-up between threads for each batch.

use {
    super::function::Function,
    crate::reactor::Reactor,
    napi::{Env, sys},
    rustix::event::{PollFd, PollFlags, poll},
    std::{
        io,
        os::fd::{AsFd, OwnedFd},
        rc::Rc,
        sync::{
            Arc,
            atomic::{AtomicBool, Ordering},
        },
        thread::{self, JoinHandle},
    },
};

/// What both threads see.
#[derive(Default)]
struct Shared {
    /// A call is on its way, and the batch not yet collected.
    announced: AtomicBool,
    /// The helper is to end.
    stopping: AtomicBool,
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
        let descriptor = reactor.poller.as_fd().try_clone_to_owned().map_err(failed)?;
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
        let (seen, helper) = (Arc::clone(&shared), thread.thread().clone());
        let collected = move || {
            seen.announced.store(false, Ordering::Release);
            helper.unpark();
        };
        let function = Function::new(env, reactor, collected)?;
        let helper = Self { env: env.raw(), function, shared, alarm, thread };
        // The thread waits for exactly this, so that it can't have gone.
        let _ = give.send(helper.function);
        Ok(helper)
    }

    /// Whether it keeps the process alive.
    pub fn set_ref(&self, referenced: bool) {
        self.function.set_ref(self.env, referenced);
    }

    /// Ends the thread, then the function: nobody calls it any more.
    pub fn stop(self) {
        let Self { function, shared, alarm, thread, .. } = self;
        shared.stopping.store(true, Ordering::Release);
        drop(alarm);
        thread.thread().unpark();
        // An error would be the thread's panic: it is gone all the same.
        let _ = thread.join();
        function.release();
    }
}

fn run(poller: &OwnedFd, alarm: &io::PipeReader, function: Function, shared: &Shared) {
    while wait(poller, alarm) && !shared.stopping.load(Ordering::Acquire) {
        shared.announced.store(true, Ordering::Release);
        if !function.call() {
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
