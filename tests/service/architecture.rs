//! Keeps the drawing of the house true: reads the sources and finds who names whom.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The floors, from the ground up. A room imports only from lower floors, and rooms on one floor never see each other.
const FLOORS: [&[&str]; 6] = [
    &["pki", "registration", "clock"],
    &["cms", "xml"],
    &["signature"],
    &["store", "documents", "notify", "sandbox", "conformance"],
    &["workflow"],
    &["grpc", "web"],
];

/// The top floor composes everything below and its parts may see each other.
const TOP: &[&str] = &["main", "lib", "command", "server", "config", "telemetry"];

/// Exceptions to the floors: (the importing file, the room it names, why). Keep it empty if you can.
const EXCEPTIONS: &[(&str, &str, &str)] = &[];

/// One source file: its path under `src`, and its code without comments and string literals.
struct Source {
    path: String,
    code: String,
}

impl Source {
    /// The room a file belongs to: its first folder, or the file itself.
    fn room(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// Lines that name `word` as a whole word, possibly a path such as `Utc::now`.
    fn lines_naming<'a>(&'a self, word: &'a str) -> impl Iterator<Item = usize> + 'a {
        let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        self.code.lines().enumerate().filter_map(move |(index, line)| {
            line.match_indices(word)
                .any(|(at, _)| !line[..at].ends_with(is_word) && !line[at + word.len()..].starts_with(is_word))
                .then_some(index + 1)
        })
    }

    /// The rooms named by paths from the crate's root, each with its line.
    fn rooms_named(&self) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        for root in ["crate::", "consular_registration::"] {
            for (at, _) in self.code.match_indices(root) {
                let line = self.code[..at].matches('\n').count() + 1;
                let rest = &self.code[at + root.len()..];
                found.extend(first_names(rest).into_iter().map(|name| (line, name)));
            }
        }
        found.extend(self.rooms_named_by_climbing());
        found
    }

    /// `super::super::room` reaches the crate's root as well.
    fn rooms_named_by_climbing(&self) -> Vec<(usize, String)> {
        let depth = self.path.trim_end_matches("/mod.rs").split('/').count();
        let mut found = Vec::new();
        for (at, _) in self.code.match_indices("super::") {
            if self.code[..at].ends_with("super::") {
                continue;
            }
            let rest = self.code[at..].trim_start_matches("super::");
            let climbed = (self.code.len() - at - rest.len()) / "super::".len();
            let line = self.code[..at].matches('\n').count() + 1;
            if climbed >= depth {
                found.extend(
                    first_names(rest).into_iter().filter(|name| floor(name).is_some()).map(|name| (line, name)),
                );
            }
        }
        found
    }
}

/// The first name of a path, or the first names of a braced group of paths.
fn first_names(rest: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = rest.strip_prefix('{') else { return vec![word(rest)] };
    let (mut names, mut level, mut at_start) = (Vec::new(), 0, true);
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => level += 1,
            '}' if level == 0 => break,
            '}' => level -= 1,
            ',' if level == 0 => at_start = true,
            letter if at_start && !letter.is_whitespace() => {
                names.push(word(&group[at..]));
                at_start = false;
            }
            _ => {}
        }
    }
    names
}

/// The floor of a room, `None` for what is no room.
fn floor(room: &str) -> Option<usize> {
    let below = FLOORS.iter().position(|rooms| rooms.contains(&room));
    below.or_else(|| TOP.contains(&room).then_some(FLOORS.len()))
}

/// All sources under `src`.
fn sources() -> Vec<Source> {
    fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                collect(&path, files);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    files
        .into_iter()
        .map(|file| Source {
            path: file.strip_prefix(&root).expect("under src").to_string_lossy().into_owned(),
            code: without_comments_and_texts(&fs::read_to_string(&file).expect("a source file")),
        })
        .collect()
}

/// The code with comments, string and character literals blanked; line numbers stay.
fn without_comments_and_texts(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let at = |index: usize| letters.get(index).copied().unwrap_or('\0');
    let (mut code, mut index) = (String::with_capacity(text.len()), 0);
    while index < letters.len() {
        let end = match (at(index), at(index + 1)) {
            ('/', '/') => (index..letters.len()).find(|&i| at(i) == '\n').unwrap_or(letters.len()),
            ('/', '*') => {
                (index + 2..letters.len()).find(|&i| (at(i), at(i + 1)) == ('*', '/')).map_or(letters.len(), |i| i + 2)
            }
            ('r', '"' | '#') if index == 0 || !at(index - 1).is_alphanumeric() => raw_text_end(&letters, index),
            ('"', _) => text_end(&letters, index),
            ('\'', '\\') => (index + 3..letters.len()).find(|&i| at(i) == '\'').map_or(letters.len(), |i| i + 1),
            ('\'', _) if at(index + 2) == '\'' => index + 3,
            _ => index,
        };
        if end == index {
            code.push(at(index));
            index += 1;
        } else {
            code.extend((index..end).map(|i| if at(i) == '\n' { '\n' } else { ' ' }));
            index = end;
        }
    }
    code
}

fn text_end(letters: &[char], start: usize) -> usize {
    let mut index = start + 1;
    while index < letters.len() {
        match letters[index] {
            '\\' => index += 2,
            '"' => return index + 1,
            _ => index += 1,
        }
    }
    letters.len()
}

/// The end of a raw string, or `start` where `r#` begins a raw identifier.
fn raw_text_end(letters: &[char], start: usize) -> usize {
    let marks = letters[start + 1..].iter().take_while(|&&letter| letter == '#').count();
    if letters.get(start + 1 + marks) != Some(&'"') {
        return start;
    }
    let body = start + 2 + marks;
    let closes = |index: usize| {
        letters[index] == '"'
            && letters[index + 1..].iter().take(marks).filter(|&&letter| letter == '#').count() == marks
    };
    (body..letters.len()).find(|&index| closes(index)).map_or(letters.len(), |index| index + 1 + marks)
}

