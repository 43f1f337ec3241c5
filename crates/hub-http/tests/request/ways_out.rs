//! Every way out that is tried is shut.

use crate::world::{AGENT, Names, SECRET, Service, code, get, rule, run, run_as, settings, tool};
use hub_core::ids::AgentId;
use hub_http::{HttpRequest, NoSecrets, Settings};
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

#[tokio::test]
async fn what_a_rule_covers_is_asked_and_told() {
    let service = Service::start().await;
    let tool = tool(
        vec![rule(&service.url("calendar.test", "/echo/"), true, &[])],
        Names::of(&[("calendar.test", &["127.0.0.1"])]),
    );
    let arguments = json!({
        "method": "POST",
        "url": service.url("calendar.test", "/echo/days?week=7"),
        "headers": { "Accept": "text/plain" },
        "body": "two words",
    });
    let told = run(&tool, arguments).await.unwrap();
    assert_eq!((&told["status"], &told["truncated"]), (&json!(200), &json!(false)));
    assert_eq!(told["headers"], json!({ "content-type": "text/plain" }));
    let asked = service.requests().remove(0);
    assert_eq!(told["body"], asked);
    for part in [
        "POST /echo/days?week=7 HTTP/1.1",
        "idempotency-key: the-key",
        "accept: text/plain",
        "two words",
        &format!("host: calendar.test:{}", service.address.port()),
    ] {
        assert!(asked.contains(part), "{part}: {asked}");
    }
}

#[tokio::test]
async fn what_no_rule_covers_is_never_asked() {
    let service = Service::start().await;
    let names = Names::of(&[("calendar.test", &["127.0.0.1"]), ("evil.test", &["127.0.0.1"])]);
    let tool = tool(vec![rule(&service.url("calendar.test", "/v1/"), true, &[])], names);
    for url in [
        service.url("evil.test", "/v1/"),
        service.url("calendar.test", "/v2/"),
        service.url("calendar.test", "/v1/../v2/"),
        service.url("127.0.0.1", "/v1/"),
        format!("http://calendar.test@127.0.0.1:{}/v1/", service.address.port()),
        "http://calendar.test/v1/".to_owned(),
        format!("https://calendar.test:{}/v1/", service.address.port()),
    ] {
        let answer = code(get(&tool, &url).await);
        assert!(matches!(answer, "http_not_allowed" | "malformed_url"), "{url}: {answer}");
    }
    let url = service.url("calendar.test", "/v1/");
    assert_eq!(code(run(&tool, json!({ "method": "DELETE", "url": url })).await), "http_not_allowed");
    // The rules of one agent are not another's.
    let other = AgentId(Uuid::from_u128(9));
    assert_eq!(code(run_as(&tool, other, json!({ "method": "GET", "url": url })).await), "http_not_allowed");
    let none = HttpRequest::new(&Settings::default(), Names::of(&[]), Arc::new(NoSecrets)).unwrap();
    assert_eq!(code(run_as(&none, AGENT, json!({ "method": "GET", "url": url })).await), "http_not_allowed");
    assert!(service.requests().is_empty());
}

#[tokio::test]
async fn names_that_lead_inside_lead_nowhere() {
    let service = Service::start().await;
    for (number, addresses) in [
        "127.0.0.1",
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001::1",
        "::127.0.0.1",
        // One that may be reached does not let in one that may not.
        "1.1.1.1 127.0.0.1",
        "127.0.0.1 1.1.1.1",
    ]
    .into_iter()
    .enumerate()
    {
        let tool = tool(
            vec![rule(&service.url("inside.test", "/"), false, &[])],
            Names::of(&[("inside.test", &[addresses])]),
        );
        let answer = get(&tool, &service.url("inside.test", "/")).await;
        assert_eq!(code(answer), "address_not_allowed", "{number}: {addresses}");
    }
    // A rule that says so reaches the house, and still not what is nobody's.
    for addresses in [
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "127.0.0.1 169.254.169.254",
    ] {
        let tool = tool(
            vec![rule(&service.url("inside.test", "/"), true, &[])],
            Names::of(&[("inside.test", &[addresses])]),
        );
        assert_eq!(
            code(get(&tool, &service.url("inside.test", "/")).await),
            "address_not_allowed",
            "{addresses}"
        );
    }
    assert!(service.requests().is_empty());
}

