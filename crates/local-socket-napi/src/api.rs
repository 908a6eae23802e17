//! What crosses seldom: opening, connecting, listening, asking who the peer is.

use {
    crate::{
        admission::{RefusalFacts, Rules},
        calls,
        fault::Fault,
        js::{Callback, Numbers},
        name::NameKind,
        peer::PeerFacts,
        reactor::Reactor,
        settings::{self, ListenSettings},
        sys,
        wake::{CleanUp, Wake},
    },
    napi::{
        Env,
        bindgen_prelude::{Either, FromNapiValue, Object, Unknown},
    },
    napi_derive::napi,
    std::{cell::RefCell, io, rc::Rc, sync::Arc},
};

/// The endpoints of one JavaScript thread.
#[napi]
pub struct Poller {
    pub(crate) reactor: Rc<Reactor>,
    wake: Rc<RefCell<Option<Wake>>>,
}

#[napi]
impl Poller {
    /// Opens it: once per JavaScript thread. `events` takes pairs of an endpoint's id and its
    /// flags (1 readable, 2 writable, 4 lasting), `onEvents` is told how many pairs, once per turn.
    /// Throws where that wake-up is not to be had.
    #[napi(factory)]
    pub fn open(
        env: Env,
        #[napi(ts_arg_type = "'uv' | 'thread'")] wake: String,
        #[napi(ts_arg_type = "Int32Array")] events: Unknown<'_>,
        #[napi(ts_arg_type = "(count: number) => void")] on_events: Unknown<'_>,
    ) -> napi::Result<Self> {
        // SAFETY: TypeScript's binding module makes the array and never hands it out.
        let events = unsafe { Numbers::new(env, events) }?;
        let reactor = Rc::new(
            Reactor::new(events, Callback::new(env, on_events)?)
                .map_err(|error| napi::Error::from_reason(error.to_string()))?,
        );
        let wake = Rc::new(RefCell::new(Some(Wake::start(&wake, env, Rc::clone(&reactor))?)));
        CleanUp::register(env, Rc::clone(&reactor), Rc::clone(&wake))?;
        Ok(Self { reactor, wake })
    }

    /// Binds a name and listens; the endpoint's id.
    #[napi]
    pub fn listen(
        &self,
        kind: NameKind,
        text: String,
        settings: ListenSettings,
    ) -> Either<u32, Fault> {
        let refusals = Arc::default();
        let listener = settings::listen(kind, &text, settings, &refusals);
        let insert =
            |listener| self.reactor.insert_listener(listener, refusals).map_err(|(error, _)| error);
        id_or_fault("listen", listener.and_then(insert))
    }

    /// Tries once to connect, without waiting; the endpoint's id. `EAGAIN`: the backlog is full.
    /// Without rules, whoever serves will do.
    #[napi]
    pub fn connect(
        &self,
        kind: NameKind,
        text: String,
        server: Option<Rules>,
    ) -> Either<u32, Fault> {
        let insert = |stream| self.reactor.insert_stream(stream);
        id_or_fault("connect", settings::connect(kind, &text, server).and_then(insert))
    }

    /// How many clients a listener has turned away by its rules and limits.
    #[napi]
    pub fn refused(&self, id: u32) -> f64 {
        self.reactor.accepting(id).map_or(0.0, |accepting| accepting.listener.refused() as f64)
    }

    /// Whether those whom a listener turns away are kept from now on, to be told of.
    #[napi]
    pub fn observe_refusals(&self, id: u32, on: bool) {
        if let Ok(accepting) = self.reactor.accepting(id) {
            accepting.refusals.observe(on);
        }
    }

    /// Those whom a listener turned away and nobody has been told of yet, as many as were kept.
    #[napi]
    pub fn take_refusals(&self, id: u32) -> Vec<RefusalFacts> {
        self.reactor
            .accepting(id)
            .map_or_else(|_| Vec::new(), |accepting| accepting.refusals.take())
    }

    /// Who is on the other end of a stream.
    #[napi]
    pub fn peer(&self, id: u32) -> Either<PeerFacts, Fault> {
        match self.reactor.stream(id).and_then(|stream| sys::peer_facts(&stream)) {
            Ok(facts) => Either::A(facts),
            Err(error) => Either::B(Fault::new("getsockopt", &error)),
        }
    }

    /// Whether the process that connected, or listened, still runs; null where the system can't
    /// tell.
    #[napi]
    pub fn peer_is_running(&self, id: u32) -> Either<Option<bool>, Fault> {
        match self.reactor.stream(id).and_then(|stream| sys::peer_is_running(&stream)) {
            Ok(runs) => Either::A(runs),
            Err(error) => Either::B(Fault::new("getsockopt", &error)),
        }
    }

    /// Whether open endpoints keep the process alive.
    #[napi]
    pub fn set_ref(&self, referenced: bool) {
        if let Some(wake) = &*self.wake.borrow() {
            wake.set_ref(referenced);
        }
    }

    /// The calls that are made often, as plain functions. Each answers with a count or a negative
    /// errno, and never throws.
    #[napi(ts_return_type = "Calls")]
    pub fn calls(&self, env: Env) -> napi::Result<Object<'_>> {
        let object = calls::object(env, &self.reactor)?;
        // SAFETY: an object of this environment, made just now.
        unsafe { Object::from_napi_value(env.raw(), object) }
    }
}

fn id_or_fault(syscall: &str, id: io::Result<u32>) -> Either<u32, Fault> {
    match id {
        Ok(id) => Either::A(id),
        Err(error) => Either::B(Fault::new(syscall, &error)),
    }
}
