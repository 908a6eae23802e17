//! The few raw Node-API calls that napi-rs has no cheap or safe form for, made safe.
//!
//! While an environment is torn down, every Node-API call may answer with a status other than
//! ok; nothing here unwraps one: the work is silently left undone, since there is nobody left to
//! see it.

use {
    napi::{Env, JsValue, bindgen_prelude::Unknown, check_status, sys},
    std::{
        ffi::c_void,
        io::IoSlice,
        ptr::{self, NonNull},
    },
};

/// A JavaScript function `(count: number) => void` that outlives the call that passed it.
///
/// Neither the reference nor the async context is ever deleted: they live as long as the
/// environment, which frees them itself. Deleting them from a close callback crashed it.
pub struct Callback {
    env: sys::napi_env,
    function: sys::napi_ref,
    context: sys::napi_async_context,
}

impl Callback {
    /// Keeps `function` for as long as the environment lives.
    pub fn new(env: Env, function: Unknown<'_>) -> napi::Result<Self> {
        let name = env.create_string("local-socket")?.raw();
        let (env, mut reference, mut context) = (env.raw(), ptr::null_mut(), ptr::null_mut());
        // SAFETY: `env` is the environment that is calling us, and `function` a value of it.
        check_status!(unsafe {
            sys::napi_create_reference(env, function.raw(), 1, &mut reference)
        })?;
        // SAFETY: as above; a null resource asks the runtime for one of its own.
        check_status!(unsafe { sys::napi_async_init(env, ptr::null_mut(), name, &mut context) })?;
        Ok(Self { env, function: reference, context })
    }

    /// Calls it from where the runtime opened a scope already, as for a threadsafe function.
    ///
    /// What it throws is handed to the runtime as the uncaught exception that it is: left
    /// pending, it would surface from some later, unrelated call, or end as a mere deprecation
    /// warning (Node, DEP0168).
    pub fn call(&self, count: u32) {
        let (mut function, mut this, mut argument) =
            (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        // SAFETY: on the environment's own thread (`Callback` is not Send) with a handle scope
        // open; each value is used only if the call that makes it said ok.
        unsafe {
            if sys::napi_get_reference_value(self.env, self.function, &mut function)
                == sys::Status::napi_ok
                && sys::napi_get_undefined(self.env, &mut this) == sys::Status::napi_ok
                && sys::napi_create_uint32(self.env, count, &mut argument) == sys::Status::napi_ok
            {
                sys::napi_call_function(self.env, this, function, 1, &argument, ptr::null_mut());
                report_exception(self.env);
            }
        }
    }

    /// Calls it from a callback of libuv, where no scope is open: a plain call there would run no
    /// microtasks; closing a callback scope does.
    #[cfg_attr(windows, expect(dead_code, reason = "libuv calls nobody there"))]
    pub fn call_from_loop(&self, count: u32) {
        let (mut handles, mut scope) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: on the environment's own thread; the scopes are closed in reverse order.
        unsafe {
            if sys::napi_open_handle_scope(self.env, &mut handles) != sys::Status::napi_ok {
                return;
            }
            let status =
                sys::napi_open_callback_scope(self.env, ptr::null_mut(), self.context, &mut scope);
            if status == sys::Status::napi_ok {
                self.call(count);
                sys::napi_close_callback_scope(self.env, scope);
            }
            sys::napi_close_handle_scope(self.env, handles);
        }
    }
}

/// Hands a pending exception, if there is one, to the runtime.
///
/// # Safety
/// On the thread of `env`, with a handle scope open.
unsafe fn report_exception(env: sys::napi_env) {
    let (mut pending, mut thrown) = (false, ptr::null_mut());
    // SAFETY: the caller's promise; `thrown` is used only if the call that makes it said ok.
    unsafe {
        if sys::napi_is_exception_pending(env, &mut pending) == sys::Status::napi_ok
            && pending
            && sys::napi_get_and_clear_last_exception(env, &mut thrown) == sys::Status::napi_ok
        {
            sys::napi_fatal_exception(env, thrown);
        }
    }
}

/// A number array of JavaScript's that is written from here.
pub struct Numbers {
    data: *mut i32,
    length: usize,
}

impl Numbers {
    /// Pins an `Int32Array` for as long as the environment lives.
    ///
    /// # Safety
    /// Nobody may ever detach or resize its buffer: it has to be out of users' reach.
    pub unsafe fn new(env: Env, array: Unknown<'_>) -> napi::Result<Self> {
        let (env, value) = (env.raw(), array.raw());
        let (mut kind, mut length, mut data) = (0, 0, ptr::null_mut());
        let mut reference = ptr::null_mut();
        // SAFETY: `env` is the environment that is calling us, and `array` a value of it.
        check_status!(unsafe {
            sys::napi_get_typedarray_info(
                env,
                value,
                &mut kind,
                &mut length,
                &mut data,
                ptr::null_mut(),
                ptr::null_mut(),
            )
        })?;
        if kind != sys::TypedarrayType::int32_array {
            return Err(napi::Error::new(napi::Status::InvalidArg, "events: not an Int32Array"));
        }
        // SAFETY: as above.
        check_status!(unsafe { sys::napi_create_reference(env, value, 1, &mut reference) })?;
        Ok(Self { data: data.cast(), length })
    }

