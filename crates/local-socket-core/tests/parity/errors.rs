//! Errors, and cloning that may fail.

use interprocess::{
    TryClone,
    error::{ConversionError, NoDetails, ReuniteError, ReuniteResult},
};
use std::{
    error::Error,
    fmt::{Debug, Display},
    io,
};
#[cfg(unix)]
use {interprocess::error::FromFdError as FromSystem, std::os::fd::OwnedFd as Owned};
#[cfg(windows)]
use {
    interprocess::error::FromHandleError as FromSystem, std::os::windows::io::OwnedHandle as Owned,
};

#[test]
fn a_conversion_error_says_why_and_hands_back_the_source() {
    implements!(NoDetails: Copy + Clone + Debug + Default + Display);
    implements!(NoDetails: PartialEq + Eq + PartialOrd + Ord);
    implements!(ConversionError<u8>: Debug + Default + Display + Into<io::Error>);
    implements!(ConversionError<u8, io::Error>: Error);
    let _: fn(FromSystem) -> ConversionError<Owned, NoDetails> = |it| it;
    let _: fn(FromSystem<u8>) -> ConversionError<Owned, u8> = |it| it;

    let _: fn(u8) -> ConversionError<u8> = ConversionError::from_source;
    let _: fn(io::Error) -> ConversionError<u8> = ConversionError::from_cause;
    let _: fn(u8, io::Error) -> ConversionError<u8> = ConversionError::from_source_and_cause;
    let _: fn(u8, char) -> ConversionError<u8, char> = ConversionError::from_source_and_details;
    let _: fn(io::Error, char) -> ConversionError<u8, char> =
        ConversionError::from_cause_and_details;
    let _: for<'a> fn(&'a ConversionError<u8>) -> io::Error = ConversionError::to_io_error;

    let ConversionError { details: NoDetails, cause: None, source: Some(source) } =
        ConversionError::<u8>::from_source(1).map_source(u16::from)
    else {
        panic!("something else came out")
    };
    assert_eq!(source, 1_u16);
    let lost: ConversionError<u16> = ConversionError::<u8>::from_source(1).try_map_source(|_| None);
    assert_eq!(lost.source, None);
}

#[test]
fn a_reunite_error_hands_back_both_halves() {
    implements!(ReuniteError<u8, u8>: Debug + Display + Error);
    type Halves = ReuniteError<u8, i8>;
    let _: fn(ReuniteResult<char, u8, i8>) -> Result<char, Halves> = |it| it;
    let ReuniteError { rh, sh } =
        ReuniteError { rh: 1_u8, sh: 2_i8 }.map_halves(u16::from, i16::from);
    assert_eq!((rh, sh), (1_u16, 2_i16));
    let halves: ReuniteError<u32, i32> = ReuniteError { rh, sh }.convert_halves();
    assert_eq!((halves.rh, halves.sh), (1, 2));
}

#[test]
fn other_crates_may_have_clones_that_fail() {
    #[derive(Debug)]
    struct Mine;
    impl TryClone for Mine {
        fn try_clone(&self) -> io::Result<Self> {
            Err(io::ErrorKind::OutOfMemory.into())
        }
    }
    assert_eq!(Mine.try_clone().expect_err("no clone").kind(), io::ErrorKind::OutOfMemory);
    let text = String::from("what can be cloned can be cloned this way");
    assert_eq!(text.try_clone().expect("a clone"), text);
}
