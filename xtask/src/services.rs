//! `cargo xtask services`: what the tests need beside this workspace.
//!
//! The store is SQLite, which is compiled in, and servers under test listen on ports that the system
//! gives them. So there is nothing to start, and the three wishes say so. What tests come to need is
//! started here, in a folder under the target folder and on free ports, and stopped again.

use clap::{Args, ValueEnum};

/// Arguments of `cargo xtask services`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[arg(value_enum, default_value = "status")]
    wish: Wish,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Wish {
    /// Start what the tests need.
    Up,
    /// Stop what was started here.
    Down,
    /// Say what the tests need, and what of it runs.
    Status,
}

/// Answers a wish.
pub(crate) fn run(options: &Options) {
    println!("the tests need no service: SQLite is compiled in, and servers under test take free ports");
    match options.wish {
        Wish::Up => println!("nothing to start"),
        Wish::Down => println!("nothing to stop"),
        Wish::Status => {}
    }
}
