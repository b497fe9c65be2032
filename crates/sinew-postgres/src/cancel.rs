//! Ending a statement that nobody waits for any more.
//!
//! A server is asked for that on a connection of its own, which it closes once it has signalled the
//! process that runs the statement. Whoever does not wait for the close may see the signal arrive
//! later, when that process runs the statement of somebody else.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_postgres::CancelToken;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Where the server of a connection is.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) host: String,
    pub(crate) port: u16,
}

/// Asks the server to end what runs, and waits until it did what it does about that.
pub(crate) async fn cancel(
    token: &CancelToken,
    address: &Address,
    tls: &MakeRustlsConnect,
) -> io::Result<()> {
    #[cfg(unix)]
    if address.host.starts_with('/') {
        let path = format!("{}/.s.PGSQL.{}", address.host, address.port);
        let stream = tokio::net::UnixStream::connect(path).await?;
        return ask(token, stream, tls, "").await;
    }
    let stream = TcpStream::connect((address.host.as_str(), address.port)).await?;
    ask(token, stream, tls, &address.host).await
}

async fn ask<S>(
    token: &CancelToken,
    stream: S,
    tls: &MakeRustlsConnect,
    host: &str,
) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let tls = MakeTlsConnect::<UntilClosed<S>>::make_tls_connect(&mut tls.clone(), host)
        .map_err(io::Error::other)?;
    let stream = UntilClosed {
        stream,
        ended: false,
    };
    token
        .cancel_query_raw(stream, tls)
        .await
        .map_err(io::Error::other)
}

/// A stream that, shut down, waits until the other side closes it.
struct UntilClosed<S> {
    stream: S,
    /// Whether this side is closed.
    ended: bool,
}

impl<S: AsyncRead + Unpin> AsyncRead for UntilClosed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for UntilClosed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.ended {
            ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
            self.ended = true;
        }
        loop {
            let mut space = [0; 64];
            let mut buffer = ReadBuf::new(&mut space);
            let read = ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer));
            // A server that resets the connection is done with it too.
            if read.is_err() || buffer.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::UntilClosed;

    #[tokio::test]
    async fn a_shutdown_waits_for_the_other_side() {
        let (near, mut far) = tokio::io::duplex(64);
        let mut stream = UntilClosed {
            stream: near,
            ended: false,
        };
        let server = tokio::spawn(async move {
            let mut asked = Vec::new();
            far.read_to_end(&mut asked).await.unwrap();
            far.write_all(b"what nobody reads").await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
            asked
        });
        stream.write_all(b"end it").await.unwrap();
        assert!(!server.is_finished());
        stream.shutdown().await.unwrap();
        // The other side was dropped when the task ended.
        assert_eq!(server.await.unwrap(), b"end it");
    }
}
