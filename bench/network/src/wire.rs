//! The frame of PostgreSQL's messages: a type, a length, a body. Only a client's first message has
//! no type.

use std::collections::HashMap;

/// What of a client's message matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// A request that is answered for itself, such as a preparation.
    Request,
    /// One statement is run.
    Statement,
    /// So many statements are run that only begin or end a transaction or savepoint, or set up the
    /// connection, and so many others: the text of a simple query may have both.
    Statements { control: u64, others: u64 },
    /// A synchronization alone asks for nothing, and nor does closing a statement.
    Upkeep,
}

/// A client's message, and whether the server says that it is ready when it is done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    pub sent: Sent,
    pub ends: bool,
}

/// Puts messages together out of the chunks that they come in.
pub struct Reader {
    bytes: Vec<u8>,
    /// Whether the first message is still to come, which has no type.
    startup: bool,
    /// Whether the statements of these names only control a transaction.
    statements: HashMap<Vec<u8>, bool>,
    portals: HashMap<Vec<u8>, bool>,
}

impl Reader {
    pub fn client() -> Self {
        Self {
            startup: true,
            ..Self::server()
        }
    }

    pub fn server() -> Self {
        Self {
            bytes: Vec::new(),
            startup: false,
            statements: HashMap::new(),
            portals: HashMap::new(),
        }
    }

    /// The messages of a client that are complete with these bytes.
    pub fn sent(&mut self, bytes: &[u8]) -> Vec<Message> {
        let mut messages = Vec::new();
        self.split(bytes, |reader, kind, body| {
            messages.push(reader.message(kind, body))
        });
        messages
    }

    /// How often the server says with these bytes that it is ready.
    pub fn ready(&mut self, bytes: &[u8]) -> usize {
        let mut ready = 0;
        self.split(bytes, |_, kind, _| ready += usize::from(kind == b'Z'));
        ready
    }

    fn split(&mut self, bytes: &[u8], mut found: impl FnMut(&mut Self, u8, &[u8])) {
        let mut all = std::mem::take(&mut self.bytes);
        all.extend_from_slice(bytes);
        let mut rest = all.as_slice();
        loop {
            let head = usize::from(!self.startup);
            let Some(length) = rest
                .get(head..head + 4)
                .and_then(|four| four.try_into().ok())
            else {
                break;
            };
            let end = head + u32::from_be_bytes(length) as usize;
            let Some(message) = rest.get(..end) else {
                break;
            };
            // The first one has a type of its own here.
            let kind = if self.startup { 0 } else { message[0] };
            self.startup = false;
            found(self, kind, &message[head + 4..]);
            rest = &rest[end..];
        }
        self.bytes = rest.to_vec();
    }

    fn message(&mut self, kind: u8, body: &[u8]) -> Message {
        let mut strings = body.split(|byte| *byte == 0);
        let mut next = || strings.next().unwrap_or_default();
        let sent = match kind {
            b'P' => {
                let (name, text) = (next(), next());
                self.statements.insert(name.to_vec(), controls(text));
                Sent::Request
            }
            b'B' => {
                let (portal, statement) = (next(), next());
                let control = self.statements.get(statement).copied();
                self.portals
                    .insert(portal.to_vec(), control.unwrap_or(false));
                Sent::Request
            }
            b'E' if self.portals.get(next()) == Some(&true) => Sent::Statements {
                control: 1,
                others: 0,
            },
            b'E' => Sent::Statement,
            b'Q' => simple(next()),
            b'S' | b'H' | b'C' | b'X' => Sent::Upkeep,
            _ => Sent::Request,
        };
        let ends = matches!(kind, 0 | b'S' | b'Q');
        Message { sent, ends }
    }
}

/// A simple query's text may hold several statements.
fn simple(text: &[u8]) -> Sent {
    let statements = text.split(|byte| *byte == b';');
    let (mut control, mut others) = (0, 0);
    for statement in statements.filter(|statement| !statement.trim_ascii().is_empty()) {
        if controls(statement) {
            control += 1;
        } else {
            others += 1;
        }
    }
    Sent::Statements { control, others }
}

fn controls(text: &[u8]) -> bool {
    const WORDS: [&[u8]; 11] = [
        b"begin",
        b"start",
        b"commit",
        b"end",
        b"rollback",
        b"abort",
        b"savepoint",
        b"release",
        b"set",
        b"deallocate",
        b"discard",
    ];
    let word = text
        .trim_ascii_start()
        .split(|byte| !byte.is_ascii_alphabetic())
        .next();
    word.is_some_and(|word| WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)))
}
