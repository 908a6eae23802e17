use super::*;
use crate::{
    admission::Allow,
    sys::windows::{sid::Sid, testing, token},
};
use std::os::windows::io::{AsHandle, OwnedHandle};
use windows_sys::Win32::Security::SE_DACL_PROTECTED;

const MEDIUM: &str = "S:(ML;;NWNRNX;;;ME)";

fn sid(text: &str) -> Sid {
    text.parse().unwrap()
}

/// Its owner, rights and label as the pipe has them; the group is whatever the process has.
fn of(pipe: &OwnedHandle) -> String {
    let parts = READABLE & !GROUP_SECURITY_INFORMATION;
    plain(&Descriptor::of_pipe(pipe.as_handle(), parts).unwrap().to_sddl().unwrap())
}

/// Without what the system may note of how lists came about.
fn plain(sddl: &str) -> String {
    sddl.replace("D:PAI(", "D:P(").replace("S:AI(", "S:(").replace("S:P(", "S:(")
}

/// As the system writes it, so that names of two letters and numbers compare equal.
fn written(sddl: &str) -> String {
    plain(&Descriptor::from_sddl(sddl).unwrap().to_sddl().unwrap())
}

#[test]
fn rules_are_on_the_pipe_as_they_were_asked_for() {
    let user = token::current_user().unwrap();
    let [private, shared] = match token::integrity().unwrap() {
        0x3000.. => ["S:(ML;;NWNRNX;;;HI)", MEDIUM],
        0x2000.. => [MEDIUM, MEDIUM],
        _ => ["", ""],
    };
    let own = format!("O:{user}D:P(A;;FA;;;{user})");
    let (service, other) = (sid("S-1-5-19"), sid("S-1-5-21-1-2-3-1001"));
    let same = Allow::same_user;
    let everyone = format!("{own}(A;;FA;;;SY)(A;;FA;;;BA)(A;;0x12019b;;;WD){shared}");
    for (allow, asked) in [
        (same(), format!("{own}(A;;FA;;;SY)(A;;FA;;;BA){private}")),
        (Allow::any_of([same(), same()]), format!("{own}(A;;FA;;;SY)(A;;FA;;;BA){private}")),
        (Allow::anyone(), everyone.clone()),
        (Allow::by(|_| false), everyone.clone()),
        (Allow::any_of([same(), Allow::sid(service), Allow::by(|_| true)]), everyone),
        (Allow::sid(other), format!("{own}(A;;0x12019b;;;{other}){shared}")),
        (Allow::sid(user), format!("{own}{shared}")),
        (
            Allow::any_of([same(), Allow::sid(service), Allow::any_of([Allow::sid(other)])]),
            format!(
                "{own}(A;;FA;;;SY)(A;;FA;;;BA)(A;;0x12019b;;;{service})(A;;0x12019b;;;{other})\
                 {shared}"
            ),
        ),
        (Allow::any_of([]), format!("{own}{shared}")),
    ] {
        let descriptor = Descriptor::from_allow(&allow).unwrap();
        assert_eq!(plain(&descriptor.to_sddl().unwrap()), written(&asked), "{allow:?}");
        let path = testing::fresh();
        let first = testing::create(&path, Some(&descriptor)).unwrap();
        assert_eq!(of(&first), written(&asked), "{allow:?}");
        let second = testing::create(&path, Some(&descriptor)).expect("a further instance");
        let client = testing::open(&path, testing::KNOWN).expect("this user's");
        assert_eq!(Descriptor::owner_of(client.as_handle()).unwrap(), user);
        drop((first, second));
    }
}

