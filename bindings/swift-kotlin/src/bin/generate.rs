//! Writes the Swift or the Kotlin of the border: `hub-core-generate LIBRARY CONFIGURATION (kotlin|swift) FOLDER`.

use camino::Utf8PathBuf;
use std::process::ExitCode;
use uniffi::{GenerateOptions, TargetLanguage};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [library, configuration, language, folder] = arguments.as_slice() else {
        eprintln!("usage: hub-core-generate LIBRARY CONFIGURATION (kotlin|swift) FOLDER");
        return ExitCode::FAILURE;
    };
    let language = match language.as_str() {
        "kotlin" => TargetLanguage::Kotlin,
        "swift" => TargetLanguage::Swift,
        _ => {
            eprintln!("there is no language {language}");
            return ExitCode::FAILURE;
        }
    };
    let options = GenerateOptions {
        languages: vec![language],
        source: Utf8PathBuf::from(library),
        out_dir: Utf8PathBuf::from(folder),
        config_override: Some(Utf8PathBuf::from(configuration)),
        ..GenerateOptions::default()
    };
    match uniffi::generate(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