    /// How many numbers there is room for.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Writes one number; out of range, none.
    pub fn set(&self, index: usize, value: i32) {
        if index < self.length {
            // SAFETY: within the array, which the reference keeps and nobody detaches.
            unsafe { self.data.add(index).write(value) }
        }
    }
}

/// The arguments of a raw call.
pub struct Arguments<const N: usize> {
    env: sys::napi_env,
    values: [sys::napi_value; N],
    /// What the function was made with.
    pub data: *mut c_void,
}

impl<const N: usize> Arguments<N> {
    /// Fetches them.
    ///
    /// # Safety
    /// `env` and `info` are those that the runtime passed to the callback that is running.
    pub unsafe fn fetch(env: sys::napi_env, info: sys::napi_callback_info) -> Option<Self> {
        let (mut count, mut values, mut data) = (N, [ptr::null_mut(); N], ptr::null_mut());
        // SAFETY: the caller's promise; `values` has room for `count`.
        let status = unsafe {
            sys::napi_get_cb_info(
                env,
                info,
                &mut count,
                values.as_mut_ptr(),
                ptr::null_mut(),
                &mut data,
            )
        };
        (status == sys::Status::napi_ok).then_some(Self { env, values, data })
    }

    /// An argument as an endpoint's number.
    pub fn id(&self, index: usize) -> Option<u32> {
        u32::try_from(self.size(index)?).ok()
    }

    /// An argument as a number of bytes. Not by way of 32 bits, which wrap around without a word.
    pub fn size(&self, index: usize) -> Option<usize> {
        let mut number = 0_i64;
        // SAFETY: a value of this environment, fetched for the callback that is running.
        let status =
            unsafe { sys::napi_get_value_int64(self.env, self.values[index], &mut number) };
        (status == sys::Status::napi_ok).then(|| usize::try_from(number).ok()).flatten()
    }

    /// An argument as a boolean.
    pub fn boolean(&self, index: usize) -> Option<bool> {
        let mut boolean = false;
        // SAFETY: as in `size`.
        let status =
            unsafe { sys::napi_get_value_bool(self.env, self.values[index], &mut boolean) };
        (status == sys::Status::napi_ok).then_some(boolean)
    }

    /// `length` bytes from `offset` of an argument that is a `Uint8Array`; `None` if it isn't one
    /// or isn't that long, as after its buffer was detached.
    pub fn bytes(&self, index: usize, offset: usize, length: usize) -> Option<&[u8]> {
        // SAFETY: the bytes stay there while this call runs, which calls no JavaScript (`whole`).
        let whole = unsafe { self.whole(self.values[index])?.as_ref() };
        whole.get(offset..)?.get(..length)
    }

