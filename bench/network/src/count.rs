//! Round trips and statements, as the client's messages tell.
//!
//! A round trip is a step of waiting: a request belongs to the one after the last whose answer, or a
//! part of it, had reached the client when the request was sent. However many writes a burst is split
//! into, and however its answers come back one by one, requests that wait for the same round share
//! it. A round of nothing but upkeep (a pool's ping, closing a statement) is counted for itself.

use std::collections::VecDeque;
use std::ops::{Add, Sub};

use super::wire::{Reader, Sent};

/// What went through the proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Round trips with a request in them.
    pub trips: u64,
    /// Round trips that only synchronized or closed something.
    pub upkeep: u64,
    /// Statements run.
    pub statements: u64,
    /// Those that begin or end a transaction or savepoint.
    pub control: u64,
}

impl Add for Counts {
    type Output = Self;

    fn add(self, more: Self) -> Self {
        Self {
            trips: self.trips + more.trips,
            upkeep: self.upkeep + more.upkeep,
            statements: self.statements + more.statements,
            control: self.control + more.control,
        }
    }
}

impl Sub for Counts {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            trips: self.trips - before.trips,
            upkeep: self.upkeep - before.upkeep,
            statements: self.statements - before.statements,
            control: self.control - before.control,
        }
    }
}

#[derive(Default)]
pub struct Counter {
    counts: Counts,
    /// The latest round of which the client has an answer.
    answered: u64,
    /// The latest round of which something was sent, and the latest with a request.
    sent: u64,
    requested: u64,
    /// The rounds of what the server has not said to be done with, the oldest first.
    open: VecDeque<u64>,
}

impl Counter {
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The client has sent these bytes.
    pub fn sent(&mut self, reader: &mut Reader, bytes: &[u8]) {
        let round = self.answered + 1;
        for message in reader.sent(bytes) {
            let alone = round > self.sent;
            self.sent = round;
            if message.ends {
                self.open.push_back(round);
            }
            if message.sent == Sent::Upkeep {
                self.counts.upkeep += u64::from(alone);
                continue;
            }
            if round > self.requested {
                self.requested = round;
                self.counts.trips += 1;
                // It began with upkeep.
                self.counts.upkeep -= u64::from(!alone);
            }
            match message.sent {
                Sent::Statement => self.counts.statements += 1,
                Sent::Statements { control, others } => {
                    self.counts.statements += others;
                    self.counts.control += control;
                }
                Sent::Request | Sent::Upkeep => {}
            }
        }
    }

    /// These bytes of the server reach the client.
    pub fn answered(&mut self, reader: &mut Reader, bytes: &[u8]) {
        let ready = reader.ready(bytes);
        let done = self.open.drain(..ready.min(self.open.len())).next_back();
        // What is not done yet may have been answered in part.
        let begun = self.open.front().copied().unwrap_or(self.sent);
        let round = if ready == 0 {
            begun
        } else {
            done.unwrap_or(begun)
        };
        self.answered = self.answered.max(round);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = (body.len() as u32 + 4).to_be_bytes();
        [&[kind], length.as_slice(), body].concat()
    }

    /// Parse, bind, execute and sync of a statement.
    fn run(text: &str) -> Vec<u8> {
        let parse = message(b'P', format!("s\0{text}\0\0\0").as_bytes());
        let bind = message(b'B', b"\0s\0\0\0\0\0\0\0");
        [
            parse,
            bind,
            message(b'E', b"\0\0\0\0\0"),
            message(b'S', b""),
        ]
        .concat()
    }

    fn ready() -> Vec<u8> {
        [message(b'C', b"SELECT 1\0"), message(b'Z', b"I")].concat()
    }

    /// A client after its greeting.
    struct Client {
        counter: Counter,
        sent: Reader,
        answered: Reader,
        before: Counts,
    }

    impl Client {
        fn new() -> Self {
            let mut client = Self {
                counter: Counter::default(),
                sent: Reader::client(),
                answered: Reader::server(),
                before: Counts::default(),
            };
            // The first message has no type.
            client.send(&[&[0, 0, 0, 8], [0, 3, 0, 0].as_slice()].concat());
            client.receive(&message(b'Z', b"I"));
            client.before = client.counter.counts();
            client
        }

        fn send(&mut self, bytes: &[u8]) {
            self.counter.sent(&mut self.sent, bytes);
        }

        fn receive(&mut self, bytes: &[u8]) {
            self.counter.answered(&mut self.answered, bytes);
        }

        /// Trips, upkeep, statements, control.
        fn counts(&self) -> [u64; 4] {
            let counts = self.counter.counts() - self.before;
            [
                counts.trips,
                counts.upkeep,
                counts.statements,
                counts.control,
            ]
        }
    }

    #[test]
    fn one_after_the_other() {
        let mut client = Client::new();
        for _ in 0..3 {
            client.send(&run("SELECT 1"));
            client.receive(&ready());
        }
        assert_eq!(client.counts(), [3, 0, 3, 0]);
    }

    #[test]
    fn a_burst_in_pieces_is_one_trip() {
        let mut client = Client::new();
        let burst = [run("BEGIN"), run("SELECT 1"), run("COMMIT")].concat();
        for piece in burst.chunks(7) {
            client.send(piece);
        }
        for piece in [ready(), ready(), ready()].concat().chunks(5) {
            client.receive(piece);
        }
        assert_eq!(client.counts(), [1, 0, 1, 2]);
        client.send(&run("SELECT 2"));
        assert_eq!(client.counts(), [2, 0, 2, 2]);
    }

    #[test]
    fn answers_one_by_one_share_their_trip() {
        let mut client = Client::new();
        client.send(&run("SELECT 1"));
        client.send(&run("SELECT 2"));
        client.receive(&ready());
        client.send(&run("SELECT 3"));
        client.receive(&ready());
        client.send(&run("SELECT 4"));
        client.receive(&ready());
        client.receive(&ready());
        assert_eq!(client.counts(), [2, 0, 4, 0]);
    }

    #[test]
    fn a_simple_query_holds_several() {
        let mut client = Client::new();
        client.send(&message(b'Q', b"BEGIN; SELECT 1;\0"));
        assert_eq!(client.counts(), [1, 0, 1, 1]);
    }

    #[test]
    fn upkeep_counts_for_itself_unless_it_travels_with_a_request() {
        let mut client = Client::new();
        client.send(&message(b'S', b""));
        assert_eq!(client.counts(), [0, 1, 0, 0]);
        client.receive(&message(b'Z', b"I"));
        client.send(&message(b'C', b"Ss\0"));
        client.send(&message(b'S', b""));
        assert_eq!(client.counts(), [0, 2, 0, 0]);
        client.send(&run("SELECT 1"));
        assert_eq!(client.counts(), [1, 1, 1, 0]);
    }
}
