//! What has to do with the names of pipes.

use crate::outcome;
use interprocess::{
    local_socket::{
        GenericFilePath, GenericNamespaced, Listener, ListenerOptions, Name, Stream, prelude::*,
    },
    os::windows::{
        local_socket::{ListenerOptionsExt, NamedPipe},
        security_descriptor::SecurityDescriptor,
    },
};
use std::io;

fn name_of(path: &str) -> io::Result<Name<'_>> {
    path.to_fs_name::<GenericFilePath>()
}

pub fn names(id: &str) -> io::Result<()> {
    let path = format!(r"\\.\pipe\{id}");
    let name = name_of(&path)?;
    let same = id.to_ns_name::<GenericNamespaced>()?;
    println!("a path: {}, namespaced: {}", name.is_path(), name.is_namespaced());
    println!("by path and by id: {}", name == same);
    println!("by its own kind: {}", name == path.as_str().to_fs_name::<NamedPipe>()?);
    println!("its copy is the same: {}", name.borrow().into_owned() == same);
    println!("nobody there: {}", outcome(Stream::connect(name)));
    println!("no pipe: {}", outcome(name_of(r"C:\a")));
    println!("a relative path: {}", outcome(name_of("./a")));
    println!("a NUL: {}", outcome(name_of(&format!("{path}\0b"))));
    Ok(())
}

pub fn security_descriptor(id: &str) -> io::Result<()> {
    let name = id.to_ns_name::<GenericNamespaced>()?;
    let descriptor = SecurityDescriptor::new()?;
    let options = ListenerOptions::new().name(name.borrow()).security_descriptor(descriptor);
    println!("a security descriptor: {}", outcome::<Listener>(options.create_sync()));
    println!("gone with its listener: {}", outcome(Stream::connect(name)));
    Ok(())
}
