//! One event to one action, in one trace.

use crate::cli_support::Folder;
use crate::collector::{Collector, Manner, Told};
use crate::house::{House, collecting};
use crate::tree::{Tree, hex};
use hub_openai_fake::{Answer, Fake, Reply, Script};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use serde_json::json;

/// A trace of the device that hears people, and one of the phone on which somebody approves.
pub(crate) const HEARD: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
pub(crate) const TAPPED: &str = "0af7651916cd43dd8448eb211c80319c";
pub(crate) const HEARD_BY: &str = "00f067aa0ba902b7";
pub(crate) const TAPPED_ON: &str = "b7ad6b7169203331";

pub(crate) fn traceparent(trace: &str, span: &str) -> String {
    format!("00-{trace}-{span}-01")
}

/// What a person wishes, which the rules understand; and something that only a model makes something of.
pub(crate) const WISH: &str = "remind me to water the plants tomorrow at 9";
const REMARK: &str = "the boiler hums in a new way";

/// A model that understands the remark.
pub(crate) async fn model() -> Fake {
    let plan = json!({
        "memories": [{"content": "The boiler hums", "predicate": "defect", "person": null, "confidence": 0.9,
                      "sources": ["@said:boiler"]}],
        "actions": [],
    });
    Fake::start(Script::of([]).otherwise(Answer::of(Reply::Json(plan)))).await.unwrap()
}

/// Everything that was told of a wish that was heard, planned, approved and done.
pub(crate) async fn told() -> (Vec<Told>, Fake) {
    let (collector, model) = (Collector::start(Manner::default()).await, model().await);
    let mut environment = collecting(&collector.url);
    environment.push(("OPENAI_BASE_URL", model.url()));
    let house = House::start(Folder::new(), &[], &environment);
    house.plan_by("both").await;
    house.say(&[WISH, REMARK], Some(&traceparent(HEARD, HEARD_BY))).await;
    let action = house.proposed().await;
    house.drained().await;
    house.approve(&action, Some(&traceparent(TAPPED, TAPPED_ON))).await;
    house.done(&action).await;
    house.stop().await;
    (collector.spans(), model)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_trace_goes_from_the_event_to_the_tool() {
    let (spans, model) = told().await;
    let heard = Tree::of(&spans, HEARD);
    let [request] = heard.roots()[..] else { panic!("{:?}", heard.names()) };
    assert_eq!(
        (request.span.name.as_str(), hex(&request.span.parent_span_id)),
        ("POST /v1/events", HEARD_BY.into())
    );
    assert_eq!(request.span.kind(), SpanKind::Server);
    let attributes = request.attributes();
    for (name, value) in [
        ("http.request.method", "POST"),
        ("http.route", "/v1/events"),
        ("http.response.status_code", "200"),
        ("hub.principal", "operator"),
    ] {
        assert_eq!(attributes[name], value);
    }

    let ran = heard.one("execute_tool reminder.set");
    let way = [
        "execute_tool reminder.set",
        "process tools",
        "approve",
        "propose",
        "commit",
        "process plan",
        "POST /v1/events",
    ];
    assert_eq!(heard.way_up(ran), way);
    for (name, above) in [
        ("plan rules", "process plan"),
        ("plan openai", "process plan"),
        ("recall", "plan openai"),
        ("chat gpt-5-mini", "plan openai"),
    ] {
        assert_eq!(heard.way_up(heard.one(name))[1], above);
    }
    assert_eq!(heard.names().iter().filter(|name| **name == "validate").count(), 2);
    assert_eq!(heard.one("process plan").span.kind(), SpanKind::Consumer);
    assert_eq!(heard.one("process plan").attributes()["hub.utterances"], "2");

    // The model was told of which span its answer is a part.
    let asked = heard.one("chat gpt-5-mini");
    let seen = model.seen();
    assert_eq!(seen[0].traceparent.as_deref(), Some(traceparent(HEARD, &hex(&asked.id())).as_str()));
    assert_eq!(
        (asked.span.kind(), &*asked.attributes()["gen_ai.usage.input_tokens"]),
        (SpanKind::Client, "100")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approval_has_its_own_trace_and_both_know_of_each_other() {
    let (spans, _model) = told().await;
    let (heard, tapped) = (Tree::of(&spans, HEARD), Tree::of(&spans, TAPPED));
    let [request] = tapped.roots()[..] else { panic!("{:?}", tapped.names()) };
    assert_eq!(request.span.name, "POST /v1/actions/{action_id}/approve");
    assert_eq!(hex(&request.span.parent_span_id), TAPPED_ON);
    let commit = tapped.one("commit");
    let approval = heard.one("approve");
    let links = |told: &Told| -> Vec<(Vec<u8>, Vec<u8>)> {
        told.span.links.iter().map(|link| (link.trace_id.clone(), link.span_id.clone())).collect()
    };
    assert_eq!(links(approval), [(commit.span.trace_id.clone(), commit.id())]);
    assert_eq!(links(commit), [(approval.span.trace_id.clone(), approval.id())]);
    // What was proposed is linked with the request whose words it is made of.
    let request = heard.one("POST /v1/events");
    assert_eq!(links(heard.one("propose")), [(request.span.trace_id.clone(), request.id())]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_goes_on_from_its_last_request_and_is_linked_with_the_others() {
    let collector = Collector::start(Manner::default()).await;
    let house = House::start(Folder::new(), &[], &collecting(&collector.url));
    // All within one pause: one window.
    let said = ["remind me to water the plants tomorrow at 9", "and it rains", "all day"];
    let traces = [HEARD, TAPPED, "aaf7651916cd43dd8448eb211c80319d"];
    for (text, trace) in said.iter().zip(traces) {
        house.say(&[text], Some(&traceparent(trace, HEARD_BY))).await;
    }
    house.proposed().await;
    house.drained().await;
    house.stop().await;
    let spans = collector.spans();
    let windows: Vec<&Told> = spans.iter().filter(|told| told.span.name == "process plan").collect();
    let [window] = windows[..] else {
        panic!("{} windows of three utterances within a pause", windows.len())
    };
    assert_eq!(hex(&window.span.trace_id), traces[2]);
    let linked: Vec<String> = window.span.links.iter().map(|link| hex(&link.trace_id)).collect();
    assert_eq!(linked, traces[..2]);
    let proposal = spans.iter().find(|told| told.span.name == "propose").unwrap();
    assert_eq!(hex(&proposal.span.trace_id), traces[2]);
    let sources: Vec<String> = proposal.span.links.iter().map(|link| hex(&link.trace_id)).collect();
    assert_eq!(sources, [traces[0]], "whose words it is made of");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_caller_does_not_want_recorded_is_recorded_nowhere() {
    let collector = Collector::start(Manner::default()).await;
    let house = House::start(Folder::new(), &[], &collecting(&collector.url));
    house.say(&[WISH], Some(&format!("00-{HEARD}-{HEARD_BY}-00"))).await;
    let action = house.proposed().await;
    house.approve(&action, None).await;
    house.done(&action).await;
    house.stop().await;
    let spans = collector.spans();
    assert!(!spans.is_empty(), "the approval has a trace");
    assert!(Tree::of(&spans, HEARD).names().is_empty());
    let ran = spans.iter().any(|told| told.span.name.starts_with("execute_tool"));
    assert!(!ran, "the run is of the same trace");
}
