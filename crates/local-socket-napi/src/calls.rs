//! The hot calls, as raw functions: an integer or a byte array in, a number out; no exception, no
//! object, no promise. 21–54 ns each, where a method of a class costs 371–475.

use {
    crate::{
        fault::count_or_errno,
        js::{Arguments, to_number},
        poller::Interest,
        reactor::Reactor,
        spin::retry,
        sys::invalid,
    },
    napi::{Env, sys},
    std::{
        ffi::{CStr, c_void},
        io::{self, IoSlice},
        ptr,
        rc::Rc,
        time::Duration,
    },
};

/// The most parts that one `writev` takes: beyond, copying them together costs less than the
/// kernel's walk over them.
const MOST_PARTS: usize = 64;

type Call<const N: usize> = fn(&Reactor, &mut Arguments<N>) -> Option<io::Result<usize>>;

/// Makes a raw function of a call: fetches the reactor and the arguments, answers with a count or
/// a negative errno; `EINVAL` for arguments of the wrong kind.
macro_rules! raw {
    ($call:path, $arguments:literal) => {{
        unsafe extern "C" fn raw(
            env: sys::napi_env,
            info: sys::napi_callback_info,
        ) -> sys::napi_value {
            let call: Call<$arguments> = $call;
            // SAFETY: what the runtime passed to this very callback.
            let answer = unsafe { Arguments::fetch(env, info) }.and_then(|mut arguments| {
                // SAFETY: made by `function` with a reactor that lives until after the last
                // JavaScript frame of its environment.
                call(unsafe { &*arguments.data.cast::<Reactor>() }, &mut arguments)
            });
            to_number(env, count_or_errno(answer.unwrap_or_else(|| Err(invalid()))))
        }
        raw
    }};
}

/// The raw functions of a reactor, as properties of a new object.
pub fn object(env: Env, reactor: &Rc<Reactor>) -> napi::Result<sys::napi_value> {
    let functions: [(&CStr, unsafe extern "C" fn(_, _) -> _); 14] = [
        (c"read", raw!(read, 4)),
        (c"readAwake", raw!(read_awake, 5)),
        (c"write", raw!(write, 4)),
        (c"writev", raw!(write_vectored, 3)),
        (c"accept", raw!(accept, 1)),
        (c"refuse", raw!(refuse, 1)),
        (c"refusals", raw!(refusals, 1)),
        (c"spin", raw!(spin, 3)),
        (c"watchWritable", raw!(watch_writable, 2)),
        (c"shutdownWrite", raw!(shutdown_write, 1)),
        (c"flushed", raw!(flushed, 1)),
        (c"flushAll", raw!(flush_all, 1)),
        (c"close", raw!(close, 1)),
        (c"fd", raw!(descriptor, 1)),
    ];
    let mut object = ptr::null_mut();
    // SAFETY: the environment that is calling us.
    napi::check_status!(unsafe { sys::napi_create_object(env.raw(), &mut object) })?;
    for (name, function) in functions {
        let mut value = ptr::null_mut();
        let data = Rc::as_ptr(reactor).cast_mut().cast::<c_void>();
        // SAFETY: as above; `raw!` relies on `data` being this reactor.
        napi::check_status!(unsafe {
            sys::napi_create_function(
                env.raw(),
                name.as_ptr(),
                name.count_bytes() as isize,
                Some(function),
                data,
                &mut value,
            )
        })?;
        // SAFETY: as above.
        napi::check_status!(unsafe {
            sys::napi_set_named_property(env.raw(), object, name.as_ptr(), value)
        })?;
    }
    Ok(object)
}

fn read(reactor: &Reactor, arguments: &mut Arguments<4>) -> Option<io::Result<usize>> {
    let (id, offset, length) = (arguments.id(0)?, arguments.size(2)?, arguments.size(3)?);
    let bytes = arguments.bytes_mut(1, offset, length)?;
    Some(reactor.stream(id).and_then(|stream| stream.try_read(bytes)))
}

