//! Goals and players over a world made by hand.

use crate::{Lesson, News, Now, Player, Progress, Source, World};
use apimachinery::{Object, Resource, Value, json};
use client::{Place, RequestRecord};
use sim::net::Error;
use sim::{Duration, Time};
use std::sync::Arc;

#[derive(Default)]
struct Made {
    now: Time,
    objects: Vec<Object>,
    requests: Vec<Arc<RequestRecord>>,
}

impl World for Made {
    fn now(&self) -> Time {
        self.now
    }

    fn objects(&self, resource: &Resource) -> Vec<Object> {
        self.objects.iter().filter(|o| o.kind() == resource.kind).cloned().collect()
    }

    fn requests(&self, from: u64) -> (Vec<Arc<RequestRecord>>, u64) {
        (self.requests.iter().skip(from as usize).cloned().collect(), self.requests.len() as u64)
    }
}

impl Made {
    fn pod(&mut self, name: &str, labels: Value, status: Value) {
        let meta = json!({"name": name, "namespace": "default", "labels": labels});
        self.objects.push(Object(json!({"kind": "Pod", "metadata": meta, "status": status})));
    }

    fn asked(&mut self, from: Place, result: Result<u16, Error>, body: &str) {
        self.requests.push(Arc::new(RequestRecord {
            at: self.now,
            ended: self.now,
            from,
            url: "http://10.96.0.9:80/".into(),
            named: Some("http://web:80/".into()),
            service: Some(("default".into(), "web".into())),
            pod: None,
            result,
            body: body.into(),
        }));
    }

    fn wait(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
    }
}

/// A lesson of one step with these goals.
fn lesson(goals: &str) -> Lesson {
    let goals: String = goals.lines().map(|line| format!("      {line}\n")).collect();
    let yaml = format!("version: 1\nminutes: 1\nsteps:\n  - id: s\n    goals:\n{goals}");
    let source = Source::new(vec![("lesson.yaml".into(), yaml)]);
    let (lesson, problems) = Lesson::read("c/l", &source);
    assert_eq!(problems, []);
    lesson
}

/// How things are for the first goal.
fn now(player: &Player, lesson: &Lesson, world: &Made) -> Option<Now> {
    player.missing(lesson, "en", world).first().map(|m| m.now.clone())
}

#[test]
fn objects_are_counted_as_the_goal_says() {
    let mut world = Made::default();
    world.pod("web-1", json!({"app": "web"}), json!({"phase": "Running", "cpu": "250m"}));
    world.pod("web-2", json!({"app": "web"}), json!({"phase": "Pending"}));
    world.pod("db", json!({"app": "db"}), json!({"phase": "Running", "ips": ["a", "b"], "main": "a"}));
    let cases = [
        ("{kind: Pod, count: 3}", None),
        ("{kind: po, selector: app=web, count: 2}", None),
        ("{kind: pods, name: web-*, count: 3}", Some(Now::Count(2))),
        ("{kind: Pod, name: db, absent: true}", Some(Now::Count(1))),
        ("{kind: Pod, name: no, absent: true}", None),
        ("{kind: Pod, namespace: other}", Some(Now::Count(0))),
        ("{kind: Pod, namespace: '*', count: '>2'}", None),
        ("{kind: Pod, where: [{path: .status.phase, is: Running}], count: 2}", None),
        (
            "{kind: Pod, name: db, where: [{path: .status.phase, is: Failed}]}",
            Some(Now::Value("Running".into())),
        ),
        ("{kind: Pod, name: db, where: [{path: .status.nope, is: x}]}", Some(Now::Value(String::new()))),
        ("{kind: Pod, where: [{path: .status.phase, not: Running}]}", None),
        ("{kind: Pod, where: [{path: .metadata.name, matches: '^d.$'}]}", None),
        ("{kind: Pod, where: [{path: .status.cpu, gte: 200m, lte: 1}]}", None),
        ("{kind: Pod, where: [{path: .status.cpu, gte: 300m}]}", Some(Now::Count(0))),
        ("{kind: Pod, where: [{path: '.status.ips[*]', count: 2}]}", None),
        ("{kind: Pod, where: [{path: '.status.ips[0]', same: .status.main}]}", None),
        ("{kind: Pod, where: [{path: .status.ips, exists: false}], count: 2}", None),
    ];
    for (goal, expected) in cases {
        let lesson = lesson(&format!("- id: g\n  object: {goal}"));
        let player = Player::new(&lesson, &world);
        let now = now(&player, &lesson, &world).filter(|now| !matches!(now, Now::Held(_)));
        assert_eq!(now, expected, "{goal}");
    }
}

