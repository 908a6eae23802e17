//! The bytes of messages are those of tokio-util's codec, and a format that can't be is refused.

mod common;

use bytes::{Bytes, BytesMut};
use common::framed::{Random, feed, message, random_length, wire};
use local_socket::framed::{ByteOrder, Decoder, Format, FormatError, MessageTooLong};
use tokio_util::codec::{Decoder as _, Encoder as _, LengthDelimitedCodec};

fn format(width: usize, order: ByteOrder) -> Format {
    Format::builder().length_bytes(width).byte_order(order).build().expect("1 to 8")
}

/// Each width and order, with the codec that must agree.
fn formats() -> impl Iterator<Item = (Format, LengthDelimitedCodec)> {
    let orders = [ByteOrder::Big, ByteOrder::Little];
    let each = (1..=8).flat_map(move |width| orders.map(|order| (width, order)));
    each.map(|(width, order)| {
        let mut builder = LengthDelimitedCodec::builder();
        builder.length_field_length(width);
        match order {
            ByteOrder::Big => builder.big_endian(),
            ByteOrder::Little => builder.little_endian(),
        };
        (format(width, order), builder.new_codec())
    })
}

fn messages(limit: usize) -> Vec<Vec<u8>> {
    let mut random = Random::new(7);
    let lengths = [0, 1, 255, 256, 65_535, 65_536];
    let lengths = lengths.into_iter().chain((0..100).map(|_| random_length(&mut random)));
    lengths.filter(|&length| length <= limit).enumerate().map(|(i, l)| message(i, l)).collect()
}

fn encoded_by(codec: &mut LengthDelimitedCodec, messages: &[Vec<u8>]) -> BytesMut {
    let mut bytes = BytesMut::new();
    for message in messages {
        codec.encode(Bytes::from(message.clone()), &mut bytes).unwrap();
    }
    bytes
}

fn decode(format: Format, bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut decoder = Decoder::new(format);
    feed(&mut decoder, bytes);
    let messages = decoder.messages().map(<[u8]>::to_vec).collect();
    decoder.end().expect("the end is between messages");
    messages
}

#[test]
#[cfg_attr(miri, ignore = "takes hours there")]
fn messages_are_understood_by_tokio_utils_codec_and_its_by_us_at_every_width_and_order() {
    for (format, mut codec) in formats() {
        let messages = messages(format.max_length());
        let ours = wire(format, &messages);
        let theirs = encoded_by(&mut codec, &messages);
        assert!(ours == theirs, "{format:?}: the same bytes");
        assert!(decode(format, &theirs) == messages, "{format:?}: received by us");
        let mut bytes = BytesMut::from(&*ours);
        for (number, message) in messages.iter().enumerate() {
            let received = codec.decode(&mut bytes).unwrap();
            assert!(received.as_deref() == Some(message), "{format:?}: {number} received by them");
        }
        assert!(bytes.is_empty());
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes hours there")]
fn the_default_and_its_limits_are_those_of_tokio_utils_codec() {
    assert_eq!(Format::default(), Format::builder().build().unwrap());
    assert_eq!(Format::default().max_length(), LengthDelimitedCodec::new().max_frame_length());
    let messages = messages(usize::MAX);
    let theirs = encoded_by(&mut LengthDelimitedCodec::new(), &messages);
    assert!(wire(Format::default(), &messages) == theirs);
    for (format, codec) in formats() {
        assert_eq!(format.max_length(), codec.max_frame_length(), "{format:?}");
    }
}

#[test]
fn a_header_is_the_length_in_the_order_and_width_asked_for() {
    let big = format(3, ByteOrder::Big).header(0x01_02_03).unwrap();
    assert_eq!(&*big, [1, 2, 3]);
    let little = format(3, ByteOrder::Little).header(0x01_02_03).unwrap();
    assert_eq!(&*little, [3, 2, 1]);
    let wide = format(8, ByteOrder::Big).header(5).unwrap();
    assert_eq!(wide.as_ref(), [0, 0, 0, 0, 0, 0, 0, 5]);
}

#[test]
fn writing_into_memory_takes_what_fits_and_leaves_the_rest_alone() {
    let format = Format::default();
    let mut memory = [0xEE; 10];
    assert_eq!(format.write(b"hello", &mut memory), Ok(Some(9)));
    assert_eq!(&memory, b"\0\0\0\x05hello\xEE");
    assert_eq!(format.write(b"1234567", &mut memory), Ok(None));
    assert_eq!(&memory, b"\0\0\0\x05hello\xEE");
}

#[test]
fn a_length_takes_one_to_eight_bytes() {
    for given in [0, 9, usize::MAX] {
        let error = Format::builder().length_bytes(given).build().unwrap_err();
        assert_eq!(error, FormatError::LengthBytes { given });
        assert!(error.to_string().contains(".length_bytes(n) with 1 to 8"), "{error}");
        assert_eq!(std::io::Error::from(error).kind(), std::io::ErrorKind::InvalidInput);
    }
}

#[test]
fn a_limit_that_the_length_cannot_express_is_refused_with_what_to_write() {
    let one_byte = Format::builder().length_bytes(1);
    assert_eq!(one_byte.build().unwrap().max_length(), 255);
    assert_eq!(one_byte.max_length(255).build().unwrap().max_length(), 255);
    let error = one_byte.max_length(256).build().unwrap_err();
    assert_eq!(error, FormatError::MaxLength { given: 256, limit: 255, length_bytes: Some(2) });
    assert!(error.to_string().contains(".max_length(255)"), "{error}");
    assert!(error.to_string().contains(".length_bytes(2)"), "{error}");
    let error = Format::builder().length_bytes(8).max_length(usize::MAX).build().unwrap_err();
    assert!(!error.to_string().contains(".length_bytes"), "no width helps: {error}");
}

#[test]
fn a_message_of_the_longest_length_is_written_and_one_byte_more_is_not() {
    let format = Format::builder().max_length(100).build().unwrap();
    let mut bytes = b"before".to_vec();
    let refused = format.append(&[0; 101], &mut bytes);
    assert!(matches!(refused, Err(MessageTooLong { length: 101, limit: 100, .. })));
    assert_eq!(bytes, b"before");
    assert!(format.write(&[0; 101], &mut [0; 200]).is_err());
    format.append(&[7; 100], &mut bytes).unwrap();
    assert_eq!(bytes.len(), 6 + 4 + 100);
}