fn read_awake(reactor: &Reactor, arguments: &mut Arguments<5>) -> Option<io::Result<usize>> {
    let (id, offset, length) = (arguments.id(0)?, arguments.size(2)?, arguments.size(3)?);
    let longest = Duration::from_nanos(arguments.size(4)? as u64);
    let bytes = arguments.bytes_mut(1, offset, length)?;
    let stream = reactor.stream(id);
    Some(stream.and_then(|stream| retry(longest, || stream.try_read(bytes))))
}

fn write(reactor: &Reactor, arguments: &mut Arguments<4>) -> Option<io::Result<usize>> {
    let (id, offset, length) = (arguments.id(0)?, arguments.size(2)?, arguments.size(3)?);
    let bytes = arguments.bytes(1, offset, length)?;
    Some(reactor.write(id, length, |stream, gone| stream.try_write(&bytes[gone..])))
}

fn write_vectored(reactor: &Reactor, arguments: &mut Arguments<3>) -> Option<io::Result<usize>> {
    let (id, skip) = (arguments.id(0)?, arguments.size(2)?);
    let mut parts = [IoSlice::new(&[]); MOST_PARTS];
    let count = arguments.byte_arrays(1, &mut parts)?;
    let mut parts = &mut parts[..count];
    let first = parts.first_mut()?;
    if skip > first.len() {
        return None;
    }
    first.advance(skip);
    let length = parts.iter().map(|part| part.len()).sum();
    let mut passed = 0;
    Some(reactor.write(id, length, |stream, gone| {
        IoSlice::advance_slices(&mut parts, gone - passed);
        passed = gone;
        stream.try_write_vectored(parts)
    }))
}

fn accept(reactor: &Reactor, arguments: &mut Arguments<1>) -> Option<io::Result<usize>> {
    let accepting = reactor.accepting(arguments.id(0)?);
    let accepted = accepting.and_then(|accepting| accepting.listener.try_accept());
    Some(accepted.and_then(|stream| Ok(reactor.insert_stream(stream)? as usize)))
}

fn refuse(reactor: &Reactor, arguments: &mut Arguments<1>) -> Option<io::Result<usize>> {
    Some(reactor.refuse(arguments.id(0)?).map(|()| 0))
}

fn refusals(reactor: &Reactor, arguments: &mut Arguments<1>) -> Option<io::Result<usize>> {
    Some(reactor.accepting(arguments.id(0)?).map(|accepting| accepting.refusals.count()))
}

fn watch_writable(reactor: &Reactor, arguments: &mut Arguments<2>) -> Option<io::Result<usize>> {
    let interest = if arguments.boolean(1)? { Interest::InputAndOutput } else { Interest::Input };
    Some(reactor.watch(arguments.id(0)?, interest).map(|()| 0))
}

fn spin(reactor: &Reactor, arguments: &mut Arguments<3>) -> Option<io::Result<usize>> {
    let (count, longest) = (arguments.size(1)?, arguments.size(2)?);
    let ids = arguments.numbers_mut(0)?.get_mut(..count)?;
    Some(reactor.spin(ids, Duration::from_nanos(longest as u64)))
}

fn shutdown_write(reactor: &Reactor, arguments: &mut Arguments<1>) -> Option<io::Result<usize>> {
    let stream = reactor.stream(arguments.id(0)?);
    Some(stream.and_then(|stream| stream.shutdown_write()).map(|()| 0))
}

fn flushed(reactor: &Reactor, arguments: &mut Arguments<1>) -> Option<io::Result<usize>> {
    Some(reactor.flushed(arguments.id(0)?).map(|()| 0))
}

fn flush_all(reactor: &Reactor, arguments: &mut Arguments<1>) -> Option<io::Result<usize>> {
    Some(Ok(reactor.flush_all(Duration::from_millis(arguments.size(0)? as u64))))
}

fn close(reactor: &Reactor, arguments: &mut Arguments<1>) -> Option<io::Result<usize>> {
    Some(reactor.close(arguments.id(0)?).map(|()| 0))
}

fn descriptor(reactor: &Reactor, arguments: &mut Arguments<1>) -> Option<io::Result<usize>> {
    Some(reactor.descriptor(arguments.id(0)?).map(|descriptor| descriptor as usize))
}
