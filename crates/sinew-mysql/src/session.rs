//! One open connection, set up as Sinew wants it.

use std::time::Duration;

use mysql_async::consts::StatusFlags;
use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Opts, OptsBuilder, SslOpts, Statement};
use sinew_core::driver::{Batch, Bracket};
use sinew_core::{Error, ErrorKind, Result};
use sinew_sql::dialect::mysql::MySql;

use crate::config::{Config, Tls};
use crate::error::Fault;
use crate::prepared::{Cache, Entry};
use crate::text::{Meaning, Verb};
use crate::wire::Wire;

pub(crate) struct Session {
    pub(crate) wire: Wire,
    pub(crate) cache: Cache,
    pub(crate) round_trips: u64,
    /// The distance between generated keys.
    pub(crate) increment: u64,
    /// The bytes that the server takes in one piece.
    pub(crate) packet: usize,
    /// The connection is beyond repair.
    pub(crate) broken: bool,
    /// Work is under way; found so by the next one, it was given up before its end.
    pub(crate) busy: bool,
    /// What is to be rolled back before anything else.
    pub(crate) owed: Option<Bracket>,
    pub(crate) in_transaction: bool,
    /// The server rolled the transaction back by itself.
    pub(crate) lost: bool,
    /// It lay idle for long, so that the server may have closed it.
    pub(crate) unsure: bool,
    /// The statement whose rows are being read in chunks.
    pub(crate) stream: Option<[usize; 3]>,
}

/// What the server says of two collations that cannot be compared.
const MIXED_COLLATIONS: u16 = 1267;

/// Refuses what MySQL would otherwise cut, round or replace.
const SQL_MODE: &str = "STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,\
                        ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION";

impl Session {
    pub(crate) async fn open(config: &Config, opts: &Opts) -> Result<Self, Fault> {
        let mut conn = Conn::new(opts.clone()).await.map_err(Fault::of)?;
        let row: Option<(String, u64, usize)> = conn
            .query_first("SELECT @@version, @@auto_increment_increment, @@max_allowed_packet")
            .await
            .map_err(Fault::of)?;
        let (version, increment, packet) = row.unwrap_or_default();
        let maria = version.to_ascii_lowercase().contains("mariadb");
        conn.query_drop(set_up(config, maria))
            .await
            .map_err(Fault::of)?;
        Ok(Self {
            wire: Wire::new(conn),
            cache: Cache::new(config.statement_cache),
            round_trips: 2,
            increment: increment.max(1),
            packet,
            broken: false,
            busy: false,
            owed: None,
            in_transaction: false,
            lost: false,
            unsure: false,
            stream: None,
        })
    }

    /// Whether the next user finds a connection that is as good as new.
    pub(crate) fn is_clean(&self) -> bool {
        !self.busy
            && !self.broken
            && !self.in_transaction
            && self.stream.is_none()
            && !self.wire.is_waiting()
            && !self.wire.is_broken()
    }

    /// Whether the first thing that the server is asked for this batch changes nothing, so that it
    /// may be asked again on another connection.
    pub(crate) fn begins_harmlessly(&self, batch: &Batch<'_>) -> bool {
        if self.wire.was_answered() || self.in_transaction {
            return false;
        }
        batch.open && batch.bracket == Bracket::Transaction
            || batch.statements.first().is_some_and(|first| {
                // What is not known is prepared first. `WITH` may begin a change.
                let reads = first
                    .sql
                    .get(..6)
                    .is_some_and(|word| word.eq_ignore_ascii_case("select"));
                reads || !self.cache.has(first.sql)
            })
    }

    pub(crate) async fn ping(&mut self) -> Result<(), Fault> {
        self.round_trips += 1;
        self.wire.ping().await
    }

    /// Runs a text without values or rows.
    pub(crate) async fn simple(&mut self, sql: &str) -> Result<(), Fault> {
        self.round_trips += 1;
        let run = self.wire.simple(sql).await;
        run.map_err(|fault| fault.with_sql(sql))
    }

    /// Whether the server still has a transaction open.
    pub(crate) async fn asks_for_transaction(&mut self) -> bool {
        if self.ping().await.is_err() {
            return false;
        }
        let Ok(conn) = self.wire.conn() else {
            return false;
        };
        let flags = conn
            .last_ok_packet()
            .map(mysql_async::OkPacket::status_flags);
        flags.is_some_and(|flags| flags.contains(StatusFlags::SERVER_STATUS_IN_TRANS))
    }

