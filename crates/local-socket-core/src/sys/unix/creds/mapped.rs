//! Which user and group ids mean somebody.
//!
//! In a user namespace (user_namespaces(7)) the kernel shows every id that has none there as one
//! and the same, the overflow id, 65534 unless the administrator chose another. Two strangers look
//! alike then, and both like this process if it has no id either. Where the namespace also gives
//! that number to somebody, nobody can tell whether he is meant, so the number is believed only
//! where every id has one of its own, as outside of all namespaces.

use std::{fs, sync::OnceLock};

/// How many ids there are: all that 32 bits can say but the last, which means none.
const ALL: u64 = u32::MAX as u64;

/// What both overflow ids are unless the system says otherwise.
const USUAL_OVERFLOW: u32 = 65_534;

pub(super) static UIDS: Ids = Ids {
    overflow: OnceLock::new(),
    told_at: "/proc/sys/kernel/overflowuid",
    map: "/proc/self/uid_map",
};

pub(super) static GIDS: Ids = Ids {
    overflow: OnceLock::new(),
    told_at: "/proc/sys/kernel/overflowgid",
    map: "/proc/self/gid_map",
};

/// The ids of one kind, as this process sees them.
pub(super) struct Ids {
    /// Asked for once: it changes only if an administrator changes it.
    overflow: OnceLock<u32>,
    told_at: &'static str,
    map: &'static str,
}

impl Ids {
    /// The id if it means somebody. Only about the overflow id the system has to be asked, each
    /// time, since a namespace can be given its map later.
    pub(super) fn known(&self, id: u32) -> Option<u32> {
        (id != self.overflow() || self.all_are_mapped()).then_some(id)
    }

    fn overflow(&self) -> u32 {
        *self.overflow.get_or_init(|| {
            let told = fs::read_to_string(self.told_at);
            told.ok().and_then(|text| text.trim().parse().ok()).unwrap_or(USUAL_OVERFLOW)
        })
    }

    /// Where the map can't be read, as without `/proc`, the answer is no.
    fn all_are_mapped(&self) -> bool {
        fs::read_to_string(self.map).is_ok_and(|map| covers_all(&map))
    }
}

/// Whether the ranges of a map have all ids. They never overlap, and each line is the first id in
/// the namespace, the first outside, and how many. That those outside have ids there in turn is
/// what the kernel sees to when a map is written.
fn covers_all(map: &str) -> bool {
    let length = |line: &str| line.split_whitespace().nth(2)?.parse::<u64>().ok();
    map.lines().filter_map(length).sum::<u64>() >= ALL
}

#[cfg(test)]
mod tests {
    use super::covers_all;

    #[test]
    fn only_a_map_of_every_id_leaves_no_doubt() {
        assert!(covers_all("         0          0 4294967295\n"));
        assert!(covers_all("0 0 1000\n1000 100000 1\n1001 1001 4294966294\n"));
        for doubtful in ["", "0 1000 1\n", "0 100000 65536\n", "65534 65534 1\n", "garbage"] {
            assert!(!covers_all(doubtful), "{doubtful:?}");
        }
    }
}