#[test]
fn requests_count_from_the_step_on() {
    let mut world = Made::default();
    world.asked(Place::Laptop, Ok(200), "early");
    let goal = "{to: service/web, from: laptop, contains: v=2, count: '>=2', failed: 0, different: 2}";
    let lesson = lesson(&format!("- id: g\n  request: {goal}"));
    let mut player = Player::new(&lesson, &world);
    let look = |player: &mut Player, world: &Made| player.look(&lesson, world, &[]).len();
    world.asked(Place::Laptop, Ok(200), "a v=2");
    world.asked(Place::Laptop, Ok(200), "a v=2");
    world.asked(Place::Node("n".into()), Ok(200), "b v=2");
    assert_eq!(look(&mut player, &world), 0);
    assert_eq!(now(&player, &lesson, &world), Some(Now::Count(1)), "one answer only, twice");
    let mut unlucky = player.clone();
    world.asked(Place::Laptop, Ok(200), "b v=2");
    assert_eq!(look(&mut player, &world), 3, "reached, step done, solved");
    world.asked(Place::Laptop, Err(Error::Timeout), "");
    assert_eq!(look(&mut unlucky, &world), 0);
    assert_eq!(now(&unlucky, &lesson, &world), Some(Now::Requests(3, 1)));
    unlucky.begin(&lesson, &world);
    assert_eq!(now(&unlucky, &lesson, &world), Some(Now::Requests(0, 0)), "begun again");
}

#[test]
fn the_last_while_forgives_what_failed_before() {
    let mut world = Made::default();
    let lesson = lesson("- id: g\n  request: {to: service/web, count: 2, failed: 0, last: 30s}");
    let mut player = Player::new(&lesson, &world);
    world.wait(100);
    world.asked(Place::Laptop, Err(Error::ConnectionRefused), "");
    world.asked(Place::Laptop, Ok(200), "");
    world.asked(Place::Laptop, Ok(200), "");
    assert_eq!(player.look(&lesson, &world, &[]), []);
    world.wait(31);
    world.asked(Place::Laptop, Ok(200), "");
    world.asked(Place::Laptop, Ok(302), "");
    assert_eq!(player.look(&lesson, &world, &[]).len(), 3);
}

#[test]
fn goals_hold_for_a_time_and_until_the_end() {
    let mut world = Made::default();
    let goals = "- id: held\n  for: 10s\n  object: {kind: Pod, name: a}\n- id: end\n  keep: false\n  object: {kind: Pod, name: b}\n- id: typed\n  command: ^kubectl get po";
    let lesson = lesson(goals);
    let mut player = Player::new(&lesson, &world);
    world.pod("a", Value::Null, Value::Null);
    world.pod("b", Value::Null, Value::Null);
    assert_eq!(player.look(&lesson, &world, &[("kubectl  get po".into(), 1)]), [News::Reached(1)]);
    world.wait(9);
    assert_eq!(player.look(&lesson, &world, &[]), []);
    let a = world.objects.remove(0);
    world.wait(5);
    assert_eq!(player.look(&lesson, &world, &[("kubectl  get pods".into(), 0)]), [News::Reached(2)]);
    world.objects.insert(0, a);
    player.look(&lesson, &world, &[]);
    let b = world.objects.pop();
    world.wait(10);
    // What is kept over a reload: the time, the command, and that a goal was lost.
    let saved = Value::from_json(&player.save().to_json()).unwrap();
    let mut player = Player::restore(&lesson, &world, &saved);
    assert_eq!(player.look(&lesson, &world, &[]), [News::Reached(0), News::Lost(1)]);
    world.objects.extend(b);
    let news = player.look(&lesson, &world, &[]);
    assert_eq!(news, [News::Reached(1), News::StepDone(0), News::Solved]);
}

#[test]
fn a_lesson_that_could_not_be_read_is_not_noted_as_solved() {
    let source = Source::new(vec![
        ("lesson.yaml".into(), "version: [".into()),
        ("en.md".into(), "# T\n\n## A\n\n## B\n".into()),
    ]);
    let mut broken = Lesson::read("c/l", &source).0;
    broken.fit_to_text();
    let world = Made::default();
    let mut player = Player::new(&broken, &world);
    for step in 1..=2 {
        player.look(&broken, &world, &[]);
        assert_eq!(player.step(), step, "the next step can be read");
    }
    let mut progress = Progress::default();
    progress.note(&broken, &player);
    assert!(!progress.solved("c/l") && !progress.begun("c/l"));
}
