//! A message is taken or it isn't, and what is taken leaves once.

mod common;

use common::{
    framed::{Random, Taker, message, random_length, wire},
    pair, within,
};
use local_socket::{
    framed::{Format, FramedReader, FramedWriter, MessageTooLong},
    prelude::*,
};
use std::{
    io::{self, ErrorKind, IoSlice, Write},
    thread,
};

const WOULD_BLOCK: Result<usize, ErrorKind> = Err(ErrorKind::WouldBlock);

fn taker(steps: impl IntoIterator<Item = Result<usize, ErrorKind>>) -> Taker {
    Taker { steps: steps.into_iter().collect(), ..Taker::default() }
}

#[test]
#[cfg_attr(miri, ignore = "opens sockets")]
fn on_a_full_nonblocking_stream_a_message_is_taken_or_may_be_given_again() {
    let (client, server) = pair();
    client.set_nonblocking(true).unwrap();
    server.set_nonblocking(true).unwrap();
    within("all messages to arrive once", move || {
        let mut random = Random::new(5);
        let messages: Vec<_> = (0..3000).map(|i| message(i, random_length(&mut random))).collect();
        let (mut writer, mut reader) = (FramedWriter::new(&client), FramedReader::new(&server));
        let (mut given, mut received, mut refused) = (0, 0, 0);
        while received < messages.len() {
            let result = match messages.get(given) {
                Some(message) => writer.send(message).inspect(|()| given += 1),
                None => writer.flush(),
            };
            match result {
                Ok(()) if given < messages.len() => continue,
                Ok(()) => {}
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::WouldBlock);
                    refused += 1;
                }
            }
            while let Ok(Some(message)) = reader.recv() {
                assert!(message == messages[received], "message {received}");
                received += 1;
                if random.below(4) == 0 {
                    break;
                }
            }
        }
        assert_eq!((given, writer.pending()), (3000, 0));
        assert!(refused > 100, "the stream was full {refused} times");
    });
}

#[test]
#[cfg_attr(miri, ignore = "takes hours there")]
fn whatever_each_call_takes_the_bytes_are_those_of_the_messages_that_were_taken() {
    for seed in 1..=30 {
        let mut random = Random::new(seed);
        let steps = (0..400).map(|_| match random.below(4) {
            0 => WOULD_BLOCK,
            1 => Err(ErrorKind::Interrupted),
            2 => Ok(1 + random.below(10)),
            _ => Ok(1 + random.below(50_000)),
        });
        let mut writer = FramedWriter::new(taker(steps.collect::<Vec<_>>()));
        let mut accepted = Vec::new();
        for number in 0..300 {
            let message = message(number, random_length(&mut random));
            let pending = writer.pending();
            match writer.send(&message) {
                Ok(()) => accepted.push(message),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::WouldBlock);
                    assert!(writer.pending() <= pending, "nothing of it is kept");
                }
            }
            if random.below(20) == 0 {
                let _ = writer.flush();
            }
        }
        while writer.flush().is_err() {}
        let expected = wire(Format::default(), &accepted);
        assert!(writer.into_inner().taken == expected, "seed {seed}");
    }
}

#[test]
fn small_messages_leave_together_when_flushed_or_when_there_are_many() {
    let mut writer = FramedWriter::new(Taker::default());
    for number in 0..500 {
        writer.send(&message(number, 64)).unwrap();
    }
    assert_eq!((writer.get_ref().calls, writer.pending()), (0, 500 * 68));
    writer.flush().unwrap();
    assert_eq!((writer.get_ref().calls, writer.pending()), (1, 0));
    for number in 0..2000 {
        writer.send(&message(number, 64)).unwrap();
    }
    assert_eq!(writer.get_ref().calls, 1 + 2, "64 KiB each");
    assert!(writer.pending() < 64 * 1024);
}

/// Keeps where the last slice came from.
struct Origins(Vec<*const u8>, usize);