#[tokio::test]
async fn every_spelling_of_an_address_is_looked_at() {
    let service = Service::start().await;
    let port = service.address.port();
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::127.0.0.1]",
        "0",
        "0.0.0.0",
        "[::]",
        "169.254.169.254",
        "0xa9fea9fe",
        "2852039166",
    ] {
        let url = format!("http://{host}:{port}/");
        let tool = tool(vec![rule(&url, false, &[])], Names::of(&[]));
        assert_eq!(code(get(&tool, &url).await), "address_not_allowed", "{host}");
    }
    assert!(service.requests().is_empty());
}

#[tokio::test]
async fn a_name_that_is_bound_anew_is_looked_at_anew() {
    let service = Service::start().await;
    // First it leads where it may, later to what clouds keep credentials at.
    let names = Names::of(&[("rebinding.test", &["127.0.0.1", "169.254.169.254"])]);
    let tool = tool(vec![rule(&service.url("rebinding.test", "/"), true, &[])], names);
    assert_eq!(get(&tool, &service.url("rebinding.test", "/echo")).await.unwrap()["status"], 200);
    assert_eq!(code(get(&tool, &service.url("rebinding.test", "/echo")).await), "address_not_allowed");
    assert_eq!(service.requests().len(), 1);
    // In one request it is asked once: what was looked at is what is connected to.
    let names = Names::of(&[("rebinding.test", &["127.0.0.1", "1.1.1.1"])]);
    let tool = crate::world::tool(vec![rule(&service.url("rebinding.test", "/"), true, &[])], names);
    assert_eq!(get(&tool, &service.url("rebinding.test", "/echo")).await.unwrap()["status"], 200);
    assert_eq!(service.requests().len(), 2);
}

#[tokio::test]
async fn redirects_stay_inside_the_rules() {
    let service = Service::start().await;
    let names = Names::of(&[
        ("a.test", &["127.0.0.1"]),
        ("b.test", &["127.0.0.1"]),
        ("out.test", &["169.254.169.254"]),
    ]);
    let allowed = |hosts: &[&str]| {
        hosts.iter().map(|host| rule(&service.url(host, "/"), true, &["CALENDAR"])).collect()
    };
    let tool = tool(allowed(&["a.test", "out.test"]), names.clone());
    let to = |target: &str| service.url("a.test", &format!("/to/{target}"));
    for (target, wanted) in [
        (service.url("b.test", "/echo"), "redirect_not_allowed"),
        ("file:///etc/passwd".to_owned(), "redirect_not_allowed"),
        ("http://169.254.169.254/latest/meta-data".to_owned(), "redirect_not_allowed"),
        (format!("http://x:y@a.test:{}/echo", service.address.port()), "redirect_not_allowed"),
        (service.url("out.test", "/"), "address_not_allowed"),
    ] {
        assert_eq!(code(get(&tool, &to(&target)).await), wanted, "{target}");
    }
    assert_eq!(code(get(&tool, &service.url("a.test", "/loop")).await), "too_many_redirects");
    let inside = get(&tool, &to(&service.url("a.test", "/echo/there"))).await.unwrap();
    assert!(inside["body"].as_str().unwrap().starts_with("GET /echo/there "), "{inside}");
    // What is sent to one place is not sent on to another.
    let both = crate::world::tool(allowed(&["a.test", "b.test"]), names);
    let arguments = json!({
        "method": "GET",
        "url": to(&service.url("b.test", "/echo")),
        "headers": { "Authorization": { "$secret": "CALENDAR", "prefix": "Bearer " }, "Cookie": "a=b", "Accept": "text/plain" },
    });
    run(&both, arguments).await.unwrap();
    let requests = service.requests();
    let (first, second) = (&requests[requests.len() - 2], &requests[requests.len() - 1]);
    assert!(first.contains(&format!("authorization: Bearer {SECRET}")), "{first}");
    assert!(
        !second.contains(SECRET) && !second.contains("cookie") && second.contains("accept: text/plain"),
        "{second}"
    );
    // A request that changes something is not repeated elsewhere.
    let arguments = json!({ "method": "POST", "url": to(&service.url("b.test", "/echo")), "body": "x" });
    let told = run(&both, arguments).await.unwrap();
    assert_eq!(
        (&told["status"], &told["headers"]["location"]),
        (&json!(302), &json!(service.url("b.test", "/echo")))
    );
}

