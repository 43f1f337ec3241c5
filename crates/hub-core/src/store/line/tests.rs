use super::*;
use crate::context::{Principal, Scoped, scoped_by_hub};
use crate::events::ingest::Submission;
use crate::store::Reach;
use crate::store::commit::Operation;
use futures_util::FutureExt as _;
use std::time::Duration;
use tokio::sync::oneshot;
use uuid::Uuid;

fn agent(number: u128) -> Scoped {
    scoped_by_hub(AgentId(Uuid::from_u128(number)))
}

fn events(number: u128) -> Job {
    let submission = Submission {
        agent: agent(number),
        principal: Principal::Admin,
        events: Vec::new(),
        clock_error: Duration::ZERO,
        pace: crate::planner::Pace::default(),
        trace: None,
    };
    Job::Ingest(submission, oneshot::channel().0)
}

fn operation(numbers: &[u128]) -> Job {
    let reach: Reach = numbers.iter().map(|number| agent(*number)).collect();
    Job::Operation(Operation::new(reach, |_| Box::pin(async { Ok(()) }), oneshot::channel().0))
}

/// A line in which these wait.
fn line(jobs: Vec<Job>) -> Arc<Line> {
    let line = Arc::new(Line::default());
    jobs.into_iter().for_each(|job| submit(&line, job));
    line
}

fn submit(line: &Line, job: Job) {
    // A test that does much at once does not make room for others.
    let submitted = tokio::task::unconstrained(line.submit(job));
    submitted.now_or_never().expect("there is a place").expect("it is open");
}

fn turn(line: &Line, writer: WriterNumber) -> Turn<'_> {
    Turn { line, writer, batch: Batch::default() }
}

/// How many jobs a writer takes of what waits.
fn takes(turn: &mut Turn<'_>) -> usize {
    turn.take(Nothing::GoOn, |_| true)
}

/// What comes without anybody's doing.
async fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    for _ in 0..100 {
        if let Some(outcome) = future.as_mut().now_or_never() {
            return outcome;
        }
        tokio::task::yield_now().await;
    }
    panic!("it waits for something");
}

#[test]
fn a_writer_takes_everything_but_what_another_is_about() {
    let line = line(vec![events(1), events(2), events(1)]);
    let (mut first, mut second) = (turn(&line, 0), turn(&line, 1));
    assert_eq!((takes(&mut first), takes(&mut second)), (3, 0));
    [events(1), events(3), events(2), operation(&[3])].into_iter().for_each(|job| submit(&line, job));
    assert_eq!(takes(&mut second), 2, "3 alone is nobody's");
    assert_eq!(second.batch.reach(), agent(3).into());
    assert_eq!(takes(&mut first), 2);
    drop(first);
    submit(&line, events(1));
    assert_eq!(takes(&mut second), 1, "a commit that ended is in nobody's way");
}

#[test]
fn nothing_overtakes_what_is_about_the_same_agent() {
    let line = line(vec![events(1)]);
    let (mut first, mut second) = (turn(&line, 0), turn(&line, 1));
    assert_eq!(takes(&mut first), 1);
    [operation(&[1, 2]), events(2), events(3)].into_iter().for_each(|job| submit(&line, job));
    assert_eq!(takes(&mut second), 1, "2 waits behind what waits for 1");
    assert_eq!(second.batch.reach(), agent(3).into());
    assert_eq!(takes(&mut first), 2);
}

#[test]
fn what_spans_agents_is_written_by_one_at_a_time() {
    let line = line(vec![operation(&[])]);
    let (mut first, mut second) = (turn(&line, 0), turn(&line, 1));
    assert_eq!(takes(&mut first), 1);
    [operation(&[]), events(1)].into_iter().for_each(|job| submit(&line, job));
    assert_eq!(takes(&mut second), 1);
    assert_eq!(takes(&mut first), 1);
}

#[test]
fn who_has_the_turn_of_agents_admits_their_events_alone() {
    let line = line(vec![events(1)]);
    let mut first = turn(&line, 0);
    assert_eq!(takes(&mut first), 1);
    [events(2), events(1), operation(&[1]), events(1)].into_iter().for_each(|job| submit(&line, job));
    first.admit();
    assert_eq!((first.batch.submissions.len(), first.batch.operations.len()), (2, 0));
    assert_eq!(first.batch.submissions.len(), first.batch.askers.len());
    first.admit();
    assert_eq!(first.batch.submissions.len(), 2, "the last one waits behind the operation");
    assert_eq!(takes(&mut first), 3);
}

