//! https through reqwest, against a server whose certificate nobody has signed but itself.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::program::transcript;

/// Serves as many connections as come, until the test process ends.
fn start() -> SocketAddr {
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(certified.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider's own versions")
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .expect("the certificate's own key");
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let addr = listener.local_addr().expect("a bound socket");
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let config = Arc::clone(&config);
            // A client that does not like the certificate goes away.
            thread::spawn(move || drop(serve(stream, config)));
        }
    });
    addr
}

fn serve(stream: TcpStream, config: Arc<ServerConfig>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut stream = StreamOwned::new(connection, stream);
    let (mut head, mut byte) = (Vec::new(), [0]);
    loop {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
        if head.ends_with(b"\r\n\r\n") {
            head.clear();
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\nHello, World!")?;
        }
    }
}

#[test]
fn a_certificate_is_checked_unless_any_will_do() {
    let addr = start();
    for host in ["localhost".to_owned(), addr.ip().to_string()] {
        let url = format!("https://{host}:{}/World", addr.port());
        let run = ["-c", "3", "-n", "60", "--transport", "reqwest", "--output-format", "json"];
        let refused = transcript(&[&[url.as_str()], &run[..]].concat());
        assert!(refused.contains("the TLS handshake with 127.0.0.1:"), "{refused}");
        assert!(refused.contains("--insecure") && refused.ends_with("exit code 1\n"), "{refused}");
        let accepted = transcript(&[&[url.as_str(), "-k"], &run[..]].concat());
        assert!(accepted.contains("\"ok\": 60,") && accepted.ends_with("exit code 0\n"), "{accepted}");
        assert!(accepted.contains("\"insecure\": true,"), "{accepted}");
    }
}
