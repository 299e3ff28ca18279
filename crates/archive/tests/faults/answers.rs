//! Questions to a service: what is tried again, how long is waited, who gets the token.

use std::io::Write;
use std::net::TcpListener;
use std::time::{Duration, Instant, SystemTime};

use firstlight_archive::client::{Client, ClientOptions, Proxies};
use firstlight_archive::{Environment, Error};

use super::server::Server;
use super::{client, quick};

/// A port on which nobody listens.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

#[test]
fn a_refused_connection_is_tried_again_and_told() {
    let url = format!("http://127.0.0.1:{}/x", free_port());
    let error = client().get(&url).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, Error::Transport { attempts: 4, .. }), "{text}");
    assert!(
        text.contains(&url) && text.contains("refused") && text.contains("tried 4 times"),
        "{text}"
    );
}

#[test]
fn a_server_that_comes_up_late_is_reached() {
    let port = free_port();
    let options = ClientOptions {
        attempts: 10,
        first_wait: Duration::from_millis(40),
        ..quick()
    };
    std::thread::scope(|scope| {
        scope.spawn(move || {
            std::thread::sleep(Duration::from_millis(120));
            let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
            let _server = Server::listening(listener, |_, _, connection| connection.reply(200, &[], b"late"));
            std::thread::sleep(Duration::from_millis(1500));
        });
        let url = format!("http://127.0.0.1:{port}/");
        assert_eq!(Client::new(options).get(&url).unwrap(), b"late");
    });
}

#[test]
fn retry_after_is_heeded_in_both_forms() {
    let later = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(60));
    for (status, after) in [(429, "7".to_owned()), (503, later)] {
        let server = Server::start(move |number, _, connection| match number {
            0 => connection.reply(status, &[("Retry-After", &after)], b"busy"),
            _ => connection.reply(200, &[], b"now"),
        });
        let start = Instant::now();
        assert_eq!(client().get(&server.url).unwrap(), b"now");
        // Without it the pause is one millisecond; with it, the longest that is heeded.
        assert!(start.elapsed() >= Duration::from_millis(295), "{status}");
        assert_eq!(server.asked().len(), 2);
    }
}

#[test]
fn what_may_pass_is_tried_again_and_what_does_not_is_not() {
    for (status, times) in [
        (408, 4),
        (425, 4),
        (429, 4),
        (500, 4),
        (502, 4),
        (503, 4),
        (504, 4),
    ]
    .into_iter()
    .chain([400, 401, 403, 404, 410, 501].map(|status| (status, 1)))
    {
        let page =
            b"<!DOCTYPE html><html><head><style>x{}</style></head><body><h1>Not  today</h1></body></html>";
        let server = Server::start(move |_, _, connection| connection.reply(status, &[], page));
        let error = client().get(&server.at("/x")).unwrap_err();
        assert!(matches!(error, Error::Status { status: found, .. } if found == status));
        assert_eq!(server.asked().len(), times, "{status}");
        let text = error.to_string();
        assert!(text.contains("Not today") && !text.contains('<'), "{text}");
        assert_eq!(text.contains("tried 4 times"), times == 4, "{text}");
    }
}

#[test]
fn a_silent_server_is_not_waited_for() {
    let server = Server::start(|number, _, connection| match number {
        0 => std::thread::sleep(Duration::from_millis(1500)),
        1 => {
            connection.head(200, &[("Content-Length", "10")]);
            connection.send(b"half");
            std::thread::sleep(Duration::from_millis(1500));
        }
        _ => connection.reply(200, &[], b"whole"),
    });
    let options = ClientOptions {
        answer_timeout: Duration::from_millis(150),
        ..quick()
    };
    assert_eq!(Client::new(options).get(&server.url).unwrap(), b"whole");
    assert_eq!(server.asked().len(), 3);
}

