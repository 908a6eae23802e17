//! What has to do with socket files.

use crate::outcome;
use interprocess::{
    local_socket::{GenericFilePath, Listener, ListenerOptions, Name, Stream, prelude::*},
    os::unix::local_socket::{FilesystemUdSocket, ListenerOptionsExt},
};
use std::{fs, io, os::unix::fs::PermissionsExt, path::Path, time::Duration};

fn name_of(path: &Path) -> io::Result<Name<'_>> {
    path.to_fs_name::<FilesystemUdSocket>()
}

/// With the rules of names at the one or the other place, the error is the same here.
fn listen(path: &str) -> io::Result<Listener> {
    ListenerOptions::new().name(path.to_fs_name::<GenericFilePath>()?).create_sync()
}

pub fn names(folder: &Path) -> io::Result<()> {
    let (path, same) = (folder.join("a"), folder.join("a").to_fs_name::<GenericFilePath>()?);
    let name = name_of(&path)?;
    let namespaced = name.is_namespaced();
    println!("a path: {}, namespaced: {namespaced}, same: {}", name.is_path(), name == same);
    println!("its copy is the same: {}", name.borrow().into_owned() == same);

    let text = path.display().to_string();
    println!("nobody there: {}", outcome(Stream::connect(name.borrow())));
    println!("no such folder: {}", outcome(listen(&format!("{text}/b"))));
    println!("a NUL: {}", outcome(listen(&format!("{text}\0b"))));
    println!("too long: {}", outcome(listen(&format!("{text}{}", "b".repeat(200)))));
    fs::write(&path, "a file")?;
    println!("not a socket: {}", outcome(Stream::connect(name)));
    println!("a file is there: {}", outcome(listen(&text)));
    Ok(())
}

pub fn mode(path: &Path) -> io::Result<()> {
    let listener = ListenerOptions::new().name(name_of(path)?).mode(0o600).create_sync()?;
    println!("mode: {:o}", fs::symlink_metadata(path)?.permissions().mode() & 0o777);
    println!("its owner connects: {}", outcome(Stream::connect(name_of(path)?)));
    println!("somebody is there: {}", outcome(listener.accept()));
    Ok(())
}

pub fn reclaiming(path: &Path) -> io::Result<()> {
    let options = || Ok::<_, io::Error>(ListenerOptions::new().name(name_of(path)?));
    let listener = options()?.create_sync()?;
    println!("taken: {}", outcome(options()?.create_sync()));
    drop(listener);
    println!("left: {}", path.exists());
    drop(options()?.reclaim_name(false).create_sync()?);
    println!("left if asked for: {}", path.exists());
    println!("nobody listens: {}", outcome(Stream::connect(name_of(path)?)));
    let mut listener = options()?.try_overwrite(true).create_sync()?;
    println!("not for those who overwrite: {}", outcome(Stream::connect(name_of(path)?)));
    listener.do_not_reclaim_name_on_drop();
    drop(listener);
    println!("left if thought of late: {}", path.exists());
    Ok(())
}

pub fn overwriting(path: &Path) -> io::Result<()> {
    let mut old = ListenerOptions::new().name(name_of(path)?).create_sync()?;
    let new = ListenerOptions::new()
        .name(name_of(path)?)
        .try_overwrite(true)
        .max_spin_time(Duration::from_secs(1))
        .create_sync()?;
    // A program for interprocess has to see to it that the old one doesn't take the new one's file.
    old.do_not_reclaim_name_on_drop();
    drop(old);
    println!("the new one is found: {}", outcome(Stream::connect(name_of(path)?)));
    println!("and has a client: {}", outcome(new.accept()));
    Ok(())
}
