//! Sends back what each client sends, on tokio.

fn main() {}