#[tokio::test]
async fn secrets_go_only_where_their_rule_says_and_come_back_from_nowhere() {
    let service = Service::start().await;
    let names = Names::of(&[("a.test", &["127.0.0.1"]), ("b.test", &["127.0.0.1"])]);
    let rules = vec![
        rule(&service.url("a.test", "/"), true, &["CALENDAR", "ABSENT"]),
        rule(&service.url("b.test", "/"), true, &[]),
    ];
    let tool = tool(rules, names);
    let with = |host: &str, name: &str| json!({ "method": "GET", "url": service.url(host, "/echo"), "headers": { "X-Key": { "$secret": name } } });
    let told = run(&tool, with("a.test", "CALENDAR")).await.unwrap();
    assert!(service.requests()[0].contains(SECRET));
    assert!(!told.to_string().contains(SECRET), "{told}");
    assert!(told["body"].as_str().unwrap().contains("[secret CALENDAR]"));
    assert_eq!(code(run(&tool, with("b.test", "CALENDAR")).await), "secret_not_allowed");
    assert_eq!(code(run(&tool, with("a.test", "ABSENT")).await), "unknown_secret");
    assert_eq!(code(run(&tool, with("a.test", "PATH")).await), "secret_not_allowed");
    assert_eq!(service.requests().len(), 1);
    assert!(!format!("{tool:?}").contains(SECRET));
}

#[tokio::test]
async fn headers_of_the_connection_and_line_ends_are_refused() {
    let service = Service::start().await;
    let tool =
        tool(vec![rule(&service.url("a.test", "/"), true, &[])], Names::of(&[("a.test", &["127.0.0.1"])]));
    for (name, value) in [
        ("Host", "evil.test"),
        ("Transfer-Encoding", "chunked"),
        ("Content-Length", "1"),
        ("Connection", "x"),
        ("Proxy-Authorization", "x"),
        ("X-A", "b\r\nX-C: d"),
        ("X-A", "b\nc"),
        ("X A", "b"),
        ("", "b"),
    ] {
        let arguments =
            json!({ "method": "GET", "url": service.url("a.test", "/echo"), "headers": { name: value } });
        assert_eq!(code(run(&tool, arguments).await), "malformed_header", "{name}: {value}");
    }
    let twice = json!({ "method": "GET", "url": service.url("a.test", "/echo"), "headers": { "X-A": "1", "x-a": "2" } });
    assert_eq!(code(run(&tool, twice).await), "malformed_header");
    assert!(service.requests().is_empty());
}

#[tokio::test]
async fn size_and_time_have_limits() {
    let service = Service::start().await;
    let names = Names::of(&[("a.test", &["127.0.0.1"])]);
    let tool = tool(vec![rule(&service.url("a.test", "/"), true, &[])], names);
    let told = get(&tool, &service.url("a.test", "/long")).await.unwrap();
    assert_eq!((told["body"].as_str().unwrap().len(), &told["truncated"]), (10_000, &json!(true)));
    let begun = Instant::now();
    assert_eq!(code(get(&tool, &service.url("a.test", "/slow")).await), "http_timeout");
    assert!(begun.elapsed() < Duration::from_secs(10));
    for path in ["/cut", "/garbage"] {
        assert_eq!(code(get(&tool, &service.url("a.test", path)).await), "http_unanswered", "{path}");
        // Whether something was changed nobody knows.
        let change = json!({ "method": "POST", "url": service.url("a.test", path) });
        assert_eq!(code(run(&tool, change).await), "outcome_unknown", "{path}");
    }
    let change = json!({ "method": "POST", "url": service.url("a.test", "/slow") });
    assert_eq!(code(run(&tool, change).await), "outcome_unknown");
    assert_eq!(code(get(&tool, &service.url("nowhere.test", "/")).await), "http_not_allowed");
}

#[tokio::test]
async fn a_server_without_a_good_certificate_is_not_spoken_to() {
    let service = Service::start().await;
    let url = format!("https://a.test:{}/", service.address.port());
    let tool = HttpRequest::new(
        &settings(vec![rule(&url, true, &["CALENDAR"])]),
        Names::of(&[("a.test", &["127.0.0.1"])]),
        Arc::new(crate::world::OneSecret),
    )
    .unwrap();
    let arguments = json!({ "method": "GET", "url": url, "headers": { "X-Key": { "$secret": "CALENDAR" } } });
    assert_eq!(code(run(&tool, arguments).await), "http_unreachable");
    assert!(service.requests().iter().all(|request| !request.contains(SECRET)));
}