#[test]
fn a_label_keeps_out_lower_programs_and_is_never_above_the_programs_own_level() {
    let user = sid("S-1-5-21-1-2-3-1000");
    let (high, low) = ("S:(ML;;NWNRNX;;;HI)", 0x1000);
    let private = Allow::same_user();
    let shared = Allow::any_of([Allow::same_user(), Allow::sid(Sid::EVERYONE)]);
    for (integrity, allow, label) in [
        // The system's services, elevated programs, ordinary ones, sandboxed ones.
        (0x4000, &private, high),
        (0x4000, &shared, MEDIUM),
        (0x3000, &private, high),
        (0x3000, &shared, MEDIUM),
        (0x2100, &private, MEDIUM),
        (0x2000, &private, MEDIUM),
        (0x2000, &shared, MEDIUM),
        (low, &private, ""),
        (low, &shared, ""),
        (0, &private, ""),
    ] {
        let sddl = rules::sddl(allow, &user, integrity);
        let found = sddl.find("S:(").map_or("", |at| &sddl[at..]);
        assert_eq!(found, label, "{integrity:#x} {allow:?}");
    }
}

#[test]
fn clients_cannot_be_servers() {
    const FILE_CREATE_PIPE_INSTANCE: u32 = 4;
    assert_eq!(0x12019b & FILE_CREATE_PIPE_INSTANCE, 0);
    let rights = windows_sys::Win32::Storage::FileSystem::FILE_GENERIC_READ
        | windows_sys::Win32::Storage::FileSystem::FILE_GENERIC_WRITE;
    assert_eq!(rights & !FILE_CREATE_PIPE_INSTANCE, 0x12019b);
}

#[test]
fn a_text_that_is_no_descriptor_is_refused_and_named() {
    for text in ["", "nonsense", "D:(A;;FA;;;)", "O:S-1-5D:P", "D:P\0(A;;FA;;;WD)"] {
        let error = Descriptor::from_sddl(text).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{text:?}");
        assert!(error.to_string().contains(&format!("{text:?}")), "{error}");
    }
}

#[test]
fn a_copy_of_an_absolute_descriptor_has_all_that_is_in_it() {
    use std::mem::zeroed;
    use windows_sys::Win32::Security::{
        GetSecurityDescriptorDacl, GetSecurityDescriptorGroup, GetSecurityDescriptorOwner,
        InitializeSecurityDescriptor, SECURITY_DESCRIPTOR, SetSecurityDescriptorControl,
        SetSecurityDescriptorDacl, SetSecurityDescriptorGroup, SetSecurityDescriptorOwner,
    };
    let sddl = "O:S-1-5-19G:S-1-5-20D:P(A;;FA;;;S-1-5-18)(A;;0x12019b;;;S-1-1-0)";
    let whole = Descriptor::from_sddl(sddl).unwrap();
    let from = whole.as_ptr().cast_mut();
    // SAFETY: `from` is a valid descriptor that outlives all that points into it, and the rest are
    // locals.
    let (of_absolute, of_self_relative) = unsafe {
        let mut absolute: SECURITY_DESCRIPTOR = zeroed();
        let to = (&raw mut absolute).cast();
        let (mut sid, mut dacl) = (ptr::null_mut(), ptr::null_mut());
        let (mut defaulted, mut is_there) = (0, 0);
        assert_ne!(InitializeSecurityDescriptor(to, 1), 0);
        assert_ne!(GetSecurityDescriptorOwner(from, &mut sid, &mut defaulted), 0);
        assert_ne!(SetSecurityDescriptorOwner(to, sid, 0), 0);
        assert_ne!(GetSecurityDescriptorGroup(from, &mut sid, &mut defaulted), 0);
        assert_ne!(SetSecurityDescriptorGroup(to, sid, 0), 0);
        assert_ne!(GetSecurityDescriptorDacl(from, &mut is_there, &mut dacl, &mut defaulted), 0);
        assert_ne!(SetSecurityDescriptorDacl(to, 1, dacl, 0), 0);
        assert_ne!(SetSecurityDescriptorControl(to, SE_DACL_PROTECTED, SE_DACL_PROTECTED), 0);
        (Descriptor::copy(to).unwrap(), Descriptor::copy(from).unwrap())
    };
    assert_eq!(of_absolute.to_sddl().unwrap(), written(sddl));
    assert_eq!(of_self_relative.to_sddl().unwrap(), written(sddl));
    assert_eq!(format!("{of_absolute:?}"), written(sddl));
}
