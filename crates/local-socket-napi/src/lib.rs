//! The binding of local-socket: what JavaScript calls, and how it learns that something is ready.
//!
//! It crosses and nothing else: no policy, no promises, and no queue but that of refusals, of which
//! the core tells while it accepts. Every endpoint (a stream or a listener of the core) is a number
//! on the JavaScript side; the calls on it never block, and answer with a count or a negative errno.
//! Who is ready comes in batches, once per turn of the loop, as pairs of numbers in memory that
//! JavaScript owns.
//!
//! Import order, left to right: `peer → admission → fault → name, endpoint, poller, spin → js →
//! reactor → settings, wake → calls → api → activation`. `sys` is the platform switch: a file of its
//! folders stands where the one of the same name does.
#![cfg_attr(test, allow(dead_code, reason = "what is exported is called by JavaScript alone"))]

mod activation;
mod admission;
mod api;
mod calls;
mod endpoint;
mod fault;
mod js;
mod name;
mod peer;
mod poller;
mod reactor;
mod settings;
mod spin;
mod sys;
mod wake;

use {napi::bindgen_prelude::retain_current_module_for_unload_safety, napi_derive::napi};

/// Keeps the addon's code where it is for as long as the process lives.
///
/// Node unloads an addon when the last environment that loaded it has ended, a worker's if no other
/// did. Threads of the core go on then, and would return into nothing.
#[napi(module_exports)]
pub fn stay_loaded() {
    retain_current_module_for_unload_safety();
}