#[tokio::test]
async fn a_full_commit_leaves_the_rest_to_another() {
    let line = line((0..300).map(|number| operation(&[number])).collect());
    let desks = [line.open_desk(), line.open_desk()];
    let first = at_once(desks[0].next()).await.expect("there is work");
    let second = at_once(desks[1].next()).await.expect("there is work");
    assert_eq!((first.batch.jobs, second.batch.jobs), (256, 44));
}

#[tokio::test]
async fn who_rests_is_woken_by_what_a_full_commit_leaves() {
    let line = line((0..300).map(events).collect());
    let desks = [line.open_desk(), line.open_desk()];
    let first = at_once(desks[0].next()).await.expect("there is work");
    (0..300).for_each(|number| submit(&line, operation(&[number])));
    let mut resting = pin!(desks[1].next());
    assert!(resting.as_mut().now_or_never().is_none(), "all of it is another's");
    drop(first);
    assert!(resting.as_mut().now_or_never().is_none());
    let again = at_once(desks[0].next()).await.expect("there is work");
    let others = at_once(resting).await.expect("there is work");
    assert_eq!((again.batch.jobs, others.batch.jobs), (256, 44));
}

#[tokio::test]
async fn who_rests_is_woken_by_what_he_can_take() {
    let line = line(vec![]);
    let desks = [line.open_desk(), line.open_desk()];
    let mut resting = pin!(desks[0].next());
    assert!(resting.as_mut().now_or_never().is_none());
    let mut other = turn(&line, 1);
    submit(&line, events(1));
    assert_eq!(takes(&mut other), 1, "it was faster");
    assert!(resting.as_mut().now_or_never().is_none());
    submit(&line, events(1));
    assert!(resting.as_mut().now_or_never().is_none(), "that is another's");
    submit(&line, events(2));
    let taken = at_once(resting).await.expect("there is work");
    assert_eq!(taken.batch.reach(), agent(2).into());
}

#[tokio::test]
async fn a_closed_line_is_emptied_and_takes_nothing_on() {
    let line = line(vec![events(1)]);
    let [one, other] = [line.open_desk(), line.open_desk()];
    let mut first = at_once(one.next()).await.expect("there is work");
    submit(&line, events(1));
    let mut resting = pin!(other.next());
    assert!(resting.as_mut().now_or_never().is_none());
    line.close();
    assert_eq!(at_once(line.submit(events(2))).await.map_err(|error| error.code()), Err("stopping"));
    assert!(resting.as_mut().now_or_never().is_none(), "something still waits");
    assert_eq!(takes(&mut first), 1);
    drop(first);
    assert!(at_once(one.next()).await.is_none());
    drop(one);
    assert!(at_once(resting).await.is_none());
}

#[tokio::test]
async fn who_rests_takes_what_waited_for_a_writer_that_died() {
    let line = line(vec![events(1)]);
    let [dying, other] = [line.open_desk(), line.open_desk()];
    submit(&line, events(1));
    let mut resting = pin!(other.next());
    let died = std::panic::AssertUnwindSafe(async {
        let desk = dying;
        let _turn = at_once(desk.next()).await.expect("there is work");
        submit(&line, events(1));
        assert!(resting.as_mut().now_or_never().is_none());
        panic!("in the middle of a commit");
    });
    assert!(died.catch_unwind().await.is_err());
    assert_eq!(at_once(resting).await.map(|turn| turn.batch.jobs), Some(1));
}

#[tokio::test]
async fn who_waits_is_told_when_no_writer_is_left() {
    let line = line(vec![]);
    let desks = [line.open_desk(), line.open_desk()];
    let (answer, answered) = oneshot::channel();
    let nothing = Operation::new(agent(1).into(), |_| Box::pin(async { Ok(()) }), answer);
    submit(&line, Job::Operation(nothing));
    let [first, second] = desks;
    drop(first);
    submit(&line, events(1));
    drop(second);
    assert!(at_once(answered).await.is_err());
    assert_eq!(at_once(line.submit(events(1))).await.map_err(|error| error.code()), Err("stopping"));
}

#[tokio::test]
async fn a_place_is_free_once_its_job_is_taken() {
    let line = line((0..WAITING_WRITES).map(|_| events(1)).collect());
    let desks = [line.open_desk(), line.open_desk()];
    let mut late = pin!(line.submit(events(1)));
    assert!(late.as_mut().now_or_never().is_none());
    let turn = at_once(desks[0].next()).await.expect("there is work");
    assert_eq!(turn.batch.jobs, WAITING_WRITES);
    assert!(at_once(late).await.is_ok());
}
