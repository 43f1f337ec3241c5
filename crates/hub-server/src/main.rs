//! The program `hub`: `hub --help` says what it does, `docs/CLI.md` says it at length.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
