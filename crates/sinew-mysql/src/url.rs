//! Reading `mysql:` and `mariadb:` URLs.

use std::time::Duration;

use sinew_core::{Error, ErrorKind, Result};

use crate::config::{Config, Isolation, Tls};

const OPTIONS: &str = "socket, tls, tls_ca, pool_size, acquire_timeout, connect_timeout, \
                       idle_timeout, max_lifetime, health_check, statement_timeout, \
                       statement_cache, isolation";

const FORM: &str = "write mysql://user:password@host:3306/database";

// No message tells the URL itself: it holds the password.
pub(crate) fn parse(url: &str) -> Result<Config> {
    let rest = url
        .strip_prefix("mysql://")
        .or_else(|| url.strip_prefix("mariadb://"))
        .ok_or_else(|| {
            invalid("a MySQL URL begins with `mysql://` or `mariadb://`".into()).with_hint(FORM)
        })?;
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = place.split_once('/').unwrap_or((place, ""));
    if database.is_empty() {
        return Err(invalid("the URL names no database".into()).with_hint(FORM));
    }
    let (who, address) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (host, port) = host_and_port(address)?;
    let mut config = Config::new(host, decode("database", database)?);
    if let Some(port) = port {
        config.port = number("port", port)?;
    }
    let (user, password) = match who.split_once(':') {
        Some((user, password)) => (user, Some(password)),
        None => (who, None),
    };
    if !user.is_empty() {
        config.user = decode("user", user)?;
    }
    if let Some(password) = password {
        config.password = Some(decode("password", password)?);
    }
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        config = option(config, key, value)?;
    }
    Ok(config)
}

fn option(config: Config, key: &str, value: &str) -> Result<Config> {
    Ok(match key {
        "socket" => config.socket(decode(key, value)?),
        "tls" => config.tls(choice(key, value, &Tls::NAMES)?),
        "tls_ca" => config.tls_ca(decode(key, value)?),
        "pool_size" | "max_connections" => config.pool_size(number(key, value)?),
        "acquire_timeout" => config.acquire_timeout(millis(key, value)?),
        "connect_timeout" => config.connect_timeout(seconds(key, value)?),
        "idle_timeout" => config.idle_timeout(or_never(seconds(key, value)?)),
        "max_lifetime" => config.max_lifetime(or_never(seconds(key, value)?)),
        "health_check" => config.health_check(seconds(key, value)?),
        "statement_timeout" => config.statement_timeout(millis(key, value)?),
        "statement_cache" => config.statement_cache(number(key, value)?),
        "isolation" => config.isolation(choice(key, value, &Isolation::NAMES)?),
        _ => {
            return Err(invalid(format!("unknown option {key:?} in a MySQL URL"))
                .with_hint(format!("the options are {OPTIONS}")));
        }
    })
}

fn host_and_port(address: &str) -> Result<(String, Option<&str>)> {
    if let Some(rest) = address.strip_prefix('[') {
        let (host, port) = rest
            .split_once(']')
            .ok_or_else(|| invalid("an IPv6 address is written as [::1]".into()))?;
        return Ok((host.to_owned(), port.strip_prefix(':')));
    }
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (address, None),
    };
    let host = if host.is_empty() { "localhost" } else { host };
    Ok((decode("host", host)?, port))
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
        .map_err(|_| invalid(format!("`{key}` takes a number, got {value:?}")))
}

fn seconds(key: &str, value: &str) -> Result<Duration> {
    number::<u32>(key, value).map(|seconds| Duration::from_secs(u64::from(seconds)))
}

/// 0 stands for never.
fn or_never(limit: Duration) -> Duration {
    match limit.is_zero() {
        true => Duration::MAX,
        false => limit,
    }
}

fn millis(key: &str, value: &str) -> Result<Duration> {
    number::<u32>(key, value).map(|millis| Duration::from_millis(u64::from(millis)))
}

fn decode(part: &str, text: &str) -> Result<String> {
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
            let message = format!("`%` without two hexadecimal digits in the URL's {part}");
            return Err(invalid(message).with_hint("write a percent sign as %25"));
        };
        bytes.push(byte);
        rest = &tail[2..];
    }
    String::from_utf8(bytes).map_err(|_| invalid(format!("the URL's {part} is not UTF-8")))
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidInput, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_parts() {
        let config = parse(
            "mariadb://app%40x:p%3Aw%2F@[::1]:3307/my%20db?tls=off&statement_timeout=250&\
             isolation=serializable&statement_cache=0",
        )
        .unwrap();
        let wanted = Config::new("::1", "my db")
            .port(3307)
            .user("app@x")
            .password("p:w/")
            .tls(Tls::Off)
            .statement_timeout(Duration::from_millis(250))
            .isolation(Isolation::Serializable)
            .statement_cache(0);
        assert_eq!(config, wanted);
        assert!(config.is_local() && !Config::new("db.example", "x").is_local());
    }

    #[test]
    fn mistakes_are_told_without_the_password() {
        for url in [
            "postgres://a:geheim@h/d",
            "mysql://a:geheim@h",
            "mysql://a:geheim@h/d?ssl=1",
            "mysql://a:geheim@h:x/d",
            "mysql://a:geheim%4@h/d",
            "mysql://a:geheim@h/d?tls=maybe",
        ] {
            let error = parse(url).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{url}");
            assert!(!format!("{error} {error:?}").contains("geheim"), "{url}");
        }
    }
}