#[test]
fn a_slow_answer_that_goes_on_is_not_cut() {
    let server = Server::start(|_, _, connection| {
        connection.head(200, &[("Content-Length", "12")]);
        for _ in 0..12 {
            std::thread::sleep(Duration::from_millis(50));
            connection.send(b"x");
        }
    });
    let options = ClientOptions {
        answer_timeout: Duration::from_millis(250),
        ..quick()
    };
    assert_eq!(Client::new(options).get(&server.url).unwrap(), b"xxxxxxxxxxxx");
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn the_token_goes_to_its_host_alone_and_is_never_told() {
    const TOKEN: &str = "0123456789abcdef";
    let foreign = Server::start(|_, _, connection| connection.reply(200, &[], b"data"));
    let elsewhere = format!("http://localhost:{}/data", foreign.port);
    let own = Server::start(move |_, asked, connection| match asked.path.as_str() {
        "/redirected" => connection.reply(302, &[("Location", &elsewhere)], b""),
        "/moved" => connection.reply(301, &[("Location", "/here")], b""),
        "/here" => connection.reply(200, &[], b"here"),
        _ => {
            let said = format!("who is {}?", asked.header("authorization").unwrap_or_default());
            connection.reply(403, &[], said.as_bytes());
        }
    });
    let options = ClientOptions {
        token: Some(TOKEN.to_owned()),
        token_host: "127.0.0.1".to_owned(),
        ..quick()
    };
    assert!(!format!("{options:?}").contains(TOKEN));
    let client = Client::new(options);
    assert!(!format!("{client:?}").contains(TOKEN));
    assert_eq!(client.get(&own.at("/redirected")).unwrap(), b"data");
    assert_eq!(client.get(&own.at("/moved")).unwrap(), b"here");
    assert_eq!(foreign.asked().len(), 1);
    assert_eq!(foreign.asked()[0].header("authorization"), None);
    for asked in own.asked() {
        assert_eq!(
            asked.header("authorization"),
            Some(format!("token {TOKEN}").as_str())
        );
    }
    let refused = client.get(&own.at("/refused")).unwrap_err().to_string();
    assert!(
        !refused.contains(TOKEN) && refused.contains("MAST_API_TOKEN"),
        "{refused}"
    );
}

#[test]
fn redirections_end_somewhere() {
    let server = Server::start(|_, _, connection| connection.reply(302, &[("Location", "/again")], b""));
    let error = client().get(&server.url).unwrap_err();
    assert!(matches!(error, Error::BadAnswer { .. }), "{error}");
    let server =
        Server::start(|_, _, connection| connection.reply(302, &[("Location", "file:///etc/passwd")], b""));
    assert!(matches!(client().get(&server.url), Err(Error::BadAnswer { .. })));
}

#[test]
fn forms_and_documents_arrive_as_they_were_meant() {
    let server = Server::start(|_, asked, connection| match asked.path.as_str() {
        "/form" => connection.reply(200, &[], &asked.body),
        "/page" => connection.reply(200, &[], b"<html><body>Log in first</body></html>"),
        _ => connection.reply(200, &[], br#"{"got": true}"#),
    });
    let form = client()
        .post_form(&server.at("/form"), &[("request", "{\"a\": \"b&c=ü\"}")])
        .unwrap();
    assert_eq!(form, b"request=%7B%22a%22%3A%20%22b%26c%3D%C3%BC%22%7D");
    let document = serde_json::json!({"x": 1});
    assert_eq!(
        client().post_json(&server.at("/json"), &document).unwrap()["got"],
        true
    );
    let error = client()
        .post_json(&server.at("/page"), &document)
        .unwrap_err()
        .to_string();
    assert!(error.contains("Log in first"), "{error}");
    assert_eq!(server.asked()[1].header("content-type"), Some("application/json"));
    assert_eq!(server.asked()[1].body, br#"{"x":1}"#);
}

#[test]
fn answers_are_unpacked_and_bounded() {
    let server = Server::start(|_, asked, connection| {
        assert!(
            asked
                .header("accept-encoding")
                .is_some_and(|accepted| accepted.contains("gzip"))
        );
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(&vec![b'a'; 100_000]).unwrap();
        connection.reply(200, &[("Content-Encoding", "gzip")], &packed.finish().unwrap());
    });
    assert_eq!(client().get(&server.url).unwrap().len(), 100_000);
    let options = ClientOptions {
        answer_limit: 50_000,
        ..quick()
    };
    let error = Client::new(options).get(&server.url).unwrap_err();
    assert!(error.to_string().contains("longer than 50000 bytes"), "{error}");
}

#[test]
fn foreign_hosts_are_reached_by_the_proxy_and_this_one_is_not() {
    let proxy = Server::start(|_, _, connection| connection.reply(403, &[], b""));
    let environment =
        Environment::from_iter([("HTTPS_PROXY", proxy.url.as_str()), ("HTTP_PROXY", &proxy.url)]);
    let options = ClientOptions {
        proxies: Some(Proxies::from_environment(&environment)),
        ..quick()
    };
    let client = Client::new(options);
    let error = client
        .get("https://mast.example.invalid/x")
        .unwrap_err()
        .to_string();
    assert!(error.contains("proxy"), "{error}");
    assert_eq!(
        (proxy.asked()[0].method.as_str(), proxy.asked()[0].path.as_str()),
        ("CONNECT", "mast.example.invalid:443")
    );
    let here = Server::start(|_, _, connection| connection.reply(200, &[], b"here"));
    assert_eq!(client.get(&here.url).unwrap(), b"here");
}

#[test]
fn offline_asks_for_nothing() {
    let server = Server::start(|_, _, connection| connection.reply(200, &[], b""));
    let options = ClientOptions {
        offline: true,
        ..quick()
    };
    let client = Client::new(options);
    assert!(matches!(client.get(&server.url), Err(Error::Offline { .. })));
    assert!(matches!(
        client.post_form(&server.url, &[]),
        Err(Error::Offline { .. })
    ));
    assert!(server.asked().is_empty());
}
