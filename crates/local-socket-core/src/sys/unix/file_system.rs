//! Whether a folder's files are this kernel's alone.
//!
//! A kernel finds the listener of a socket file in its own tables, so a file of a network file
//! system looks dead here while a server listens on another machine, or on the host of a virtual
//! one.

use rustix::fs::fstatfs;
use std::os::fd::BorrowedFd;

/// Whether others than this kernel may have put the files there, or nobody can tell.
pub(super) fn is_shared(folder: BorrowedFd<'_>) -> bool {
    imp::is_shared(folder)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod imp {
    use super::*;

    /// The numbers of statfs(2), and those that stat(1) knows besides (coreutils, src/stat.c:
    /// remote). A host's virtiofs has that of FUSE, and so have local file systems that are
    /// programs; folders that gVisor has from its host have that of 9p.
    const SHARED: [(&str, u32); 26] = [
        ("9p", 0x0102_1997),
        ("ACFS", 0x6163_6673),
        ("AFS", 0x5346_414F),
        ("AFS of the kernel", 0x6B41_4653),
        ("BeeGFS", 0x1983_0326),
        ("Ceph", 0x00C3_6400),
        ("CIFS", 0xFF53_4D42),
        ("Coda", 0x7375_7245),
        ("FUSE, virtiofs", 0x6573_5546),
        ("GFS2", 0x0116_1970),
        ("GPFS", 0x4750_4653),
        ("hostfs of User-Mode Linux", 0x00C0_FFEE),
        ("IBRIX", 0x0131_11A8),
        ("Lustre", 0x0BD0_0BD0),
        ("NCP", 0x564C),
        ("NFS", 0x6969),
        ("OCFS2", 0x7461_636F),
        ("OrangeFS", 0x2003_0528),
        ("PanFS", 0xAAD7_AAEA),
        ("Parallels' shared folders", 0x7C7C_6673),
        ("SMB", 0x517B),
        ("SMB2", 0xFE53_4D42),
        ("StorNext", 0xBEEF_DEAD),
        ("VirtualBox's shared folders", 0x786F_4256),
        ("VMware's shared folders", 0xBACB_ACBC),
        ("VxFS", 0xA501_FCF5),
    ];

    pub(super) fn is_shared(folder: BorrowedFd<'_>) -> bool {
        // All the numbers have 32 bits; some architectures have them in a signed type.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "see above")]
        fstatfs(folder).map_or(true, |found| is_of_a_shared_type(found.f_type as u32))
    }

    fn is_of_a_shared_type(number: u32) -> bool {
        SHARED.iter().any(|(_, shared)| *shared == number)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn network_file_systems_are_shared_and_those_of_disks_and_memory_are_not() {
            for (what, number) in SHARED {
                assert!(is_of_a_shared_type(number), "{what}");
            }
            // The type is `int` on 32-bit systems, and so negative for some of them.
            assert!(is_of_a_shared_type(0xFF53_4D42_u32 as i32 as u32));
            // ext4, XFS, Btrfs, tmpfs, ramfs, overlay, F2FS, ZFS.
            for number in [
                0xEF53,
                0x5846_5342,
                0x9123_683E,
                0x0102_1994,
                0x8584_58F6,
                0x794C_7630,
                0xF2F5_2010,
                0x2FC1_2FC1,
            ] {
                assert!(!is_of_a_shared_type(number), "{number:#x}");
            }
        }
    }
}

/// The kernel says of each mount whether it is local (statfs(2): `MNT_LOCAL`).
#[cfg(any(target_vendor = "apple", target_os = "freebsd", target_os = "dragonfly"))]
mod imp {
    use super::*;

    pub(super) fn is_shared(folder: BorrowedFd<'_>) -> bool {
        #[allow(clippy::unnecessary_cast, reason = "it has 32 or 64 bits")]
        fstatfs(folder).map_or(true, |found| found.f_flags as u64 & libc::MNT_LOCAL as u64 == 0)
    }
}

/// Nobody has looked up how these say it.
#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "dragonfly"
)))]
mod imp {
    use super::*;

    pub(super) fn is_shared(_: BorrowedFd<'_>) -> bool {
        true
    }
}
