//! Listeners made of descriptors that somebody else opened.
#![cfg(unix)]

mod common;

use common::{PATIENCE, fresh_id, fresh_path, path_name, within};
use local_socket::{
    ConnectOptions, ConnectWaitMode, Listener, ListenerNonblockingMode, ListenerOptions, Name,
    StaleName,
    error::{CannotListen, DescriptorError, FromFdError},
    os::unix::ListenerOptionsExt,
    prelude::*,
};
use rustix::{
    io::{FdFlags, fcntl_getfd, fcntl_setfd},
    net::{AddressFamily, SocketAddrUnix, SocketType, bind, listen, socket},
};
use std::{
    fs::File,
    io::{self, ErrorKind, Read, Write},
    net::TcpListener,
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::net::{UnixDatagram, UnixListener, UnixStream},
    },
    time::Duration,
};

fn adopt(fd: impl Into<OwnedFd>) -> Listener {
    ListenerOptions::new().create_sync_from(fd.into()).expect("it can listen")
}

/// What was wrong; asserts that the descriptor came back, open.
fn refusal(options: ListenerOptions<'_>, fd: OwnedFd) -> DescriptorError {
    let number = fd.as_raw_fd();
    let error: FromFdError<CannotListen> = options.create_sync_from(fd).unwrap_err();
    assert_eq!(error.to_io_error().kind(), ErrorKind::InvalidInput);
    let back = error.source.as_ref().expect("the descriptor came back");
    assert_eq!(back.as_raw_fd(), number);
    fcntl_getfd(back).expect("it is open");
    let text = error.to_string();
    let cause = error.cause.as_ref().and_then(io::Error::get_ref).expect("a reason");
    let reason: DescriptorError = *cause.downcast_ref().expect("a reason of its own");
    assert_eq!(text, format!("can't listen on the descriptor: {reason}"));
    reason
}

fn connects_at_once(name: &Name<'_>) -> bool {
    let options = ConnectOptions::new().name(name.borrow()).wait_mode(ConnectWaitMode::Deferred);
    match options.connect_sync() {
        // It stays in the backlog when it is closed here.
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::WouldBlock);
            false
        }
    }
}

#[test]
fn whoever_connected_before_and_after_is_served_and_the_file_stays() {
    let (_folder, path) = fresh_path();
    let socket = UnixListener::bind(&path).unwrap();
    let mut clients = vec![UnixStream::connect(&path).unwrap()];
    let listener = adopt(socket);
    clients.push(UnixStream::connect(&path).unwrap());
    for client in &mut clients {
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut server = listener.accept().unwrap();
        server.write_all(b"served").unwrap();
        drop(server);
        let mut heard = String::new();
        client.read_to_string(&mut heard).unwrap();
        assert_eq!(heard, "served");
    }
    assert_eq!(listener.name(), Some(&path_name(path.clone())));
    drop(listener);
    assert!(path.exists());
}

