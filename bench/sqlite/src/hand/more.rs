//! W13 to W18.

use super::{Hand, INSERT_LINK, INSERT_POST, INSERT_USER, User, With};
use rusqlite::{Result, Row, params};
use sinew_bench::data;
use sinew_bench::inputs::NewGraph;
use sinew_bench::operations::Seen;

pub struct Channel {
    id: i64,
    name: String,
}

pub struct Message {
    id: i64,
    channel_id: i64,
    body: String,
    created_at: i64,
}

pub struct Account {
    id: i64,
    email: String,
    created_at: i64,
}

pub struct Profile {
    id: i64,
    account_id: i64,
    bio: String,
    website: String,
}

sinew_bench::reduce!(channel: Channel, message: Message, account: Account, profile: Profile);

fn message(row: &Row<'_>) -> Result<Message> {
    Ok(Message {
        id: row.get(0)?,
        channel_id: row.get(1)?,
        body: row.get(2)?,
        created_at: row.get(3)?,
    })
}

fn profile(row: &Row<'_>) -> Result<Profile> {
    Ok(Profile {
        id: row.get(0)?,
        account_id: row.get(1)?,
        bio: row.get(2)?,
        website: row.get(3)?,
    })
}

impl Hand {
    /// One statement that is run for each owner: it reads nothing but the rows that it gives, where a
    /// window over all children numbers half a million. In a transaction, as each statement would
    /// take and give back SQLite's locks otherwise.
    pub(super) fn load_newest(&self) -> Result<Vec<With<Channel, Message>>> {
        let tx = self.connection.unchecked_transaction()?;
        let channels = tx
            .prepare_cached("SELECT id, name FROM channels")?
            .query_map([], |row| {
                Ok(Channel {
                    id: row.get(0)?,
                    name: row.get(1)?,
                })
            })?
            .collect::<Result<Vec<_>>>()?;
        let mut newest = tx.prepare_cached(
            "SELECT id, channel_id, body, created_at FROM messages WHERE channel_id = ? \
             ORDER BY created_at DESC LIMIT 3",
        )?;
        let mut found = Vec::with_capacity(channels.len());
        for channel in channels {
            let mut rows = newest.query([channel.id])?;
            let mut messages = Vec::with_capacity(data::NEWEST as usize);
            while let Some(row) = rows.next()? {
                messages.push(message(row)?);
            }
            found.push((channel, messages));
        }
        drop(newest);
        tx.commit()?;
        Ok(found)
    }

    /// Both tables in the order of the accounts' keys, and merged.
    pub(super) fn load_accounts(&self) -> Result<Vec<(Account, Option<Profile>)>> {
        let mut found: Vec<(Account, Option<Profile>)> = Vec::new();
        {
            let sql = "SELECT id, email, created_at FROM accounts ORDER BY id";
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let account = Account {
                    id: row.get(0)?,
                    email: row.get(1)?,
                    created_at: row.get(2)?,
                };
                found.push((account, None));
            }
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT id, account_id, bio, website FROM profiles WHERE account_id IN \
             (SELECT id FROM accounts)",
        )?;
        let mut rows = statement.query([])?;
        let mut at = 0;
        while let Some(row) = rows.next()? {
            let profile = profile(row)?;
            if found
                .get(at)
                .is_none_or(|(account, _)| account.id != profile.account_id)
            {
                let place =
                    found.binary_search_by_key(&profile.account_id, |(account, _)| account.id);
                at = place.map_err(|_| rusqlite::Error::QueryReturnedNoRows)?;
            }
            found[at].1 = Some(profile);
            at += 1;
        }
        Ok(found)
    }

    pub(super) fn stream_readings(&self, most: i64, seen: &mut Seen) -> Result<()> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, sensor_id, value, note, created_at FROM readings WHERE id <= ?",
        )?;
        let mut rows = statement.query([most])?;
        while let Some(row) = rows.next()? {
            // The text is taken out as the others take it: into a string of its own.
            let note: String = row.get(3)?;
            seen.reading(row.get(0)?, row.get(1)?, row.get(2)?, &note, row.get(4)?);
        }
        Ok(())
    }

    pub(super) fn load_recent_authors(&self) -> Result<Vec<User>> {
        self.users(
            "SELECT id, name, email, age, created_at FROM users \
             WHERE id IN (SELECT user_id FROM posts WHERE created_at >= ?)",
            [data::NEW_POST],
            0,
        )
    }

    /// Level by level, so that few pages are in use at once.
    pub(super) fn create_graphs(&mut self, graphs: &[NewGraph]) -> Result<Vec<i64>> {
        let tx = self.connection.transaction()?;
        let mut ids = Vec::with_capacity(graphs.len());
        {
            let mut insert = tx.prepare_cached(INSERT_USER)?;
            for (user, _) in graphs {
                insert.execute(params![user.name, user.email, user.age, user.created_at])?;
                ids.push(tx.last_insert_rowid());
            }
            let mut posts = Vec::with_capacity(graphs.len() * 10);
            let mut insert = tx.prepare_cached(INSERT_POST)?;
            for ((_, new), owner) in graphs.iter().zip(&ids) {
                for post in new {
                    insert.execute(params![owner, post.title, post.body, post.created_at])?;
                    posts.push(tx.last_insert_rowid());
                }
            }
            let new = graphs.iter().flat_map(|(_, new)| new);
            let mut insert = tx.prepare_cached(INSERT_LINK)?;
            for (post, id) in new.zip(posts) {
                for tag in post.tags {
                    insert.execute([id, tag])?;
                }
            }
        }
        tx.commit()?;
        Ok(ids)
    }
}
