use super::*;

fn errno_of(code: i32) -> i32 {
    negative_errno(&io::Error::from_raw_os_error(code))
}

#[test]
fn what_is_used_up_for_now_has_a_number_that_listeners_wait_at() {
    // Handles, the system's memory for pipes, and this process's share of it.
    for (code, errno) in [(4, EMFILE), (8, ENOMEM), (1450, ENOBUFS), (1816, ENOBUFS)] {
        assert_eq!(errno_of(code), errno, "{code}");
    }
}

#[test]
fn an_end_without_a_peer_is_told_apart_from_one_that_has_lost_it() {
    // ERROR_PIPE_LISTENING and ERROR_NOT_CONNECTED; then those of a peer that is gone.
    for (code, errno) in
        [(536, ENOTCONN), (2250, ENOTCONN), (109, EPIPE), (232, EPIPE), (233, EPIPE)]
    {
        assert_eq!(errno_of(code), errno, "{code}");
    }
}

#[test]
fn a_number_that_nobody_has_a_name_for_is_unknown() {
    assert_eq!(errno_of(65_535), UNKNOWN);
}
