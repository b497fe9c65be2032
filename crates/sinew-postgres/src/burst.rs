//! Requests that go out together.

use std::pin::Pin;
use std::task::Poll;

use tokio_postgres::{Error, RowStream, Statement};

use crate::wire::Wire;

/// What a request is answered by.
pub(crate) enum Answer {
    Done,
    Prepared(Statement),
    Rows(RowStream),
}

type Waiting<'f> = Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send + 'f>>;

enum Slot<'f> {
    Waiting(Waiting<'f>),
    Ready(Result<Answer, Error>),
}

/// Requests in order. A request is sent when its future is first polled, so polling each once puts
/// all of them on the wire before the first answer is waited for.
#[derive(Default)]
pub(crate) struct Burst<'f> {
    slots: std::collections::VecDeque<Slot<'f>>,
}

impl<'f> Burst<'f> {
    pub(crate) fn push(
        &mut self,
        request: impl Future<Output = Result<Answer, Error>> + Send + 'f,
    ) {
        self.slots.push_back(Slot::Waiting(Box::pin(request)));
    }

    /// Sends all.
    pub(crate) fn send(&mut self, wire: &Wire) {
        wire.start(|context| {
            for slot in &mut self.slots {
                if let Slot::Waiting(request) = slot
                    && let Poll::Ready(answer) = request.as_mut().poll(context)
                {
                    *slot = Slot::Ready(answer);
                }
            }
        });
    }

    /// The next answer, in the order of the requests.
    pub(crate) async fn next(&mut self, wire: &mut Wire) -> Option<Result<Answer, Error>> {
        match self.slots.pop_front()? {
            Slot::Ready(answer) => Some(answer),
            Slot::Waiting(request) => Some(wire.drive(request).await),
        }
    }
}
