use super::*;

#[test]
fn text_and_bytes_are_the_same_sid() {
    let longest = format!("S-1-5{}", "-4294967295".repeat(MOST_SUB_AUTHORITIES));
    for text in ["S-1-1-0", "S-1-5-18", "S-1-5-21-1-22-333-1001", "S-1-0xFFFFFFFFFFFF-7", &longest]
    {
        let sid: Sid = text.parse().unwrap();
        assert_eq!(sid.to_string(), text);
        assert_eq!(Sid::from_bytes(sid.as_bytes()), Some(sid));
    }
    assert_eq!("s-1-0x5-18".parse(), Ok(Sid::SYSTEM));
    assert_eq!(Sid::ADMINISTRATORS.to_string(), "S-1-5-32-544");
    assert_eq!(Sid::SYSTEM.as_bytes(), [1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0]);
    assert_eq!(format!("{:?}", Sid::EVERYONE), "Sid(S-1-1-0)");
}

#[test]
fn what_is_no_sid_is_refused_and_the_error_names_it() {
    let too_long = format!("S-1-5{}", "-1".repeat(MOST_SUB_AUTHORITIES + 1));
    for text in [
        "",
        "S",
        "S-1",
        "S-1-5",
        "BA",
        "S-2-5-18",
        "S-1-5-",
        "S-1-5-+1",
        "S-1--5",
        "S-1-5-1-",
        " S-1-5-18",
        "S-1-5-18 ",
        "S-1-5-4294967296",
        "S-1-0x-1",
        "S-1-0xG-1",
        "S-1-281474976710656-1",
        "S-1-5-0x12",
        &too_long,
    ] {
        let error = text.parse::<Sid>().unwrap_err();
        assert!(error.to_string().starts_with(&format!("{text:?} is not a SID")), "{error}");
    }
}

#[test]
fn bytes_that_are_none_are_refused() {
    for bytes in [&[][..], &[1], &[1, 1, 0, 0, 0, 0, 0, 5, 18], &[2, 0, 0, 0, 0, 0, 0, 5]] {
        assert_eq!(Sid::from_bytes(bytes), None);
    }
    assert_eq!(Sid::from_bytes(&[1, 16].repeat(40)), None);
}
