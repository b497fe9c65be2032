//! Reading `postgres:` URLs.

use std::time::Duration;

use sinew_core::{Error, ErrorKind, Result};

use crate::config::{Config, SslMode};

const OPTIONS: &str = "sslmode, sslrootcert, sslcheck, application_name, options, connect_timeout, \
                       statement_timeout, max_connections, acquire_timeout, idle_timeout, \
                       max_lifetime, ping, prepare, statement_cache";

pub(crate) fn parse(url: &str) -> Result<Config> {
    let rest = url
        .strip_prefix("postgres://")
        .or_else(|| url.strip_prefix("postgresql://"));
    let Some(rest) = rest else {
        return Err(invalid("a PostgreSQL URL begins with `postgres://`".into()));
    };
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (place, database) = rest.split_once('/').unwrap_or((rest, ""));
    let (login, hosts) = match place.rsplit_once('@') {
        Some((login, hosts)) => (Some(login), hosts),
        None => (None, place),
    };
    let mut config = Config::new("localhost", "");
    if !hosts.is_empty() {
        config.hosts = hosts.split(',').map(host).collect::<Result<_>>()?;
    }
    if let Some(login) = login {
        let (user, password) = match login.split_once(':') {
            Some((user, password)) => (user, Some(password)),
            None => (login, None),
        };
        config.user = decode(user)?;
        config.password = password.map(decode).transpose()?;
    }
    config.database = decode(database)?;
    if config.database.is_empty() {
        config.database.clone_from(&config.user);
    }
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        option(&mut config, key, &decode(value)?)?;
    }
    Ok(config)
}

fn host(text: &str) -> Result<(String, u16)> {
    let (name, port) = match text.rsplit_once(':') {
        // `[::1]` has colons of its own.
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        _ => (text, None),
    };
    let port = match port {
        None | Some("") => 5432,
        Some(port) => port
            .parse()
            .map_err(|_| invalid(format!("{port:?} is not a port")))?,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    let name = if name.is_empty() {
        "localhost".into()
    } else {
        decode(name)?
    };
    Ok((name, port))
}

fn option(config: &mut Config, key: &str, value: &str) -> Result<()> {
    let seconds = |value: &str| number(key, value).map(Duration::from_secs);
    let some = |limit: Duration| Some(limit).filter(|limit| !limit.is_zero());
    match key {
        "sslmode" => config.ssl_mode = Some(choice(key, value, &SslMode::NAMES)?),
        "sslrootcert" => config.ssl_root = Some(value.into()),
        "sslcheck" => config.ssl_check = switch(key, value)?,
        "application_name" => config.application = Some(value.to_owned()),
        "options" => config.options = Some(value.to_owned()),
        "connect_timeout" => config.connect_timeout = seconds(value)?,
        "statement_timeout" => {
            config.statement_timeout = Some(Duration::from_millis(number(key, value)?));
        }
        "max_connections" | "pool_size" => config.max_connections = count(key, value)?,
        "acquire_timeout" => config.acquire_timeout = Duration::from_millis(number(key, value)?),
        "idle_timeout" => config.idle_timeout = some(seconds(value)?),
        "max_lifetime" => config.max_lifetime = some(seconds(value)?),
        "ping" => config.ping = switch(key, value)?,
        "prepare" => config.prepare = switch(key, value)?,
        "statement_cache" => config.statement_cache = count(key, value)?,
        _ => {
            return Err(
                invalid(format!("unknown option {key:?} in a PostgreSQL URL"))
                    .with_hint(format!("the options are {OPTIONS}")),
            );
        }
    }
    Ok(())
}

fn switch(key: &str, value: &str) -> Result<bool> {
    let names = [
        ("on", true),
        ("off", false),
        ("true", true),
        ("false", false),
        ("1", true),
        ("0", false),
    ];
    choice(key, value, &names)
}

fn choice<T: Copy>(key: &str, value: &str, names: &[(&str, T)]) -> Result<T> {
    let found = names
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(value));
    found.map(|(_, choice)| *choice).ok_or_else(|| {
        let names: Vec<_> = names.iter().map(|(name, _)| *name).collect();
        invalid(format!("{key} cannot be {value:?}"))
            .with_hint(format!("it is one of {}", names.join(", ")))
    })
}

fn number(key: &str, value: &str) -> Result<u64> {
    value
        .parse()
        .map_err(|_| invalid(format!("{key} is a number, not {value:?}")))
}

fn count(key: &str, value: &str) -> Result<usize> {
    let count = number(key, value)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX).max(1))
}

fn decode(text: &str) -> Result<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code = (byte == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(code) => {
                out.push(code);
                at += 3;
            }
            None => {
                out.push(byte);
                at += 1;
            }
        }
    }
    // The text may be a password: it is not repeated.
    String::from_utf8(out)
        .map_err(|_| invalid("a percent-encoded part of the URL is not UTF-8".into()))
}

#[cold]
fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidInput, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_url() {
        let config =
            parse("postgresql://a%40b:p%3Aw@[::1]:6000,db2/x%20y?sslmode=require&ping=on").unwrap();
        assert_eq!(config.user, "a@b");
        assert_eq!(config.password.as_deref(), Some("p:w"));
        assert_eq!(config.hosts, [("::1".into(), 6000), ("db2".into(), 5432)]);
        assert_eq!(config.database, "x y");
        assert_eq!(config.ssl_mode, Some(SslMode::Require));
        assert!(config.ping);
        let config = parse("postgres://ada@%2Frun%2Fpostgresql").unwrap();
        assert_eq!(config.hosts, [("/run/postgresql".into(), 5432)]);
        assert_eq!(config.database, "ada");
        assert_eq!(config.effective_ssl_mode(), SslMode::Prefer);
    }

    #[test]
    fn mistakes_say_what_is_possible() {
        for url in [
            "mysql://x",
            "postgres://h:port/x",
            "postgres://h/x?sslmode=maybe",
            "postgres://h/x?what=1",
            "postgres://h/x?max_connections=many",
        ] {
            let error = parse(url).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{url}");
        }
        let error = parse("postgres://a:secret@h/x?sslmode=maybe").unwrap_err();
        assert!(error.hint().unwrap().contains("verify-full"));
        assert!(!format!("{error:?}").contains("secret"));
    }
}
