//! Parts of a test that run in a process of their own.