impl Write for Origins {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        unreachable!("a large message goes by one vectored write")
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0 = bufs.iter().map(|buf| buf.as_ptr()).collect();
        self.1 += 1;
        Ok(bufs.iter().map(|buf| buf.len()).sum())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_large_message_leaves_at_once_behind_the_small_ones_from_where_it_lies() {
    let mut writer = FramedWriter::new(Origins(Vec::new(), 0));
    let large = message(1, 100_000);
    writer.send(b"small").unwrap();
    writer.send(&large).unwrap();
    assert_eq!(writer.pending(), 0);
    let Origins(origins, calls) = writer.get_ref();
    assert_eq!((origins[2], *calls), (large.as_ptr(), 1));
}

#[test]
fn what_is_not_flushed_is_not_sent_by_dropping() {
    let mut taker = Taker::default();
    FramedWriter::new(&mut taker).send(b"lost").unwrap();
    assert_eq!(taker.calls, 0);
}

#[test]
fn a_message_that_is_too_long_is_refused_and_the_others_go_on() {
    let format = Format::builder().max_length(20_000).build().unwrap();
    let mut writer = FramedWriter::with_format(Taker::default(), format);
    writer.send(b"before").unwrap();
    for length in [20_001, 1 << 20] {
        let error = writer.send(&vec![0; length]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<MessageTooLong>());
        assert_eq!(cause.map(|cause| (cause.length, cause.limit)), Some((length, 20_000)));
    }
    let longest = message(1, 20_000);
    writer.send(&longest).unwrap();
    writer.flush().unwrap();
    assert!(writer.into_inner().taken == wire(format, &[b"before".to_vec(), longest]));
}

#[test]
fn an_error_before_a_message_refuses_it_and_one_within_it_is_told_by_the_next_call() {
    let large = message(1, 50_000);
    let broken = Err(ErrorKind::BrokenPipe);
    let mut writer = FramedWriter::new(taker([broken, Ok(10), broken, WOULD_BLOCK]));
    assert_eq!(writer.send(&large).unwrap_err().kind(), ErrorKind::BrokenPipe);
    assert_eq!(writer.pending(), 0, "refused");
    writer.send(&large).unwrap();
    assert_eq!(writer.pending(), 50_004 - 10, "taken, since part of it has gone");
    assert_eq!(writer.send(&large).unwrap_err().kind(), ErrorKind::BrokenPipe);
    assert_eq!(writer.flush().unwrap_err().kind(), ErrorKind::WouldBlock);
    writer.flush().unwrap();
    assert!(writer.into_inner().taken == wire(Format::default(), &[large]));
}

#[test]
fn a_target_that_takes_nothing_is_an_error_rather_than_a_loop() {
    let mut writer = FramedWriter::new(taker([Ok(0), Ok(0)]));
    assert_eq!(writer.send(&[1; 50_000]).unwrap_err().kind(), ErrorKind::WriteZero);
    writer.send(b"small").unwrap();
    assert_eq!(writer.flush().unwrap_err().kind(), ErrorKind::WriteZero);
    assert_eq!(writer.pending(), 9);
}

#[test]
#[cfg_attr(miri, ignore = "opens sockets")]
fn a_vanished_peer_is_a_broken_pipe() {
    let (client, server) = pair();
    drop(server);
    let mut writer = FramedWriter::new(&client);
    writer.send(b"x").unwrap();
    assert_eq!(writer.flush().unwrap_err().kind(), ErrorKind::BrokenPipe);
    assert_eq!(writer.send(&[1; 50_000]).unwrap_err().kind(), ErrorKind::BrokenPipe);
}

#[test]
#[cfg_attr(miri, ignore = "opens sockets")]
fn a_blocking_writer_waits_for_a_reader_that_is_slower() {
    let (client, server) = pair();
    let sender = thread::spawn(move || {
        let mut writer = FramedWriter::new(client);
        (0..200).try_for_each(|number| writer.send(&message(number, 30_000)))?;
        writer.flush()
    });
    within("all messages", move || {
        let mut reader = FramedReader::new(server);
        for number in 0..200 {
            assert!(reader.recv().unwrap() == Some(&message(number, 30_000)));
        }
        assert!(reader.recv().unwrap().is_none());
        sender.join().unwrap().unwrap();
    });
}
