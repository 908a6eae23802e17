//! The endpoints of one JavaScript thread, by number.

use {
    crate::{admission::Refusals, sys::Traits},
    local_socket::{Listener, Stream},
    std::sync::Arc,
};

/// What a number on the JavaScript side stands for.
pub enum Endpoint {
    /// A connected stream.
    Stream(Connected),
    /// A listener. Boxed: it is much larger, and every number has room for either.
    Listener(Box<Accepting>),
}

/// A stream, and what this system needs to remember of it.
pub struct Connected {
    /// The stream.
    pub stream: Stream,
    /// What has been done with it.
    pub traits: Traits,
}

impl From<Stream> for Connected {
    fn from(stream: Stream) -> Self {
        Self { stream, traits: Traits::default() }
    }
}

/// A listener, and those whom it turned away.
pub struct Accepting {
    /// The listener.
    pub listener: Listener,
    /// Told of by the listener, taken by JavaScript.
    pub refusals: Arc<Refusals>,
}

/// A number and how often it was given out: told apart from an earlier holder of the same number.
#[derive(Clone, Copy)]
pub struct Token {
    pub(crate) index: u32,
    pub(crate) generation: u32,
}

impl Token {
    /// The number that JavaScript knows.
    pub fn id(self) -> u32 {
        self.index
    }
}

#[derive(Default)]
struct Slot {
    generation: u32,
    endpoint: Option<Endpoint>,
}

/// Numbers are small and used again, so that JavaScript can keep them in a dense array.
#[derive(Default)]
pub struct Endpoints {
    slots: Vec<Slot>,
    free: Vec<u32>,
}

impl Endpoints {
    /// Gives an endpoint its number.
    pub fn insert(&mut self, endpoint: Endpoint) -> Token {
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            (self.slots.len() - 1) as u32
        });
        let slot = &mut self.slots[index as usize];
        slot.endpoint = Some(endpoint);
        Token { index, generation: slot.generation }
    }

    /// Takes an endpoint out; its number is free from now on.
    pub fn remove(&mut self, id: u32) -> Option<Endpoint> {
        let slot = self.slots.get_mut(id as usize)?;
        let endpoint = slot.endpoint.take()?;
        slot.generation = slot.generation.wrapping_add(1);
        self.free.push(id);
        Some(endpoint)
    }

    /// The endpoint of a number.
    pub fn get(&self, id: u32) -> Option<&Endpoint> {
        self.slots.get(id as usize)?.endpoint.as_ref()
    }

    /// The token of a number in use.
    pub fn token(&self, id: u32) -> Option<Token> {
        let slot = self.slots.get(id as usize)?;
        slot.endpoint.as_ref().map(|_| Token { index: id, generation: slot.generation })
    }

    /// The endpoint of a token, if it still has its number.
    pub fn current(&self, token: Token) -> Option<&Endpoint> {
        let slot = self.slots.get(token.index as usize)?;
        slot.endpoint.as_ref().filter(|_| slot.generation == token.generation)
    }

    /// All of them.
    #[cfg_attr(unix, expect(dead_code, reason = "what was written is the kernel's at once"))]
    pub fn iter(&self) -> impl Iterator<Item = &Endpoint> {
        self.slots.iter().filter_map(|slot| slot.endpoint.as_ref())
    }

    /// Takes all out, closing them.
    pub fn clear(&mut self) {
        for id in 0..self.slots.len() as u32 {
            drop(self.remove(id));
        }
    }
}
