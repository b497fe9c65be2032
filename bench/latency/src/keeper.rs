//! One contender's database, seen from outside and without the delay.

use std::error::Error;
use std::net::SocketAddr;

use tokio_postgres::{Client, Config, NoTls, config::Host};

use crate::data;

pub struct Keeper {
    client: Client,
    user: String,
    name: String,
}

impl Keeper {
    /// Makes a database for each of `names`, on the server that `url` names.
    pub async fn all(url: &str, names: &[&str]) -> Result<Vec<Self>, Box<dyn Error>> {
        let config: Config = url.parse()?;
        let server = connect(&config).await?;
        server
            .batch_execute("DROP DATABASE IF EXISTS latency_seed")
            .await?;
        server.batch_execute("CREATE DATABASE latency_seed").await?;
        let seed = connect(config.clone().dbname("latency_seed")).await?;
        seed.batch_execute(data::SCHEMA).await?;
        seed.batch_execute(data::ROWS).await?;
        // A template has to be unused; dropping a client only begins to close its connection.
        drop(seed);
        server.batch_execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'latency_seed'",
        )
        .await?;
        let mut keepers = Vec::new();
        for name in names {
            let name = format!("latency_{}", name.replace(['-', ' '], "_"));
            let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            server.batch_execute(&drop).await?;
            let create = format!("CREATE DATABASE {name} TEMPLATE latency_seed");
            server.batch_execute(&create).await?;
            keepers.push(Self {
                client: connect(config.clone().dbname(&name)).await?,
                user: config.get_user().unwrap_or("postgres").to_owned(),
                name,
            });
        }
        Ok(keepers)
    }

    /// Its URL, by way of a proxy.
    pub fn url(&self, proxy: SocketAddr) -> String {
        format!(
            "postgres://{}@{proxy}/{}?sslmode=disable",
            self.user, self.name
        )
    }

    /// What is in the tables that are written.
    pub async fn state(&self) -> Result<String, tokio_postgres::Error> {
        Ok(self.client.query_one(data::STATE, &[]).await?.get(0))
    }

    pub async fn restore(&self) -> Result<(), tokio_postgres::Error> {
        self.client.batch_execute(data::RESTORE).await
    }
}

/// Where the server listens that `url` names.
pub async fn server(url: &str) -> Result<SocketAddr, Box<dyn Error>> {
    let config: Config = url.parse()?;
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let Some(Host::Tcp(host)) = config.get_hosts().first() else {
        return Err("the URL names no host".into());
    };
    let mut found = tokio::net::lookup_host((host.as_str(), port)).await?;
    found
        .next()
        .ok_or_else(|| format!("no host is called {host:?}").into())
}

async fn connect(config: &Config) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
