//! Sends the same request again and again by several connections, and prints a row: requests a second, the median and the 99th
//! percentile in milliseconds. It is the client of `serve/bench/run`.
//!
//! Arguments: ADDRESS PATH TOKEN REQUESTS CLIENTS

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench stops at the first thing that is wrong"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// One request and its answer.
fn ask(stream: &mut BufReader<TcpStream>, request: &[u8], body: &mut Vec<u8>) {
    stream.get_mut().write_all(request).unwrap();
    let (mut line, mut length, mut is_first) = (String::new(), 0, true);
    loop {
        line.clear();
        stream.read_line(&mut line).unwrap();
        if is_first {
            assert!(line.starts_with("HTTP/1.1 200"), "{line}");
            is_first = false;
        }
        if line == "\r\n" {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
    }
    body.resize(length, 0);
    stream.read_exact(body).unwrap();
}

fn main() {
    // cargo bench adds an argument of its own.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [address, path, token, requests, clients] = &arguments[..] else {
        println!("load: ADDRESS PATH TOKEN REQUESTS CLIENTS; serve/bench/run calls it");
        return;
    };
    let (requests, clients): (usize, usize) = (requests.parse().unwrap(), clients.parse().unwrap());
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nX-Parse-Application-Id: bench\r\nX-Parse-Session-Token: {token}\r\n\r\n"
    );
    let (next, times) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(requests)));
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..clients {
            scope.spawn(|| {
                let (mut own, mut body) = (Vec::new(), Vec::new());
                let mut stream = BufReader::new(TcpStream::connect(address).unwrap());
                stream.get_ref().set_nodelay(true).unwrap();
                while next.fetch_add(1, Ordering::Relaxed) < requests {
                    let begun = Instant::now();
                    ask(&mut stream, request.as_bytes(), &mut body);
                    own.push(begun.elapsed());
                }
                times.lock().unwrap().extend(own);
            });
        }
    });
    let took = begun.elapsed();
    let mut times = times.into_inner().unwrap();
    times.sort_unstable();
    let at = |part: f64| {
        let place = (times.len() as f64 * part) as usize;
        times.get(place.min(times.len() - 1)).copied().unwrap_or(Duration::ZERO).as_secs_f64() * 1000.0
    };
    println!("{:>8.0} {:>8.2} {:>8.2}", times.len() as f64 / took.as_secs_f64(), at(0.5), at(0.99));
}