    /// The prepared statement of this text.
    pub(crate) async fn entry(&mut self, sql: &str) -> Result<Entry, Fault> {
        match self.cache.get(sql) {
            Some(entry) => Ok(entry),
            None => Box::pin(self.learn(sql)).await,
        }
    }

    /// Prepares a statement, and keeps it.
    async fn learn(&mut self, sql: &str) -> Result<Entry, Fault> {
        let meaning = Meaning::of(sql);
        self.round_trips += 1;
        let statement = match self.wire.prepare(sql).await {
            Err(fault) => self.prepare_otherwise(sql, fault).await?,
            Ok(statement) => statement,
        };
        // What defines things is not run twice.
        let passing = meaning.verb == Verb::Other || self.cache.limit() == 0;
        let entry = Entry {
            statement,
            meaning,
            passing,
        };
        if !passing && let Some(old) = self.cache.put(sql, entry.clone()) {
            self.wire.close(old).await?;
        }
        Ok(entry)
    }

    /// The statement in a form that columns of any collation can be searched with, where that is
    /// what was wrong with it.
    async fn prepare_otherwise(&mut self, sql: &str, fault: Fault) -> Result<Statement, Fault> {
        match MySql::any_collation(sql) {
            Some(sql) if fault.code == MIXED_COLLATIONS => {
                self.round_trips += 1;
                self.wire.prepare(&sql).await
            }
            _ => Err(fault),
        }
    }

    /// What to run instead of a statement that failed like this; the statement's text stands for it
    /// from then on.
    pub(crate) async fn otherwise(
        &mut self,
        sql: &str,
        entry: &Entry,
        fault: Fault,
    ) -> Result<Entry, Fault> {
        let other = Entry {
            statement: self.prepare_otherwise(sql, fault).await?,
            ..entry.clone()
        };
        self.wire.close(entry.statement.clone()).await?;
        if !entry.passing {
            self.cache.replace(sql, other.clone());
        }
        Ok(other)
    }

    /// Lets go of a statement that is not kept.
    pub(crate) async fn let_go(&mut self, entry: Entry) -> Result<(), Fault> {
        if entry.passing {
            Box::pin(self.wire.close(entry.statement)).await?;
        }
        Ok(())
    }
}

fn set_up(config: &Config, maria: bool) -> String {
    let mut sql = format!(
        "SET NAMES utf8mb4, @@SESSION.sql_mode = '{SQL_MODE}', @@SESSION.time_zone = '+00:00', \
         @@SESSION.autocommit = 1"
    );
    if let Some(isolation) = config.isolation {
        let name = if maria {
            "tx_isolation"
        } else {
            "transaction_isolation"
        };
        sql.push_str(&format!(", @@SESSION.{name} = '{}'", isolation.sql()));
    }
    if let Some(limit) = config.statement_timeout {
        sql.push_str(&if maria {
            format!(
                ", @@SESSION.max_statement_time = {:.3}",
                limit.as_secs_f64()
            )
        } else {
            format!(", @@SESSION.max_execution_time = {}", limit.as_millis())
        });
    }
    sql
}

/// What mysql_async needs to know.
pub(crate) fn opts(config: &Config) -> Result<Opts> {
    let mut builder = OptsBuilder::default()
        .ip_or_hostname(config.host.clone())
        .tcp_port(config.port)
        .user(Some(config.user.clone()))
        .pass(config.password.clone())
        .db_name(Some(config.database.clone()))
        .prefer_socket(config.socket.is_some())
        .socket(config.socket.clone())
        .tcp_keepalive(Some(Duration::from_secs(60)))
        // Statements are kept here, where it can be told whether one costs a round trip.
        .stmt_cache_size(0)
        // Off: matched rows are read from the statement's info, which leaves the count of an
        // upsert with its meaning.
        .client_found_rows(false);
    let tls = match config.tls {
        Tls::Auto if config.is_local() => Tls::Off,
        Tls::Auto => Tls::On,
        other => other,
    };
    if tls != Tls::Off {
        // An error says that the program chose another one already, which is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut ssl = SslOpts::default();
        if let Some(path) = &config.tls_ca {
            let bytes = std::fs::read(path).map_err(|cause| {
                let message = format!("cannot read {}", path.display());
                Error::new(ErrorKind::InvalidInput, message).with_source(cause)
            })?;
            ssl = ssl.with_root_certs(vec![bytes.into()]);
        }
        if tls == Tls::Unchecked {
            ssl = ssl
                .with_danger_accept_invalid_certs(true)
                .with_danger_skip_domain_validation(true);
        }
        builder = builder.ssl_opts(ssl);
    }
    Ok(builder.into())
}
