//! Reading `sqlite:` URLs.

use std::path::PathBuf;
use std::time::Duration;

use sinew_core::{Error, ErrorKind, Result};

use crate::config::{Config, Journal, Location, Mode, Synchronous};

const OPTIONS: &str = "mode, cache, busy_timeout, acquire_timeout, journal, synchronous, \
                       foreign_keys, readers, statement_cache";

pub(crate) fn parse(url: &str) -> Result<Config> {
    let Some(rest) = url.strip_prefix("sqlite:") else {
        return Err(invalid(format!(
            "a SQLite URL begins with `sqlite:`, got {url:?}"
        )));
    };
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut config = Config::at(location(place)?);
    let (mut memory, mut shared) = (false, false);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        match key {
            "mode" => match value {
                "memory" => memory = true,
                _ => {
                    config.mode = choice(
                        key,
                        value,
                        &[
                            ("ro", Mode::ReadOnly),
                            ("rw", Mode::ReadWrite),
                            ("rwc", Mode::Create),
                        ],
                    )?;
                }
            },
            "cache" => shared = choice(key, value, &[("shared", true), ("private", false)])?,
            "busy_timeout" => config.busy_timeout = millis(key, value)?,
            "acquire_timeout" => config.acquire_timeout = millis(key, value)?,
            "journal" => config.journal = choice(key, value, &Journal::NAMES)?,
            "synchronous" => {
                config.synchronous = Some(choice(key, value, &Synchronous::NAMES)?);
            }
            "foreign_keys" => {
                let names = [
                    ("on", true),
                    ("off", false),
                    ("true", true),
                    ("false", false),
                    ("1", true),
                    ("0", false),
                ];
                config.foreign_keys = choice(key, value, &names)?;
            }
            "readers" => config = config.readers(number(key, value)?),
            "statement_cache" => config = config.statement_cache(number(key, value)?),
            _ => {
                return Err(invalid(format!("unknown option {key:?} in a SQLite URL"))
                    .with_hint(format!("the options are {OPTIONS}")));
            }
        }
    }
    if memory || shared {
        config.location = in_memory(config.location, memory, shared)?;
    }
    Ok(config)
}

fn location(place: &str) -> Result<Location> {
    let path = decode(place)?;
    match path.as_str() {
        ":memory:" => Ok(Location::Memory),
        "" => Err(invalid(
            "a SQLite URL names a file, as in `sqlite://blog.db`, or `:memory:`".into(),
        )),
        _ => Ok(Location::File(PathBuf::from(path))),
    }
}

/// `mode=memory` makes a database in memory of a path, which then is its name when shared.
fn in_memory(location: Location, memory: bool, shared: bool) -> Result<Location> {
    match (location, memory, shared) {
        (Location::File(path), true, true) => {
            Ok(Location::Shared(path.to_string_lossy().into_owned()))
        }
        (Location::File(_), true, false) => Ok(Location::Memory),
        (Location::Memory, _, true) => Ok(Location::Shared("sinew".into())),
        (Location::File(_), false, true) => Err(invalid(
            "`cache=shared` is for databases in memory; add `mode=memory`".into(),
        )),
        (other, ..) => Ok(other),
    }
}

fn choice<T: Copy>(key: &str, value: &str, names: &[(&str, T)]) -> Result<T> {
    let found = names
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(value));
    found.map(|(_, choice)| *choice).ok_or_else(|| {
        let valid: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
        invalid(format!("{value:?} is no value of the option `{key}`"))
            .with_hint(format!("it takes one of {}", valid.join(", ")))
    })
}

fn number<T: std::str::FromStr>(key: &str, value: &str) -> Result<T> {
    value
        .parse()
        .map_err(|_| invalid(format!("the option `{key}` takes a number, got {value:?}")))
}

fn millis(key: &str, value: &str) -> Result<Duration> {
    // SQLite counts them in 32 bits.
    let millis: u32 = number(key, value)?;
    Ok(Duration::from_millis(u64::from(
        millis.min(i32::MAX.unsigned_abs()),
    )))
}

fn decode(text: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = tail.first_chunk::<2>().and_then(|[high, low]| {
            let digit = |byte: &u8| char::from(*byte).to_digit(16);
            u8::try_from(digit(high)? * 16 + digit(low)?).ok()
        });
        let Some(byte) = digits else {
            return Err(
                invalid(format!("`%` without two hexadecimal digits in {text:?}"))
                    .with_hint("write a percent sign as %25"),
            );
        };
        bytes.push(byte);
        rest = &tail[2..];
    }
    if bytes.contains(&0) {
        return Err(invalid(format!("the path in {text:?} contains a NUL byte")));
    }
    String::from_utf8(bytes).map_err(|_| invalid(format!("the path in {text:?} is not UTF-8")))
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidInput, message)
}
