//! How many connections of a listener are open, and the tickets that count them.

use crate::admission::RefusalReason;
use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The open connections of one listener. A user is whatever the system tells it by; those it can't
/// tell (`None`) count as one.
#[derive(Debug)]
pub(crate) struct Connections<User: Copy + Eq + Hash> {
    most: usize,
    most_of_user: usize,
    open: Mutex<Open<User>>,
}

#[derive(Debug)]
struct Open<User> {
    all: usize,
    /// Users without a connection have no entry, so that it doesn't grow with whoever comes by.
    of_user: HashMap<Option<User>, usize>,
}

/// One connection that counts, until the last reference to it is dropped.
#[derive(Debug)]
pub(crate) struct Ticket<User: Copy + Eq + Hash> {
    connections: Arc<Connections<User>>,
    user: Option<User>,
}

impl<User: Copy + Eq + Hash> Connections<User> {
    /// Limits of `None` are none.
    pub(crate) fn new(most: Option<usize>, most_of_user: Option<usize>) -> Arc<Self> {
        Arc::new(Self {
            most: most.unwrap_or(usize::MAX),
            most_of_user: most_of_user.unwrap_or(usize::MAX),
            open: Mutex::new(Open { all: 0, of_user: HashMap::new() }),
        })
    }

    /// Counts one more, unless that is too many.
    pub(crate) fn take(
        self: &Arc<Self>,
        user: Option<User>,
    ) -> Result<Arc<Ticket<User>>, RefusalReason> {
        let mut open = self.open();
        if open.all >= self.most {
            return Err(RefusalReason::TooManyConnections);
        }
        if open.of_user.get(&user).is_some_and(|&count| count >= self.most_of_user) {
            return Err(RefusalReason::TooManyOfUser);
        }
        open.all += 1;
        *open.of_user.entry(user).or_default() += 1;
        Ok(Arc::new(Ticket { connections: self.clone(), user }))
    }

    fn open(&self) -> MutexGuard<'_, Open<User>> {
        // What is done under the lock can't panic in between.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<User: Copy + Eq + Hash> Drop for Ticket<User> {
    fn drop(&mut self) {
        let mut open = self.connections.open();
        open.all -= 1;
        if let Some(count) = open.of_user.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                open.of_user.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_hold_until_the_last_reference_is_dropped() {
        let connections = Connections::new(Some(3), Some(2));
        let (one, two) = (connections.take(Some(1)).unwrap(), connections.take(Some(1)).unwrap());
        assert_eq!(connections.take(Some(1)).unwrap_err(), RefusalReason::TooManyOfUser);
        let unknown = connections.take(None).unwrap();
        assert_eq!(connections.take(Some(2)).unwrap_err(), RefusalReason::TooManyConnections);

        let shared = one.clone();
        drop((one, unknown));
        assert_eq!(connections.take(Some(1)).unwrap_err(), RefusalReason::TooManyOfUser);
        drop((shared, two));
        assert_eq!(connections.open().all, 0);
        assert!(connections.open().of_user.is_empty());
    }

    #[test]
    fn users_that_cannot_be_told_count_as_one() {
        let connections = Connections::<u32>::new(None, Some(1));
        let _first = connections.take(None).unwrap();
        assert_eq!(connections.take(None).unwrap_err(), RefusalReason::TooManyOfUser);
    }
}
