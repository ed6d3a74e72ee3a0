//! A blocking HTTP client for tests of whole servers: strict about answers, and never waiting for ever.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::conformance::response::{Expecting, ReadError, Response, ResponseReader};

/// Far longer than anything a test waits for takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// One connection.
#[derive(Debug)]
pub struct Client {
    reader: ResponseReader<TcpStream>,
}

impl Client {
    /// Connects; reading and writing give up after [`PATIENCE`].
    ///
    /// # Errors
    ///
    /// When nobody listens at `addr`, or the kernel refuses a socket.
    pub fn connect(addr: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(addr)?;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Client { reader: ResponseReader::new(stream) })
    }

    /// The socket itself.
    pub fn stream(&mut self) -> &mut TcpStream {
        self.reader.source_mut()
    }

    /// Sends `bytes` as they are.
    ///
    /// # Errors
    ///
    /// What the socket says.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream().write_all(bytes.as_ref())
    }

    /// Asks for `GET path` and reads the answer.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when no well-framed answer comes, a failed send included.
    pub fn get(&mut self, path: &str) -> Result<Response, ReadError> {
        self.send(get(path)).map_err(|source| ReadError::Io { source, came: String::new() })?;
        self.read()
    }

    /// Reads the next answer.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when no well-framed answer comes.
    pub fn read(&mut self) -> Result<Response, ReadError> {
        self.reader.read_response(Expecting::Body)
    }

    /// Reads the next answer, even if only an interim one (1xx).
    ///
    /// # Errors
    ///
    /// [`ReadError`] when no well-framed answer comes.
    pub fn read_any(&mut self) -> Result<Response, ReadError> {
        self.reader.read_any(Expecting::Body)
    }

    /// Waits for the server to end the connection and says how long that took; what it sends before is dropped.
    ///
    /// # Errors
    ///
    /// When it does not within [`PATIENCE`].
    pub fn wait_for_end(&mut self) -> io::Result<Duration> {
        self.wait_for_end_dripping(PATIENCE, b"")
    }

    /// Like [`Client::wait_for_end`], sending one of `bytes` each time nothing has come for `pause`.
    ///
    /// # Errors
    ///
    /// When it does not within [`PATIENCE`].
    pub fn wait_for_end_dripping(&mut self, pause: Duration, bytes: &[u8]) -> io::Result<Duration> {
        let start = Instant::now();
        let mut drops = bytes.iter();
        self.stream().set_read_timeout(Some(pause))?;
        while start.elapsed() < PATIENCE {
            match self.stream().read(&mut [0; 4_096]) {
                Ok(0) => return Ok(start.elapsed()),
                Ok(_) => {}
                Err(error) if is_end(&error) => return Ok(start.elapsed()),
                Err(error) if is_timeout(&error) => {
                    if let Some(byte) = drops.next()
                        && let Err(error) = self.send([*byte])
                        && !is_end(&error)
                    {
                        return Err(error);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::TimedOut.into())
    }
}

/// The bytes of `GET path` on a connection that stays.
#[must_use]
pub fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n")
}

/// Whether a connection has ended, however abruptly.
#[must_use]
pub fn is_end(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted
    )
}

/// Whether a read or write gave up waiting.
#[must_use]
pub fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}
