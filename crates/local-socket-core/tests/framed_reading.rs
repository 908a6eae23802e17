//! Messages arrive as they were sent, however the stream cuts them.

mod common;

use common::{
    framed::{Random, Script, feed, message, random_length, wire},
    pair, within,
};
use local_socket::{
    framed::{ByteOrder, DecodeError, Decoder, Format, FramedReader, FramedWriter},
    prelude::*,
};
use std::{
    io::{self, ErrorKind, Read, Write},
    iter, thread,
};

fn all(mut reader: FramedReader<impl Read>) -> Vec<Vec<u8>> {
    iter::from_fn(|| reader.recv().unwrap().map(<[u8]>::to_vec)).collect()
}

fn cause(error: &io::Error) -> DecodeError {
    *error.get_ref().and_then(|cause| cause.downcast_ref()).expect("a cause")
}

#[test]
fn wherever_the_bytes_are_cut_the_same_messages_arrive() {
    let longest = if cfg!(miri) { 12 } else { 200 };
    let messages = [message(0, 5), vec![], message(2, 1), message(3, longest), vec![]];
    for order in [ByteOrder::Big, ByteOrder::Little] {
        for width in 1..=8 {
            let format = Format::builder().length_bytes(width).byte_order(order).build().unwrap();
            let bytes = wire(format, &messages);
            for cut in 0..bytes.len() {
                let pieces = [&bytes[..cut], &bytes[cut..]].into_iter().filter(|p| !p.is_empty());
                let reader = FramedReader::with_format(Script::of(pieces), format);
                assert_eq!(all(reader), messages, "{format:?} cut at {cut}");
            }
            let reader = FramedReader::with_format(Script::of(bytes.chunks(1)), format);
            assert_eq!(all(reader), messages, "{format:?} byte by byte");
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes hours there")]
fn random_messages_in_random_pieces_arrive_by_ones_and_in_batches() {
    for seed in 1..=20 {
        let mut random = Random::new(seed);
        let messages: Vec<_> = (0..300).map(|i| message(i, random_length(&mut random))).collect();
        let bytes = wire(Format::default(), &messages);
        let (mut rest, mut pieces) = (&*bytes, Vec::new());
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at(rest.len().min(1 + random.below(300_000)));
            pieces.push(piece);
            rest = behind;
        }
        let mut reader = FramedReader::new(Script::of(pieces));
        let mut received: Vec<Vec<u8>> = Vec::new();
        loop {
            let before = received.len();
            if random.below(2) == 0 {
                received.extend(reader.recv().unwrap().map(<[u8]>::to_vec));
            } else if let Some(batch) = reader.recv_batch().unwrap() {
                received.extend(batch.take(1 + random.below(50)).map(<[u8]>::to_vec));
            }
            if received.len() == before {
                break;
            }
        }
        assert!(received == messages, "seed {seed}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "opens sockets")]
fn messages_arrive_over_a_stream_in_both_directions() {
    let (client, server) = pair();
    within("both sides to have heard all", move || {
        let mut random = Random::new(3);
        let messages: Vec<_> = (0..500).map(|i| message(i, random_length(&mut random))).collect();
        let exchange = |stream: local_socket::Stream| {
            let (incoming, outgoing) = stream.split();
            thread::scope(|scope| {
                scope.spawn(|| {
                    let mut writer = FramedWriter::new(&outgoing);
                    messages.iter().for_each(|message| writer.send(message).unwrap());
                    writer.flush().unwrap();
                    drop(writer);
                    drop(outgoing);
                });
                let mut reader = FramedReader::new(&incoming);
                for message in &messages {
                    assert!(reader.recv().unwrap() == Some(message));
                }
            });
        };
        thread::scope(|scope| {
            scope.spawn(|| exchange(client));
            exchange(server);
        });
    });
}

#[test]
#[cfg_attr(miri, ignore = "opens sockets")]
fn a_message_of_many_times_the_memory_arrives_whole_and_so_do_those_behind_it() {
    let (client, server) = pair();
    let messages = [message(1, 7 << 20), message(2, 10), vec![], message(4, 300_000)];
    let sent = messages.clone();
    let received = within("all messages", move || {
        let sender = thread::spawn(move || {
            let mut writer = FramedWriter::new(client);
            sent.iter().for_each(|message| writer.send(message).unwrap());
            writer.flush().unwrap();
        });
        let received = all(FramedReader::new(server));
        sender.join().unwrap();
        received
    });
    assert!(received == messages);
}

#[test]
fn a_message_of_the_longest_length_arrives_and_a_longer_one_is_an_error_that_stays() {
    let format = Format::builder().max_length(100).build().unwrap();
    let longer = wire(Format::default(), &[vec![7; 100], vec![8; 101], vec![9; 3]]);
    let mut reader = FramedReader::with_format(&*longer, format);
    assert_eq!(reader.recv().unwrap(), Some(&[7; 100][..]));
    for _ in 0..3 {
        let error = reader.recv().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        assert_eq!(cause(&error), DecodeError::TooLong { length: 101, limit: 100 });
        assert_eq!(reader.recv_batch().unwrap_err().kind(), ErrorKind::InvalidData);
    }
}

#[test]
fn bytes_of_another_kind_are_an_error_rather_than_a_wait() {
    let mut reader = FramedReader::new(&b"\xFF\xFF\xFF\xFF"[..]);
    let limit = 8 << 20;
    let expected = DecodeError::TooLong { length: u64::from(u32::MAX), limit };
    assert_eq!(cause(&reader.recv().unwrap_err()), expected);
    let mut reader = FramedReader::new(&b"GET / HTTP/1.1\r\n"[..]);
    assert_eq!(reader.recv().unwrap_err().kind(), ErrorKind::InvalidData);
}

#[test]
fn an_end_within_a_message_is_an_error_that_says_how_much_came_and_stays() {
    let bytes = wire(Format::default(), &[vec![1; 3], vec![2; 9]]);
    for end in 8..bytes.len() {
        let mut reader = FramedReader::new(&bytes[..end]);
        assert_eq!(reader.recv().unwrap(), Some(&[1; 3][..]));
        let expected = match end - 7 {
            received @ 0..=3 => DecodeError::CutLength { received, expected: 4 },
            received => DecodeError::CutMessage { received: received - 4, expected: 9 },
        };
        for _ in 0..2 {
            let error = reader.recv().unwrap_err();
            assert_eq!((error.kind(), cause(&error)), (ErrorKind::UnexpectedEof, expected));
        }
    }
    let mut reader = FramedReader::new(&bytes[..7]);
    assert!(reader.recv().unwrap().is_some());
    assert!(reader.recv().unwrap().is_none(), "the end between messages is the end");
    assert!(reader.recv_batch().unwrap().is_none());
}

#[test]
fn all_that_came_before_an_error_is_received_first() {
    let mut bytes = wire(Format::default(), &[message(0, 8), message(1, 9)]);
    bytes.extend_from_slice(b"\xFF\xFF\xFF\xFF");
    let mut reader = FramedReader::new(&*bytes);
    let batch = reader.recv_batch().unwrap().expect("two messages");
    assert_eq!(batch.collect::<Vec<_>>(), [message(0, 8), message(1, 9)]);
    assert_eq!(reader.recv_batch().unwrap_err().kind(), ErrorKind::InvalidData);
}

#[test]
fn messages_of_a_batch_that_are_not_taken_come_with_the_next_call() {
    let messages: Vec<_> = (0..5).map(|i| message(i, 10 + i)).collect();
    let mut reader = FramedReader::new(Script::of([&*wire(Format::default(), &messages)]));
    let mut batch = reader.recv_batch().unwrap().expect("five messages");
    let (first, second) = (batch.next().unwrap(), batch.next().unwrap());
    assert_eq!([first, second], [&*messages[0], &*messages[1]], "held side by side");
    assert_eq!(reader.recv().unwrap(), Some(&*messages[2]));
    let rest = reader.recv_batch().unwrap().expect("two messages");
    assert_eq!(rest.collect::<Vec<_>>(), messages[3..]);
}

#[test]
fn nothing_is_lost_where_a_read_would_block_is_interrupted_or_fails() {
    let messages = [message(0, 5), vec![], message(2, 300)];
    let bytes = wire(Format::default(), &messages);
    let kinds = [ErrorKind::WouldBlock, ErrorKind::Interrupted, ErrorKind::TimedOut];
    let steps = bytes
        .chunks(1)
        .enumerate()
        .flat_map(|(i, piece)| [Err(io::Error::from(kinds[i % kinds.len()])), Ok(piece.to_vec())]);
    let mut reader = FramedReader::new(Script { steps: steps.collect() });
    let (mut received, mut failures) = (Vec::new(), 0);
    loop {
        match reader.recv() {
            Ok(Some(message)) => received.push(message.to_vec()),
            Ok(None) => break,
            Err(error) => {
                assert_ne!(error.kind(), ErrorKind::Interrupted, "a signal doesn't show");
                failures += 1;
            }
        }
    }
    assert_eq!(received, messages);
    assert_eq!(failures, bytes.len() - (bytes.len() + 1) / kinds.len());
}

#[test]
#[cfg_attr(miri, ignore = "opens sockets")]
fn a_nonblocking_stream_would_block_until_the_whole_message_is_there() {
    let (client, server) = pair();
    server.set_nonblocking(true).unwrap();
    let mut reader = FramedReader::new(&server);
    for piece in [&b"\0\0"[..], b"\0\x05he", b"ll"] {
        (&client).write_all(piece).unwrap();
        assert_eq!(reader.recv().unwrap_err().kind(), ErrorKind::WouldBlock);
    }
    (&client).write_all(b"o\0\0\0\0").unwrap();
    assert_eq!(reader.recv().unwrap(), Some(&b"hello"[..]));
    assert_eq!(reader.recv().unwrap(), Some(&b""[..]));
    assert_eq!(reader.recv().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn a_decoder_keeps_messages_that_nobody_takes_and_hands_over_with_its_source() {
    // More than a decoder's memory is at first, also in Miri, which is many times slower.
    let count = if cfg!(miri) { 300 } else { 2000 };
    let messages: Vec<_> = (0..count).map(|i| message(i, 1000)).collect();
    let bytes = wire(Format::default(), &messages);
    let mut decoder = Decoder::new(Format::default());
    feed(&mut decoder, &bytes);
    assert!(decoder.messages().eq(messages.iter().map(Vec::as_slice)));
    decoder.end().unwrap();

    let mut reader = FramedReader::new(&*bytes);
    assert_eq!(reader.recv().unwrap(), Some(&*messages[0]));
    let (_, mut decoder) = reader.into_parts();
    assert_eq!(decoder.next_message().unwrap(), Some(&*messages[1]));
}
