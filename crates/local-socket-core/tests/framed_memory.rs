//! What receiving costs in memory, counted by the allocator.

mod common;

use common::framed::{Script, feed, message, wire};
use local_socket::framed::{Decoder, Format, FramedReader, FramedWriter};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    io::{self, ErrorKind, Write},
    iter,
};

const BASE: usize = 256 * 1024;

struct Counting;

// Each test has a thread of its own, and so counts of its own.
thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    HELD.set(HELD.get() + bytes);
    PEAK.set(PEAK.get().max(HELD.get()));
    COUNT.set(COUNT.get() + usize::from(bytes > 0));
}

// SAFETY: everything is left to the system's allocator. Counting allocates nothing: the counters
// are initialised at compile time and have no destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller keeps the promises of this very function.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        // SAFETY: as above.
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most memory that the action held at once, beyond what there was before.
fn peak(action: impl FnOnce()) -> usize {
    let before = HELD.get();
    PEAK.set(before);
    action();
    (PEAK.get() - before) as usize
}

#[test]
fn an_announced_length_costs_nothing_until_its_bytes_arrive() {
    let format = Format::builder().max_length(u32::MAX as usize).build().unwrap();
    let mut decoder = Decoder::new(format);
    assert_eq!(peak(|| drop(Decoder::new(format))), 0, "an idle decoder holds nothing");
    let announced = peak(|| {
        feed(&mut decoder, &u32::MAX.to_be_bytes());
        feed(&mut decoder, &[1; 100]);
        assert!(decoder.next_message().unwrap().is_none());
        let _ = decoder.spare();
    });
    assert!(announced <= BASE, "{announced} bytes for a hundred that arrived");
    let block = vec![2; 100_000];
    let mut arrived = 104;
    let more = peak(|| {
        for _ in 0..30 {
            feed(&mut decoder, &block);
            arrived += block.len();
            assert!(decoder.next_message().unwrap().is_none());
        }
    });
    assert!(more <= 2 * arrived, "{more} bytes for {arrived} that arrived");
}

#[test]
fn a_length_that_is_not_allowed_gives_all_memory_back() {
    let before = HELD.get();
    let mut reader = FramedReader::new(&b"\xFF\xFF\xFF\xFF and more"[..]);
    let spent = peak(|| assert!(reader.recv().is_err()));
    assert!(spent < BASE + 4096, "{spent} bytes");
    assert!(HELD.get() - before < 4096);
}

#[test]
fn messages_cost_no_memory_each() {
    let messages: Vec<_> = (0..50_000).map(|i| message(i, 64)).collect();
    let bytes = wire(Format::default(), &messages);
    let mut received = 0;
    let before = COUNT.get();
    let mut reader = FramedReader::new(&*bytes);
    while let Some(batch) = reader.recv_batch().unwrap() {
        received += batch.count();
    }
    assert_eq!((received, COUNT.get() - before), (50_000, 1), "one piece of memory for all");
}

#[test]
fn memory_for_a_large_message_is_exact_kept_for_the_next_and_given_back_when_none_comes() {
    let format = Format::default();
    let (large, small) = (wire(format, &[message(1, 5 << 20)]), wire(format, &[message(2, 64)]));
    let mut decoder = Decoder::new(format);
    let before = HELD.get();
    let held = || (HELD.get() - before) as usize;
    feed(&mut decoder, &large);
    assert!(decoder.next_message().unwrap().is_some());
    assert_eq!(held(), large.len());
    let count = COUNT.get();
    feed(&mut decoder, &large);
    assert!(decoder.next_message().unwrap().is_some());
    assert_eq!(COUNT.get(), count, "the memory was there already");
    for _ in 0..20 {
        feed(&mut decoder, &small);
        assert_eq!(decoder.next_message().unwrap(), Some(&*message(2, 64)));
    }
    assert_eq!(held(), BASE);
}

#[test]
fn memory_goes_back_also_within_a_flood_that_never_empties_it() {
    let large = [message(0, 3 << 20)];
    let small: Vec<_> = (0..40_000).map(|i| message(i, 100)).collect();
    let bytes = [wire(Format::default(), &large), wire(Format::default(), &small)].concat();
    let pieces = bytes.chunks(99_991);
    let mut reader = FramedReader::new(Script::of(pieces));
    let mut sizes = iter::from_fn(|| reader.recv().unwrap().map(<[u8]>::len));
    assert_eq!(sizes.next(), Some(3 << 20));
    assert_eq!(sizes.by_ref().take(39_000).filter(|&size| size == 100).count(), 39_000);
    let decoder = reader.into_parts().1;
    let before = HELD.get();
    drop(decoder);
    assert_eq!((before - HELD.get()) as usize, BASE);
}

/// Takes so many bytes more.
struct Room(usize);

impl Write for Room {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self.0.min(buf.len()) {
            0 => Err(ErrorKind::WouldBlock.into()),
            count => {
                self.0 -= count;
                Ok(count)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn memory_for_the_rest_of_a_large_message_is_given_back_once_it_has_gone() {
    let large = message(1, 3 << 20);
    let mut writer = FramedWriter::new(Room(1000));
    let before = HELD.get();
    writer.send(&large).unwrap();
    assert_eq!(writer.pending(), 4 + large.len() - 1000);
    assert!(HELD.get() - before >= writer.pending() as isize);
    *writer.get_mut() = Room(usize::MAX);
    writer.flush().unwrap();
    assert!(HELD.get() - before <= 128 * 1024);
}
