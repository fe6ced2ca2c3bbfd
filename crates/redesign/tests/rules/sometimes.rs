//! A matter that only some answers bring, whose window wants more than the others.

use onething_model::Lang;
use onething_plan::{Actor, Answer, FieldIx, Scenario};
use onething_redesign::rewrite::{Prefer, Redesign, Rule};

use crate::svc::Svc;

/// A matter each for `one` and `far`; `far` is part of the case for some answers only.
const SOMETIMES: Svc = Svc {
    steps: "  one:
    title: One
    matter: m
    by: officer
    reads: { who: [name, town] }
    writes: { r: [number] }
    limit: 1wd
  far:
    title: Far
    matter: n
    by: officer
    reads: { who: [town, name] }
    writes: { r: [note] }
    limit: 1wd
",
    asks: "",
    before: "",
    workload: "",
    prefer: Prefer::Time,
};

/// What the window of each matter wants.
#[derive(Clone, Copy, Default)]
struct Window {
    visits: u32,
    asks: &'static str,
    /// The answers that bring the matter; all where empty.
    when: &'static str,
}

const fn window(visits: u32, asks: &'static str, when: &'static str) -> Window {
    Window { visits, asks, when }
}

const CODE: &str = "firm: [code]";
const NICK: &str = "who: [nick]";

