//! What the environment says, read.

use super::*;

fn own_pid() -> String {
    std::process::id().to_string()
}

/// What is counted where the environment holds these and nothing else.
fn counted(environment: &[(&str, &str)]) -> Result<Option<RawFd>, ActivationError> {
    count(|name| {
        environment.iter().find(|(other, _)| *other == name).map(|(_, value)| value.into())
    })
}

#[test]
fn what_is_for_another_process_or_for_nobody_is_none() {
    let pid = own_pid();
    assert_eq!(counted(&[]), Ok(None));
    assert_eq!(counted(&[("LISTEN_FDS", "1")]), Ok(None));
    assert_eq!(counted(&[("LISTEN_PID", &pid)]), Ok(None));
    assert_eq!(counted(&[("LISTEN_PID", "1"), ("LISTEN_FDS", "1")]), Ok(None));
    assert_eq!(counted(&[("LISTEN_PID", &pid), ("LISTEN_FDS", "2")]), Ok(Some(2)));
}

#[test]
fn what_is_no_number_is_an_error_that_names_the_variable_and_its_value() {
    let pid = own_pid();
    for garbage in ["", " 1", "+1", "-1", "1x", "0x1", "99999999999999999999999"] {
        let cases: [&[(&str, &str)]; 3] = [
            &[("LISTEN_PID", garbage)],
            &[("LISTEN_PID", &pid), ("LISTEN_PIDFDID", garbage)],
            &[("LISTEN_PID", &pid), ("LISTEN_FDS", garbage)],
        ];
        for environment in cases {
            let variable = environment.last().unwrap().0;
            let error = counted(environment).unwrap_err().to_string();
            assert!(error.contains(variable) && error.contains(&format!("{garbage:?}")));
        }
    }
    for count in ["0", "2147483645", "4294967296"] {
        let error = counted(&[("LISTEN_PID", &pid), ("LISTEN_FDS", count)]).unwrap_err();
        assert!(matches!(error, ActivationError::NotANumber { variable: "LISTEN_FDS", .. }));
    }
}

#[test]
fn a_process_that_only_has_the_number_of_the_right_one_gets_none() {
    let pid = own_pid();
    let with_id = |id: u64| {
        let id = id.to_string();
        counted(&[("LISTEN_PID", &pid), ("LISTEN_PIDFDID", &id), ("LISTEN_FDS", "1")])
    };
    match imp::own_pidfd_id() {
        None => assert_eq!(with_id(1), Ok(Some(1)), "it can't be told apart here"),
        Some(own) => {
            assert_eq!(with_id(own), Ok(Some(1)));
            assert_eq!(with_id(own + 1), Ok(None));
        }
    }
}

#[test]
fn there_are_as_many_names_as_descriptors_and_they_may_be_empty() {
    let names = |text: Option<&str>, count| names(text.map(OsString::from), count);
    assert_eq!(names(None, 2).unwrap(), ["unknown", "unknown"]);
    assert_eq!(names(Some("a::b"), 3).unwrap(), ["a", "", "b"]);
    assert_eq!(names(Some(""), 1).unwrap(), [""]);
    let error = names(Some("a:b"), 3).unwrap_err();
    assert_eq!(error, ActivationError::NameCount { names: 2, descriptors: 3 });
}