/// Fails with every place where a file outside `allowed` names one of `words`.
fn only(allowed: impl Fn(&Source) -> bool, words: &[&str]) {
    let mut report = String::new();
    for source in sources().iter().filter(|source| !allowed(source)) {
        for word in words {
            for line in source.lines_naming(word) {
                let _ = writeln!(report, "src/{}:{line} names {word}", source.path);
            }
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn a_room_imports_only_from_lower_floors() {
    let mut report = String::new();
    for source in sources() {
        let own = source.room();
        let Some(own_floor) = floor(own) else { continue };
        for (line, named) in source.rooms_named() {
            let Some(named_floor) = floor(&named) else { continue };
            let excepted = EXCEPTIONS.iter().any(|(file, room, _)| *file == source.path && *room == named);
            let among_the_top = own_floor == FLOORS.len();
            if named != own && named_floor >= own_floor && !among_the_top && !excepted {
                let _ = writeln!(
                    report,
                    "src/{}:{line} (floor {own_floor}) names {named} (floor {named_floor})",
                    source.path
                );
            }
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn every_source_belongs_to_a_room_with_a_floor() {
    let homeless: Vec<String> =
        sources().into_iter().filter(|source| floor(source.room()).is_none()).map(|source| source.path).collect();
    assert!(homeless.is_empty(), "{homeless:?}");
}

#[test]
fn every_exception_to_the_floors_is_still_needed() {
    for (file, room, reason) in EXCEPTIONS {
        let used = sources()
            .iter()
            .any(|source| source.path == *file && source.rooms_named().iter().any(|(_, named)| named == room));
        assert!(used, "{file} no longer names {room} ({reason})");
    }
}

#[test]
fn only_the_store_names_the_database() {
    only(|source| source.room() == "store", &["sea_orm", "sqlx", "migrations", "sea_orm_migration"]);
}

#[test]
fn only_the_grpc_room_names_tonic_and_prost() {
    let words = ["tonic", "prost", "prost_types", "tonic_health", "tonic_prost", "tonic_reflection", "tonic_types"];
    only(|source| source.room() == "grpc", &words);
}

#[test]
fn only_one_file_makes_a_status() {
    let ways = [
        "Status::new",
        "Status::with_details",
        "Status::with_error_details",
        "Status::with_metadata",
        "Status::internal",
        "Status::invalid_argument",
        "Status::not_found",
        "Status::unavailable",
        "Status::unauthenticated",
        "Status::permission_denied",
        "Status::failed_precondition",
        "Status::already_exists",
        "Status::aborted",
        "Status::resource_exhausted",
        "Status::unimplemented",
        "Status::unknown",
        "Status::cancelled",
        "Status::data_loss",
        "Status::deadline_exceeded",
        "Status::out_of_range",
    ];
    only(|source| source.path == "grpc/status.rs", &ways);
}

#[test]
fn only_the_clock_reads_the_machines_clock() {
    only(|source| source.path == "clock.rs", &["Utc::now", "Local::now", "SystemTime::now"]);
}

#[test]
fn only_the_configuration_reads_the_environment() {
    only(
        |source| source.path == "config.rs",
        &["env::var", "env::vars", "env::var_os", "env::vars_os", "providers::Env"],
    );
}

#[test]
fn cryptography_and_law_know_no_async_and_no_input_or_output() {
    let pure = ["pki", "cms", "signature", "registration"];
    let words = ["tokio", "async", "await", "futures", "std::fs", "std::net", "std::io", "std::process", "std::thread"];
    only(|source| !pure.contains(&source.room()), &words);
}

#[test]
fn the_law_knows_no_cryptography() {
    let words = ["ring", "rsa", "x509_parser", "rcgen", "rustls", "pki", "cms", "signature::validate"];
    only(|source| source.room() != "registration", &words);
}

#[test]
fn no_room_is_called_after_nothing() {
    let empty = ["utils", "util", "helper", "helpers", "manager", "common", "misc"];
    for source in sources() {
        let named = source.path.trim_end_matches(".rs").split('/').find(|part| empty.contains(part));
        assert!(named.is_none(), "src/{}", source.path);
    }
}

#[test]
fn no_file_grows_beyond_reading() {
    let long: BTreeMap<String, usize> = sources()
        .into_iter()
        .map(|source| (source.path, source.code.lines().count()))
        .filter(|(_, lines)| *lines > 500)
        .collect();
    assert!(long.is_empty(), "split these: {long:?}");
}

#[test]
fn unsafe_code_is_forbidden() {
    let read = |name: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("a file");
    let for_all_targets = read("Cargo.toml").contains("unsafe_code = \"forbid\"");
    assert!(
        for_all_targets
            || ["src/lib.rs", "src/main.rs"].iter().all(|root| read(root).contains("#![forbid(unsafe_code)]"))
    );
}

#[test]
fn the_reader_of_sources_sees_through_comments_and_texts() {
    let code = without_comments_and_texts(
        "a // crate::web\nb \"crate::\\\" web\" 'x' '\\'' <'a> r#\"crate::web\"# c /* crate::web */ d",
    );
    assert_eq!(code.split_whitespace().collect::<Vec<_>>(), ["a", "b", "<'a>", "c", "d"]);
    assert_eq!(first_names("{pki::{Oid, der}, cms, clock::Clock};"), ["pki", "cms", "clock"]);
}
