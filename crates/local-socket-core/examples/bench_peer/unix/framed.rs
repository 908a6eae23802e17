//! Messages by `local_socket::framed`, one way.

use super::{
    client::expect_receipt,
    message::{check, stamp},
    report::Stopwatch,
    server::serve,
};
use local_socket::framed::{FramedReader, FramedWriter};
use std::{
    io::{self, Write},
    os::unix::net::UnixStream,
};

pub fn flood(path: &str, size: usize, count: usize) -> io::Result<()> {
    let stream = UnixStream::connect(path)?;
    let mut messages = FramedWriter::new(&stream);
    let mut message = vec![0xA5; size];
    let bytes = size as u64 * count as u64;
    let watch = Stopwatch::start();
    for number in 0..count {
        stamp(&mut message, number);
        messages.send(&message)?;
    }
    messages.flush()?;
    expect_receipt(&stream, bytes)?;
    watch.report_one_way(count, bytes);
    Ok(())
}

pub fn sink(path: &str) -> io::Result<()> {
    serve(path, |stream| {
        let mut messages = FramedReader::new(&stream);
        let (mut number, mut total) = (0, 0);
        while let Some(batch) = messages.recv_batch()? {
            for message in batch {
                check(message, number)?;
                number += 1;
                total += message.len() as u64;
            }
        }
        (&stream).write_all(&total.to_be_bytes())
    })
}