#[test]
fn a_socket_that_is_only_bound_listens_from_then_on() {
    let (_folder, path) = fresh_path();
    let bound = socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap();
    bind(&bound, &SocketAddrUnix::new(&path).unwrap()).unwrap();
    assert_eq!(UnixStream::connect(&path).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    let listener = adopt(bound);
    let _client = UnixStream::connect(&path).unwrap();
    listener.accept().unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn the_name_is_the_sockets_own_unless_it_can_not_be_written() {
    use std::os::{linux::net::SocketAddrExt, unix::net::SocketAddr};

    let name = fresh_id();
    let id = name.as_namespaced().unwrap().as_encoded_bytes();
    let plain = SocketAddr::from_abstract_name(id).unwrap();
    let listener = adopt(UnixListener::bind_addr(&plain).unwrap());
    assert_eq!(listener.name(), Some(&name));

    let padded = SocketAddr::from_abstract_name([id, b"\0\0"].concat()).unwrap();
    let listener = adopt(UnixListener::bind_addr(&padded).unwrap());
    assert_eq!(listener.name(), None);
    let _client = UnixStream::connect_addr(&padded).unwrap();
    listener.accept().unwrap();
}

#[test]
fn what_can_not_listen_is_handed_back_with_the_reason() {
    let (folder, path) = fresh_path();
    let file = File::create(folder.path().join("file")).unwrap();
    let (connected, _other) = UnixStream::pair().unwrap();
    let packets = socket(AddressFamily::UNIX, SocketType::SEQPACKET, None).unwrap();
    bind(&packets, &SocketAddrUnix::new(&path).unwrap()).unwrap();
    listen(&packets, 1).unwrap();
    let unbound = socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap();
    let cases: [(OwnedFd, DescriptorError); 6] = [
        (file.into(), DescriptorError::NotASocket),
        (TcpListener::bind("127.0.0.1:0").unwrap().into(), DescriptorError::NotLocal),
        (UnixDatagram::unbound().unwrap().into(), DescriptorError::NotAStream),
        (packets, DescriptorError::NotAStream),
        (connected.into(), DescriptorError::Connected),
        (unbound, DescriptorError::Unnamed),
    ];
    for (fd, reason) in cases {
        assert_eq!(refusal(ListenerOptions::new(), fd), reason);
    }
}

#[test]
fn options_about_making_a_name_are_refused_by_name_and_change_nothing() {
    let (_folder, path) = fresh_path();
    let options = ListenerOptions::new;
    let cases = [
        ("name", options().name(fresh_id())),
        ("reclaim_name", options().reclaim_name(false)),
        ("try_overwrite", options().try_overwrite(true)),
        ("max_spin_time", options().max_spin_time(Duration::ZERO)),
        ("mode", options().mode(0o600)),
        ("stale", options().stale(StaleName::Fail)),
        ("create_folders", options().create_folders(true)),
        ("check_folders", options().check_folders(true)),
    ];
    let bound = socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap();
    bind(&bound, &SocketAddrUnix::new(&path).unwrap()).unwrap();
    for (option, options) in cases {
        let reason = refusal(options, bound.try_clone().unwrap());
        assert_eq!(reason, DescriptorError::NameOption { option });
        assert!(reason.to_string().contains(&format!("option {option} ")), "{reason}");
    }
    assert_eq!(UnixStream::connect(&path).unwrap_err().kind(), ErrorKind::ConnectionRefused);
}

fn listen_with_backlog(name: &Name<'_>, backlog: u32) -> UnixListener {
    let options = ListenerOptions::new().name(name.borrow()).backlog(backlog);
    let Listener::UdSocket(listener) = options.create_sync().unwrap();
    listener.into()
}

#[test]
#[cfg(target_os = "linux")]
fn the_backlog_is_that_of_the_options() {
    let name = fresh_id();
    let fd = OwnedFd::from(listen_with_backlog(&name, 0));
    assert!(connects_at_once(&name));
    assert!(!connects_at_once(&name), "there is room for one");
    let _listener = ListenerOptions::new().backlog(2).create_sync_from(fd).unwrap();
    assert!(connects_at_once(&name) && connects_at_once(&name));
    assert!(!connects_at_once(&name), "there is room for three");
}

#[test]
fn whether_accepting_and_the_streams_block_is_as_asked_for() {
    for (accept, stream) in [(false, false), (true, false), (false, true), (true, true)] {
        let (_folder, path) = fresh_path();
        let socket = UnixListener::bind(&path).unwrap();
        socket.set_nonblocking(!accept).unwrap();
        let mode = ListenerNonblockingMode::from_bool(accept, stream);
        let listener = ListenerOptions::new().nonblocking(mode).create_sync_from(socket.into());
        let listener = listener.unwrap();
        let ask = move || {
            let nobody = if accept { listener.accept() } else { listener.try_accept() };
            (nobody.map(drop), listener)
        };
        let (nobody, listener) = within("an answer that nobody is there", ask);
        assert_eq!(nobody.unwrap_err().kind(), ErrorKind::WouldBlock);
        let connect = move || UnixStream::connect(path).unwrap();
        let client = std::thread::spawn(connect);
        let (client, mut server) = within("the client", move || {
            let client = client.join().unwrap();
            (client, listener.accept().unwrap())
        });
        if !stream {
            (&client).write_all(b"x").unwrap();
        }
        let read = within("a read", move || server.read(&mut [0]));
        match stream {
            true => assert_eq!(read.unwrap_err().kind(), ErrorKind::WouldBlock),
            false => assert_eq!(read.unwrap(), 1),
        }
    }
}

#[test]
fn whom_the_options_keep_out_is_turned_away() {
    let (_folder, path) = fresh_path();
    let socket = UnixListener::bind(&path).unwrap();
    let options = ListenerOptions::new().nonblocking(ListenerNonblockingMode::Accept);
    let listener = options.max_connections(1).create_sync_from(socket.into()).unwrap();
    let _clients = [(); 2].map(|()| UnixStream::connect(&path).unwrap());
    let _open = listener.try_accept().unwrap();
    assert_eq!(listener.try_accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(listener.refused(), 1);
}

#[test]
fn no_program_that_is_executed_inherits_it() {
    let (_folder, path) = fresh_path();
    let socket = UnixListener::bind(path).unwrap();
    fcntl_setfd(&socket, FdFlags::empty()).unwrap();
    let Listener::UdSocket(listener) = adopt(socket);
    assert_eq!(fcntl_getfd(listener.inner()).unwrap(), FdFlags::CLOEXEC);
}

#[test]
#[cfg(target_os = "linux")]
fn clients_see_the_user_who_listened_last() {
    use common::{
        child::{STRANGER, as_stranger, may_become_another_user},
        connect,
    };
    if !may_become_another_user() {
        return;
    }
    let name = fresh_id();
    let opened_by_root = listen_with_backlog(&name, 8);
    let user = || connect(&name).peer_creds().unwrap().euid();
    assert_eq!(user(), Some(0));
    let listener = as_stranger(|| adopt(opened_by_root));
    assert_eq!(user(), Some(STRANGER));
    drop(listener);
}
