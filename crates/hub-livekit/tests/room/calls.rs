//! Calls both ways, beside Python's package.

use super::join;
use crate::support::peer::Peer;
use crate::support::{live, unique, until};
use hub_livekit::room::{CallError, LONGEST_PAYLOAD};
use serde_json::json;
use std::time::Duration;

const WITHIN: Duration = Duration::from_secs(5);

#[tokio::test]
async fn calls_of_ours_are_answered_or_fail_with_their_code() {
    let Some(live) = live() else { return };
    let Some(peer) = Peer::python() else { return };
    let name = unique("calls");
    peer.join_with(&live, &live.url, &name, "python", json!({ "methods": ["echo"] })).await;
    let (room, _events) = join(&live, &name, "rust").await;
    let call = async |to: &str, method: &str, payload: &str| room.call(to, method, payload, WITHIN).await;
    assert_eq!(call("python", "echo", "hello").await, Ok("rust: hello".to_owned()));
    let refused = call("python", "echo", "refuse").await.unwrap_err();
    assert_eq!((refused.code, refused.message.as_str()), (1500, "refused"));
    assert_eq!(refused.data, "as asked for");
    let code = |answer: Result<String, CallError>| answer.unwrap_err().code;
    assert_eq!(code(call("python", "none", "").await), CallError::UNSUPPORTED_METHOD);
    assert_eq!(code(call("nobody", "echo", "").await), CallError::RECIPIENT_NOT_FOUND);
    let long = "x".repeat(LONGEST_PAYLOAD + 1);
    assert_eq!(code(call("python", "echo", &long).await), CallError::REQUEST_TOO_LARGE);
    room.leave().await;
}

#[tokio::test]
async fn calls_of_others_are_answered_and_never_left_waiting() {
    let Some(live) = live() else { return };
    let Some(peer) = Peer::python() else { return };
    let name = unique("calls");
    let (room, _events) = join(&live, &name, "rust").await;
    let mut calls = room.serve("double").await.unwrap();
    peer.join(&live, &live.url, &name, "python").await;
    let call = async |method: &str, payload: &str| {
        peer.order("call", json!({ "to": "rust", "method": method, "payload": payload })).await
    };
    let answering = async {
        let call = calls.next().await.unwrap();
        assert_eq!(call.caller, "python");
        let answer = call.payload.repeat(2);
        call.answer(Ok(answer)).await.unwrap();
        let call = calls.next().await.unwrap();
        call.answer(Err(CallError { code: 42, message: "no".to_owned(), data: String::new() }))
            .await
            .unwrap();
        let call = calls.next().await.unwrap();
        call.answer(Ok("x".repeat(LONGEST_PAYLOAD + 1))).await.unwrap();
        drop(calls.next().await.unwrap());
        drop(calls);
    };
    let calling = async {
        assert_eq!(call("double", "ab").await["answer"], "abab");
        assert_eq!(call("double", "").await["code"], 42);
        assert_eq!(call("double", "").await["code"], CallError::RESPONSE_TOO_LARGE);
        assert_eq!(call("double", "").await["code"], CallError::APPLICATION);
        until("the method is gone", WITHIN, async || {
            (call("double", "").await["code"] == CallError::UNSUPPORTED_METHOD).then_some(())
        })
        .await;
    };
    tokio::join!(answering, calling);
    room.leave().await;
}

#[tokio::test]
async fn a_call_ends_when_the_one_who_is_called_leaves_or_says_nothing() {
    let Some(live) = live() else { return };
    let name = unique("calls");
    let (caller, _events) = join(&live, &name, "caller").await;
    let (called, _of_called) = join(&live, &name, "called").await;
    let mut calls = called.serve("wait").await.unwrap();
    until("the other is there", WITHIN, async || (!caller.participants().is_empty()).then_some(())).await;
    let short = Duration::from_millis(500);
    let (late, kept) = tokio::join!(caller.call("called", "wait", "", short), calls.next());
    assert_eq!(late.unwrap_err().code, CallError::RESPONSE_TIMEOUT);
    let leaving = async {
        let call = calls.next().await;
        called.leave().await;
        call
    };
    let (gone, _call) = tokio::join!(caller.call("called", "wait", "", WITHIN), leaving);
    assert_eq!(gone.unwrap_err().code, CallError::RECIPIENT_DISCONNECTED);
    drop(kept);
    caller.leave().await;
}
