//! What crosses seldom: opening, connecting, listening, asking who the peer is.

use {
    crate::{
        calls,
        fault::Fault,
        js::{Callback, Numbers},
        name::{NameKind, to_name},
        reactor::Reactor,
        wake::{CleanUp, Wake},
    },
    local_socket::{
        ConnectOptions, ConnectWaitMode, ListenerNonblockingMode, ListenerOptions, Stream,
        os::unix::{ConnectOptionsExt, ListenerOptionsExt},
        traits::StreamCommon,
    },
    napi::{
        Env,
        bindgen_prelude::{Either, FromNapiValue, Object, Unknown},
    },
    napi_derive::napi,
    std::{cell::RefCell, io, rc::Rc},
};

/// Who the kernel says is on the other end; what it doesn't say is left out.
#[napi(object)]
pub struct PeerFacts {
    /// Process id.
    pub pid: Option<u32>,
    /// Effective user id.
    pub uid: Option<u32>,
    /// Effective group id.
    pub gid: Option<u32>,
    /// Supplementary group ids.
    pub groups: Option<Vec<u32>>,
}

/// The endpoints of one JavaScript thread.
#[napi]
pub struct Poller {
    reactor: Rc<Reactor>,
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
    pub fn listen(&self, kind: NameKind, text: String, backlog: u32) -> Either<u32, Fault> {
        let listen = || {
            ListenerOptions::new()
                .name(to_name(kind, &text)?)
                .nonblocking(ListenerNonblockingMode::Both)
                .backlog(backlog)
                .receive_descriptors(false)
                .create_sync()
        };
        let insert = |listener| self.reactor.insert_listener(listener);
        id_or_fault("listen", listen().and_then(insert))
    }

    /// Tries once to connect, without waiting; the endpoint's id. `EAGAIN`: the backlog is full.
    #[napi]
    pub fn connect(&self, kind: NameKind, text: String) -> Either<u32, Fault> {
        let connect = || {
            ConnectOptions::new()
                .name(to_name(kind, &text)?)
                .nonblocking_stream(true)
                .wait_mode(ConnectWaitMode::Deferred)
                .receive_descriptors(false)
                .connect_sync()
        };
        let insert = |stream| self.reactor.insert_stream(stream);
        id_or_fault("connect", connect().and_then(insert))
    }

    /// Who is on the other end of a stream.
    #[napi]
    pub fn peer(&self, id: u32) -> Either<PeerFacts, Fault> {
        match self.reactor.stream(id).and_then(|stream| peer_facts(&stream)) {
            Ok(facts) => Either::A(facts),
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

fn peer_facts(stream: &Stream) -> io::Result<PeerFacts> {
    let credentials = stream.peer_creds()?;
    let Stream::UdSocket(socket) = stream;
    Ok(PeerFacts {
        pid: credentials.pid().map(|pid| pid as u32),
        uid: credentials.euid(),
        gid: credentials.egid(),
        groups: socket.peer_groups()?,
    })
}