/// The windows of both matters; then trips and fields of the one application's own, and what
/// is to be confirmed.
#[test]
fn what_some_answers_bring_is_not_asked_for_all() {
    let all = |asks| window(1, asks, "");
    let some = |asks| window(1, asks, "q");
    let others = |asks| window(1, asks, "!q");
    let table = [
        ([all(""), window(2, "", "")], "2 trips, asks "),
        (
            [all(""), window(2, "", "q")],
            "1 trips, asks ; a matter that only some",
        ),
        ([window(2, "", ""), some("")], "2 trips, asks "),
        ([all(""), all(CODE)], "1 trips, asks firm.code"),
        (
            [all(""), some(CODE)],
            "1 trips, asks ; whether N needs Firm: Code at all",
        ),
        // What steps read is asked where they read it, be it a step of the other matter.
        ([all(""), some("who: [town]")], "1 trips, asks "),
        ([all(""), some("firm: [name]")], "1 trips, asks "),
        // The applicant's own, whom the office has to know, is asked of nobody anew either.
        ([all(""), all(NICK)], "1 trips, asks who.nick"),
        (
            [all(""), some(NICK)],
            "1 trips, asks ; whether N needs Person: Nick to reach or to know the applicant",
        ),
        (
            [all(""), some("who: [scan, nick]")],
            "1 trips, asks ; whether N needs Person: Scan to reach or to know the applicant; whether N needs Person: Nick to reach or to know the applicant",
        ),
        // All answers bring a matter that wants it, each another one.
        ([some(NICK), others(NICK)], "1 trips, asks who.nick"),
        ([some(CODE), others(CODE)], "1 trips, asks firm.code"),
        (
            [some(NICK), others("")],
            "1 trips, asks ; whether M needs Person: Nick to reach or to know the applicant",
        ),
        // Nobody has to give what only some had to.
        (
            [all("who: [\"nick?\"]"), some(NICK)],
            "1 trips, asks who.nick?",
        ),
        (
            [some(NICK), all("who: [\"nick?\"]")],
            "1 trips, asks who.nick?",
        ),
        (
            [all(NICK), some("who: [\"nick?\"]")],
            "1 trips, asks who.nick",
        ),
    ];
    let mut wrong = String::new();
    for (windows, expected) in table {
        let of = |window: Window| {
            format!(
                "{{ intake: {{ visits: {}, asks: {{ {} }} }} }}",
                window.visits, window.asks
            )
        };
        let when = |window: Window| match window.when {
            "" => String::new(),
            when => format!(", when: \"{when}\""),
        };
        let [m, n] = windows;
        let matters = format!("matters: {{ m: {}, n: {} }}", of(m), of(n));
        let service = format!(
            "  m: {{ title: M, department: d{} }}\n  n: {{ title: N, department: e{},",
            when(m),
            when(n)
        );
        let mut change = vec![
            ("intake: { visits: 1, asks: { who: [id, doc] } }", &*matters),
            (
                "  m: { title: M, department: d }\n  n: { title: N, department: e,",
                &*service,
            ),
            (
                "  doc: { title",
                "  nick: { title: Nick, type: text }\n  scan: { title: Scan, type: document }\n  doc: { title",
            ),
        ];
        if n.asks == "firm: [name]" {
            change.push((
                "reads: { who: [name, town] }",
                "reads: { who: [name, town], firm: [name] }",
            ));
        }
        let told = told(&SOMETIMES.made(&change));
        if told != expected {
            wrong += &format!("{service} {matters}: `{told}`, not `{expected}`\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// The one application as R1 leaves it: what no step reads is dropped afterwards, in its own
/// right.
fn told(made: &Redesign) -> String {
    let of = |rule: Rule| made.applied.iter().find(|proof| proof.rule == rule);
    let Some(proof) = of(Rule::AskOnce) else {
        let why: Vec<&str> = made.refused.iter().map(|one| one.why.en()).collect();
        return format!("no R1: {why:?}");
    };
    let apply = made.plan.find_step("apply").unwrap();
    let step = made.plan.step(apply);
    assert!(matches!(step.actor, Actor::Submission(_)));
    let dropped = of(Rule::DeadData).into_iter();
    let dropped = dropped.flat_map(|proof| &proof.changed);
    let dropped = dropped.flat_map(|line| &line.fields);
    let asks: Vec<String> = step
        .reads
        .iter()
        .map(|read| {
            let mark = if read.optional { "?" } else { "" };
            format!("{}{mark}", made.plan.field(read.field).path)
        })
        .chain(dropped.map(ToString::to_string))
        .collect();
    let mut told = format!("{} trips, asks {}", step.visits, asks.join(" "));
    for confirm in &proof.confirm {
        if confirm.en().starts_with("a matter that only some") {
            told += "; a matter that only some";
        }
        if let Some((known, _)) = confirm.en().split_once(": if so, let a step of") {
            told += &format!("; {known}");
        }
    }
    told
}

/// What every applicant was asked and only steps of `far` read, for which a registry gives it
/// where `far` is part of the case: what the form asks and what is looked up, where it is and
/// where it is not.
#[test]
fn who_applies_is_known_where_no_registry_is_asked() {
    let registry = ("fetched: nothing", "fetched: everything");
    // What the forms asked besides, what `far` reads, and the form of both answers.
    let table = [
        ("who: [name]", "who: [id, name]", "id (name) / name"),
        ("who: [name]", "who: [name]", "name / name"),
        (
            "who: [name, town]",
            "who: [id, name, town]",
            "id (name, town) / id (name, town)",
        ),
        ("who: [\"name?\"]", "who: [id, name]", "id (name) / name?"),
        (
            "who: [id, name]",
            "who: [id, name]",
            "id (name) / id (name)",
        ),
        // Who applies, and nothing else: the rest is asked where it is read, a document too.
        ("firm: [name]", "firm: [code, name]", "code (name) / "),
        ("firm: [code, name]", "firm: [code, name]", "code (name) / "),
        (
            "who: [name, doc]",
            "who: [id, name, doc]",
            "id doc (name) / name",
        ),
    ];
    let mut wrong = String::new();
    for (asks, reads, expected) in table {
        let asks = format!("asks: {{ {asks} }}");
        let reads = format!("reads: {{ {reads} }}");
        let mut change = vec![
            ("asks: { who: [id, doc] }", &*asks),
            ("reads: { who: [name, town] }", "reads: { firm: [note] }"),
            ("reads: { who: [town, name] }", &*reads),
            ("department: e, refused", "department: e, when: q, refused"),
            ("gives: [town] }", "gives: [town], basis: law }"),
        ];
        for fetched in [false, true] {
            change.extend(fetched.then_some(registry));
            let made = SOMETIMES.made(&change);
            let told = [true, false].map(|far| known(&made, far)).join(" / ");
            if told != expected {
                wrong +=
                    &format!("{asks} {reads}, fetched {fetched}: `{told}`, not `{expected}`\n");
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// A step that can do without does not make a requirement of all forms a choice.
#[test]
fn what_had_to_be_given_has_to_be_given_still() {
    let table = [("who: [name]", "name"), ("who: [\"name?\"]", "name?")];
    for (asks, expected) in table {
        let asks = format!("asks: {{ {asks} }}");
        let made = SOMETIMES.made(&[
            ("asks: { who: [id, doc] }", &asks),
            (
                "reads: { who: [name, town] }",
                "reads: { who: [\"name?\"] }",
            ),
            ("reads: { who: [town, name] }", "reads: { firm: [note] }"),
        ]);
        assert_eq!(known(&made, true), expected, "{asks}");
    }
}

/// What the form asks but for what `one` reads, and in brackets what is looked up.
fn known(made: &Redesign, far: bool) -> String {
    let plan = &made.plan;
    let mut answers = plan.reference.clone();
    let question = plan.find_question("q").unwrap();
    answers.set(question, Some(Answer::YesNo(far)));
    let scenario = Scenario::resolve(plan, &answers);
    let name = |field: FieldIx| plan.field(field).path.field.to_string();
    let (mut asked, mut found) = (Vec::new(), Vec::new());
    for step in scenario.steps().iter().copied() {
        let form = scenario.form(step).iter();
        let form = form.map(|asked| name(asked.field) + if asked.optional { "?" } else { "" });
        match &plan.step(step).actor {
            Actor::Submission(_) => asked.extend(form),
            Actor::LookUp(_) => found.extend(form),
            Actor::System | Actor::Officer | Actor::Applicant | Actor::Outside => {}
        }
    }
    asked.retain(|field| field != "note");
    let found = found.join(", ");
    let found = if found.is_empty() {
        found
    } else {
        format!(" ({found})")
    };
    asked.join(" ") + &found
}

/// A saving that hangs on what is asked to be confirmed has a mark, and so has the total.
#[test]
fn what_has_to_be_confirmed_is_marked_in_the_waterfall() {
    const TRIPS: Svc = Svc {
        steps: "  one: { title: One, matter: m, by: officer, reads: { who: [id, doc] }, writes: { r: [number] }, limit: 1wd }
  far: { title: Far, matter: n, by: officer, reads: { who: [doc] }, limit: 1wd }
",
        asks: "",
        before: "",
        workload: "",
        prefer: Prefer::Time,
    };
    let sometimes = (
        "refused: ends matter }\n",
        "when: q, refused: ends matter }\n",
    );
    let more = (
        "intake: { visits: 1,",
        "matters: { n: { visits: 3, because: x } }\nintake: { visits: 1,",
    );
    let marks = |change: &[(&str, &str)]| {
        let made = TRIPS.made(change);
        let json = made.json()["waterfall"].clone();
        let names = |of: &serde_json::Value| -> Vec<String> {
            let list = of["to_confirm"].as_array().into_iter().flatten();
            list.map(|name| name.as_str().unwrap().to_owned()).collect()
        };
        let bars = json["bars"].as_array().unwrap().iter();
        let bars = bars.map(|bar| (bar["rule"].to_string(), names(bar)));
        let page = made.markdown(Lang::Zh);
        let row = page.lines().find(|line| line.contains("跑动次数"));
        let row = row.unwrap().replace('\\', "");
        (bars.collect::<Vec<_>>(), names(&json), row, page)
    };
    // The one application is taken to cost what the other matter did: nobody has said so.
    let (bars, total, row, page) = marks(&[sometimes, more]);
    let time = "processing_time";
    assert_eq!(
        bars[0],
        ("\"ask-once\"".to_owned(), vec!["visits".to_owned()])
    );
    assert_eq!(total, [time, "visits"]);
    assert_eq!(row, "| 跑动次数（次） | 4 | -3* | 0 | 1* |");
    assert!(page.contains("确认不了的，就省不下来"), "{page}");
    // Here the trips are those of a matter that all bring.
    let (bars, total, row, _) = marks(&[more]);
    assert_eq!(bars[0].1, [] as [&str; 0]);
    assert_eq!(total, [time]);
    assert_eq!(row, "| 跑动次数（次） | 4 | -1 | 0 | 3 |");
}