    /// The same, to be written to.
    pub fn bytes_mut(&mut self, index: usize, offset: usize, length: usize) -> Option<&mut [u8]> {
        // SAFETY: as in `bytes`, and the one borrow of them here, since it borrows `self`
        // exclusively.
        let whole = unsafe { self.whole(self.values[index])?.as_mut() };
        whole.get_mut(offset..)?.get_mut(..length)
    }

    /// The elements of an argument that is an array of `Uint8Array`s, as many as there is room
    /// for; how many.
    pub fn byte_arrays<'a>(&'a self, index: usize, parts: &mut [IoSlice<'a>]) -> Option<usize> {
        let mut count = 0;
        // SAFETY: as in `size`.
        let status =
            unsafe { sys::napi_get_array_length(self.env, self.values[index], &mut count) };
        if status != sys::Status::napi_ok {
            return None;
        }
        let count = parts.len().min(count as usize);
        let elements: Vec<_> = (0..count)
            .map(|position| self.element(index, position as u32))
            .collect::<Option<_>>()?;
        // Only now the addresses: fetching an element can run JavaScript, which can detach others.
        for (part, element) in parts.iter_mut().zip(elements) {
            // SAFETY: as in `bytes`.
            *part = IoSlice::new(unsafe { self.whole(element)?.as_ref() });
        }
        Some(count)
    }

    /// The elements of an argument that is an `Int32Array`, to be written to.
    pub fn numbers_mut(&mut self, index: usize) -> Option<&mut [i32]> {
        let mut numbers = self.elements(self.values[index], sys::TypedarrayType::int32_array)?;
        // SAFETY: as in `bytes_mut`; an Int32Array begins at a multiple of its elements' size
        // (ECMAScript, InitializeTypedArrayFromArrayBuffer), within memory that is aligned.
        Some(unsafe { numbers.as_mut() })
    }

    fn element(&self, index: usize, position: u32) -> Option<sys::napi_value> {
        let mut element = ptr::null_mut();
        // SAFETY: as in `size`.
        let status =
            unsafe { sys::napi_get_element(self.env, self.values[index], position, &mut element) };
        (status == sys::Status::napi_ok).then_some(element)
    }

    /// Where the bytes of a `Uint8Array` are. They stay there until JavaScript of this thread runs
    /// again, which could detach them. Of a SharedArrayBuffer, other threads may change the bytes
    /// meanwhile: nothing here looks at them, and the kernel takes what it finds.
    fn whole(&self, value: sys::napi_value) -> Option<NonNull<[u8]>> {
        self.elements(value, sys::TypedarrayType::uint8_array)
    }

    /// Where the elements of a typed array of that kind are; `T` is the type of its elements.
    fn elements<T>(
        &self,
        value: sys::napi_value,
        wanted: sys::napi_typedarray_type,
    ) -> Option<NonNull<[T]>> {
        let (mut kind, mut length, mut data) = (0, 0, ptr::null_mut());
        // SAFETY: as in `size`.
        let status = unsafe {
            sys::napi_get_typedarray_info(
                self.env,
                value,
                &mut kind,
                &mut length,
                &mut data,
                ptr::null_mut(),
                ptr::null_mut(),
            )
        };
        if status != sys::Status::napi_ok || kind != wanted {
            return None;
        }
        // An empty or detached array may have no address at all.
        let data = if length == 0 { NonNull::dangling() } else { NonNull::new(data.cast())? };
        Some(NonNull::slice_from_raw_parts(data, length))
    }
}

/// A number for JavaScript.
pub fn to_number(env: sys::napi_env, number: i32) -> sys::napi_value {
    let mut value = ptr::null_mut();
    // SAFETY: on the thread of `env`, in a callback of it; a null result stands for undefined.
    unsafe { sys::napi_create_int32(env, number, &mut value) };
    value
}
