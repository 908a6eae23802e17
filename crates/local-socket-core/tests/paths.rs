//! The paths under which programs find things, beside each other in every way that compiles with
//! interprocess.
#![cfg(unix)]
#![allow(unused_imports, reason = "that they resolve is what is shown")]

/// The path replaced: the crate's name stands for interprocess's module.
mod path_replaced {
    use local_socket::Stream as NamedStream;
    use local_socket::local_socket::{Name as NamedName, prelude::*};
    use local_socket::os::unix::local_socket::{FilesystemUdSocket, ListenerOptionsExt as _};
    use local_socket::*;

    #[test]
    fn a_glob_import_of_the_root_leaves_the_crates_name_usable() {
        let name = "s".to_fs_name::<local_socket::GenericFilePath>().expect("a path");
        assert_eq!(name, "s".to_fs_name::<FilesystemUdSocket>().expect("a path"));
        let options = format!("{:?}", local_socket::ListenerOptions::new().mode(0o600));
        assert!(options.contains("mode: Some(0o600)"), "{options}");
    }
}

/// The dependency replaced: the crate has interprocess's name.
mod dependency_replaced {
    extern crate local_socket as interprocess;

    #[cfg(feature = "tokio")]
    use interprocess::local_socket::tokio::prelude::LocalSocketStream as _;
    use interprocess::{
        TryClone as _,
        local_socket::{GenericNamespaced, prelude::*, *},
        os::unix::local_socket::{ListenerOptionsExt as _, *},
    };

    #[test]
    #[allow(deprecated, reason = "it has to be there")]
    fn names_in_the_shared_folder_are_neither_paths_nor_namespaced() {
        let name = "folder/s".to_ns_name::<SpecialDirUdSocket>().expect("a name");
        assert!(!name.is_path() && !name.is_namespaced());
        assert_eq!(name.to_string(), "/tmp/folder/s");
        for id in ["", "/s", "folder//s", "./s", "folder/../s", "s/"] {
            let error = id.to_ns_name::<SpecialDirUdSocket>().expect_err(id);
            assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
        }
    }
}
