//! Random services: small trees of files, from a seed.

use std::fmt::Write as _;

use onething_definition::SourceSet;
use onething_plan::random::Dice;

const MADE: &str = "contract: made
version: 1.0.0
title: M
fields:
  number: { title: n, type: text }
  note: { title: n, type: text }
  paper: { title: n, type: document }
";

/// What follows from the number of a person.
const DERIVED: &str = "  born: { title: person-born, type: date, derived: { from: id, as: date-of-birth } }
  sex: { title: person-sex, type: choice, options: { female: f, male: m }, derived: { from: id, as: sex } }
";

const FIRM: &str = "contract: firm
version: 1.0.0
title: F
identified_by: [code]
fields:
  code: { title: firm-code, type: text }
  name: { title: firm-name, type: text }
  seat: { title: firm-seat, type: text }
";

/// What a step says, as far as other steps have to know.
#[derive(Clone)]
struct Step {
    matter: usize,
    by: &'static str,
    department: &'static str,
    when: &'static str,
    reads: String,
    writes: &'static str,
    limit: String,
}

/// A small tree: three matters, two to four questions, roles made and asked
/// for, registries with and without a basis, one of them asked by what a step
/// makes, orders of law and of habit, checks done twice and almost twice, chains of the same
/// hands, appointments, duties kept apart, conditions, habits of the walk.
pub(crate) fn service(seed: u64) -> SourceSet {
    SourceSet::from_texts(files(seed, false, one_form).0)
}

/// The same, with matters of which nobody has two: the answer to a question brings the one or the
/// other; by dice of their own.
#[allow(
    dead_code,
    reason = "not every test binary has matters that exclude each other"
)]
pub(crate) fn service_with_exclusive_matters(seed: u64) -> SourceSet {
    let mut dice = Dice::new(seed ^ 0x0_e8c1);
    let [one, other] = [["a", "!a"], ["b", "!b"], ["!b", "b"]][dice.below(3)];
    let mut files = files(seed, false, one_form).0;
    for (_, text) in &mut files {
        *text = text
            .replace(
                "m0: { title: M, department: d0 }",
                &format!("m0: {{ title: M, department: d0, when: \"{one}\" }}"),
            )
            .replace(
                "m2: { title: M, department: d0, ",
                &format!("m2: {{ title: M, department: d0, when: \"{other}\", "),
            );
    }
    SourceSet::from_texts(files)
}

/// The same, more of them with what follows from a number: forms ask for it by hand, and
/// registries are asked with it or give the number.
#[allow(dead_code, reason = "not every test binary asks with what follows")]
pub(crate) fn service_with_what_follows(seed: u64) -> SourceSet {
    SourceSet::from_texts(files(seed, true, one_form).0)
}

/// The same, with a workload that says who works how long and who refuses how often, and each
/// matter handled apart.
#[allow(dead_code, reason = "not every test binary simulates or weighs work")]
pub(crate) fn service_with_work(seed: u64) -> SourceSet {
    worked(seed, apart)
}

/// The same where now and then all was one case already.
#[allow(dead_code, reason = "not every test binary simulates or weighs work")]
pub(crate) fn one_form_with_work(seed: u64) -> SourceSet {
    worked(seed, one_form)
}

fn worked(seed: u64, handled: Handling) -> SourceSet {
    let (mut files, steps) = files(seed, false, handled);
    let mut dice = Dice::new(seed ^ 0x5eed);
    let (mut work, mut refusals) = (Vec::new(), Vec::new());
    for step in steps {
        work.push(format!("{step}: {}h", 1 + dice.below(8)));
        if dice.chance(40) {
            refusals.push(format!("{step}: {}%", 5 + 5 * dice.below(10)));
        }
    }
    let text = format!(
        "assumed: x\narrivals: {{ per_year: 100 }}\nstaff: {{ d0: {{ officers: 1 }}, d1: {{ officers: 1 }} }}\nwork: {{ {} }}\nrefusals: {{ {} }}\n",
        work.join(", "),
        refusals.join(", ")
    );
    files.push(("svc/workload.yaml", text));
    SourceSet::from_texts(files)
}

type Files = Vec<(&'static str, String)>;

/// How the matters are handled, and what the one form asks besides.
type Handling = fn(u64, &[&str], &[(usize, &str)]) -> (String, String);

/// The files, and the steps that an office does.
fn files(seed: u64, more_follows: bool, handled: Handling) -> (Files, Vec<String>) {
    let mut dice = Dice::new(seed);
    let mut person = String::from(
        "contract: person\nversion: 1.0.0\ntitle: P\nidentified_by: [id]\nfields:\n  id: { title: person-id, type: identity-number, sensitivity: public }\n",
    );
    // Dice of their own, so that the rest of a seed's service is as it was without them.
    let mut follows = Dice::new(seed ^ 0x11643);
    let derived = follows.chance(50);
    if derived {
        person.push_str(DERIVED);
    }
    for at in 0..6 {
        let kind = if dice.chance(40) { "document" } else { "text" };
        writeln!(person, "  f{at}: {{ title: person-f{at}, type: {kind} }}").unwrap();
    }
    person.push_str("providers:\n");
    for (name, gives) in [("reg-a", "f0, f1"), ("reg-b", "f2")] {
        person.push_str(&provider(&mut dice, name, "id", gives));
    }
    if derived && more_follows {
        person.push_str(&keyed_by_what_follows(seed));
    }
    let firm = format!(
        "{FIRM}providers:\n{}",
        provider(&mut dice, "reg-firm", "code", "name, seat")
    );
    let count = 2 + dice.below(8);
    let mut roles = String::from("  who: person\n  firm: firm\n");
    let (mut steps, mut before, mut delivers) = (String::new(), String::new(), String::new());
    let mut makers: Vec<(usize, &str)> = Vec::new();
    let mut known: Vec<Step> = Vec::new();
    let mut done_by_offices = Vec::new();
    let law = Law::of_seed(seed);
    let walk = [["m0", "m1", "m2"], ["m2", "m1", "m0"], ["m1", "m2", "m0"]][dice.below(3)];
    // Whether the walk lets one matter's step come before another's.
    let walked = |one: &Step, other: &Step| {
        let at = |step: &Step| {
            walk.iter()
                .position(|matter| matter[1..] == step.matter.to_string())
        };
        at(one) <= at(other)
    };
    // A step that makes the code by which the firm is looked up.
    let mut code: Option<usize> = None;
    for at in 0..count {
        writeln!(roles, "  r{at}: made").unwrap();
        let mut step = step(&mut dice, at, &known, &makers, &mut code);
        let reads_some = step.reads.contains("who: [") && !step.reads.contains("born");
        if derived && reads_some && follows.chance(50) {
            let what = ["born", "born, sex", "\"born?\", sex"][follows.below(3)];
            step.reads = step.reads.replace("who: [", &format!("who: [{what}, "));
        }
        writeln!(
            steps,
            "  s{at}:\n    title: S{at}\n    matter: m{}\n    by: {}",
            step.matter, step.by
        )
        .unwrap();
        for (key, value) in [("department", step.department), ("when", step.when)] {
            if !value.is_empty() {
                writeln!(steps, "    {key}: \"{value}\"").unwrap();
            }
        }
        if !step.reads.is_empty() {
            writeln!(steps, "    reads: {{ {} }}", step.reads).unwrap();
        }
        let mut writes = Vec::new();
        if !step.writes.is_empty() {
            writes.push(format!("r{at}: [{}]", step.writes));
            makers.extend(step.writes.split(", ").map(|field| (at, field)));
            if dice.chance(45) {
                let by = ["electronic, window", "window"][dice.below(2)];
                writeln!(delivers, "  - {{ what: r{at}, by: [{by}] }}").unwrap();
            }
        }
        if code == Some(at) {
            writes.push("firm: [code]".to_owned());
        }
        if !writes.is_empty() {
            writeln!(steps, "    writes: {{ {} }}", writes.join(", ")).unwrap();
        }
        if !step.limit.is_empty() {
            writeln!(steps, "    limit: {}", law.of(&step.limit)).unwrap();
        }
        done_by_offices.push(format!("s{at}"));
        if at > 0 && dice.chance(20) {
            let earlier = dice.below(at);
            if walked(&known[earlier], &step) || dice.chance(5) {
                writeln!(steps, "    after: s{earlier}\n    because: law").unwrap();
            }
        }
        flags(&mut dice, &mut steps, at, count);
        let mut earlier: Vec<usize> = (0..at).collect();
        earlier.retain(|earlier| walked(&known[*earlier], &step));
        habits(&mut dice, &mut before, at, &earlier);
        known.push(step);
    }
    if delivers.is_empty() {
        let Some((role, _)) = makers.first() else {
            return files(seed + 1_000_003, more_follows, handled);
        };
        writeln!(delivers, "  - {{ what: r{role}, by: [electronic] }}").unwrap();
    }
    let told = told_on_the_way(seed, &known, &makers, &mut roles, &mut steps);
    if let Some((role, field)) = makers.last() {
        writeln!(before, "  collect: {{ title: C, matter: m{}, by: applicant, visits: 1, reads: {{ r{role}: [\"{field}?\"] }} }}", known[*role].matter).unwrap();
    }
    if dice.chance(30) {
        let matter = known[0].matter;
        for name in ["twice", "thrice"] {
            writeln!(before, "  {name}: {{ title: T, matter: m{matter}, by: officer, limit: 1wd, reads: {{ who: [f3] }} }}").unwrap();
            done_by_offices.push(name.to_owned());
        }
    }
    almost_twice(seed, known[0].matter, &mut before, &mut done_by_offices);
    let inspections = if dice.chance(40) {
        let one = dice.below(count);
        let other = (one + 1) % count;
        format!(
            "joint_inspections:\n  site: {{ title: Site, steps: [s{one}, s{other}], applicant_attends: yes }}\n"
        )
    } else {
        String::new()
    };
    let there = |matter: &&str| {
        known
            .iter()
            .any(|step| matter[1..] == step.matter.to_string())
    };
    let walk: Vec<&str> = walk.iter().copied().filter(there).collect();
    let mut matters = String::new();
    for (key, says) in [
        ("m0", "department: d0"),
        ("m1", "department: d1, when: b"),
        ("m2", "department: d0, refused: ends matter"),
    ] {
        if walk.contains(&key) {
            writeln!(matters, "  {key}: {{ title: M, {says} }}").unwrap();
        }
    }
    let file = format!(
        "onething: 1\nservice: svc\nversion: 1.0.0\ntitle: T\nowner: d0\ncalendar: round-the-clock\nroles:\n{roles}applicant: who\nquestions:\n  a: {{ ask: a, type: yes-no }}\n  b: {{ ask: b, type: yes-no }}\n  c: {{ ask: c, type: yes-no }}\n  n: {{ ask: n, type: number, min: 0 }}\nreference: {{ a: yes, b: yes, c: no, n: 9 }}\nmatters:\n{matters}steps:\n{steps}delivers:\n{delivers}{inspections}"
    );
    let fetched = ["nothing", "everything", "[reg-a]"][dice.below(3)];
    let by = if dice.chance(50) {
        ", by: officer, limit: 1wd"
    } else {
        ""
    };
    let asks = ["f5, f1", "f5, f1, id", "f4, \"f3?\""][dice.below(3)];
    let more = match derived && more_follows && follows.chance(40) {
        true => [", born", ", born, sex", ", \"sex?\""][follows.below(3)],
        false => "",
    };
    let (handled, known) = handled(seed, &walk, &makers);
    let before = before.replace("limit: 9wd", &format!("limit: {}", law.then));
    let before = format!(
        "before: svc\n{handled}fetched: {fetched}\nbecause: habit\nintake: {{ visits: 1, asks: {{ who: [{asks}{more}]{known} }}{by} }}\n{}steps:\n{before}",
        windows(seed, &walk)
    );
    let mut files = vec![
        (
            "departments.yaml",
            "departments:\n  d0: { title: D }\n  d1: { title: D }\n".to_owned(),
        ),
        ("contracts/person.yaml", person),
        ("contracts/firm.yaml", firm),
        ("contracts/made.yaml", MADE.to_owned()),
        ("svc/service.yaml", file),
        ("svc/before.yaml", before),
    ];
    if told {
        files.push(("contracts/told.yaml", TOLD.to_owned()));
        done_by_offices.push("heed".to_owned());
    }
    (files, done_by_offices)
}

const TOLD: &str = "contract: told\nversion: 1.0.0\ntitle: O\nfields:\n  day: { title: told-day, type: date }\n  slip: { title: told-slip, type: document }\n";

/// What the applicant states in a step of their own when the case comes to it, and an office
/// takes note of, be it for another matter; by dice of their own.
fn told_on_the_way(
    seed: u64,
    known: &[Step],
    makers: &[(usize, &str)],
    roles: &mut String,
    steps: &mut String,
) -> bool {
    let mut dice = Dice::new(seed ^ 0x0_0e57);
    if !dice.chance(35) || makers.is_empty() {
        return false;
    }
    let (role, field) = makers[dice.below(makers.len())];
    let (may, writes) = (
        ["", "?"][dice.below(2)],
        ["day", "day, slip"][dice.below(2)],
    );
    let reads = match dice.chance(60) {
        true => format!("\n    reads: {{ r{role}: [\"{field}{may}\"] }}"),
        false => String::new(),
    };
    let (own, heeds) = (known[role].matter, known[dice.below(known.len())].matter);
    let may = ["", "?"][dice.below(2)];
    writeln!(roles, "  told: told").unwrap();
    writeln!(steps, "  tell:\n    title: L\n    matter: m{own}\n    by: applicant{reads}\n    writes: {{ told: [{writes}] }}").unwrap();
    writeln!(steps, "  heed:\n    title: H\n    matter: m{heeds}\n    by: officer\n    reads: {{ told: [\"day{may}\"] }}").unwrap();
    true
}

/// What the law says of limits, if anything, and how long something took before.
struct Law {
    spare: Option<u64>,
    then: &'static str,
}

impl Law {
    /// By dice of their own; of all steps of a seed, so that what is the same check stays so.
    fn of_seed(seed: u64) -> Self {
        let mut dice = Dice::new(seed ^ 0x0_11417);
        Self {
            spare: dice.chance(35).then(|| dice.below(3) as u64),
            then: [
                "9wd",
                "9wd",
                "{ promised: 9wd }",
                "{ statutory: 1wd, basis: old law }",
                "{ statutory: 9wd, promised: 8wd, basis: old law }",
            ][dice.below(5)],
        }
    }

    /// The limit of a step that is promised as this.
    fn of(&self, promised: &str) -> String {
        let days: u64 = promised.trim_end_matches("wd").parse().unwrap();
        match self.spare {
            None => promised.to_owned(),
            Some(spare) => {
                let law = days + spare;
                format!("{{ statutory: {law}wd, promised: {promised}, basis: law }}")
            }
        }
    }
}

/// Each matter by its own form, one after the other.
fn apart(_: u64, walk: &[&str], _: &[(usize, &str)]) -> (String, String) {
    let walk = walk.join(", ");
    (format!("handled: apart\nwalk: [{walk}]\n"), String::new())
}

/// How the matters were handled, and what the form asks besides: now and then all were one case
/// already, with one form that asks for what steps of the case make; by dice of their own.
fn one_form(seed: u64, walk: &[&str], makers: &[(usize, &str)]) -> (String, String) {
    let mut dice = Dice::new(seed ^ 0x0_0f02);
    if !dice.chance(25) {
        return apart(seed, walk, makers);
    }
    let known = match makers.is_empty() || dice.chance(40) {
        true => String::new(),
        false => {
            let (role, field) = makers[dice.below(makers.len())];
            let may = ["", "?"][dice.below(2)];
            format!(", r{role}: [\"{field}{may}\"]")
        }
    };
    ("handled: together\n".to_owned(), known)
}

/// What the windows of single matters ask for besides, of the applicant and of another, be it
/// read by a step or not; by dice of their own.
fn windows(seed: u64, walk: &[&str]) -> String {
    let mut dice = Dice::new(seed ^ 0x71_4d07);
    let mut text = String::new();
    for matter in walk {
        if dice.chance(30) {
            let asks = [
                "who: [f0]",
                "who: [f2, f3]",
                "who: [\"f4?\", f5]",
                "firm: [seat]",
                "who: [f3], firm: [code]",
            ][dice.below(5)];
            writeln!(text, "  {matter}: {{ asks: {{ {asks} }} }}").unwrap();
        }
    }
    match text.is_empty() {
        true => text,
        false => format!("matters:\n{text}"),
    }
}

/// Two checks that differ in one thing, of those that make them two; by dice of
/// their own, so that the rest of a seed stays what it was.
fn almost_twice(seed: u64, matter: usize, before: &mut String, done: &mut Vec<String>) {
    let mut dice = Dice::new(seed ^ 0xa1_705e);
    if dice.chance(30) {
        // Nothing but the hands tells it from what a system checks first.
        writeln!(
            before,
            "  unlimited: {{ title: T, matter: m{matter}, by: officer, reads: {{ who: [f4] }} }}"
        )
        .unwrap();
        done.push("unlimited".to_owned());
    }
    if !dice.chance(45) {
        return;
    }
    let mut one = ["officer", "1wd", "f3", "", "", ""];
    let mut other = one;
    let at = dice.below(one.len());
    other[at] = [
        "outside",
        "2wd",
        "f4",
        ", department: d1",
        ", when: a",
        ", attended: yes",
    ][at];
    if dice.chance(50) {
        std::mem::swap(&mut one, &mut other);
    }
    for (name, says) in [("almost", one), ("nearly", other)] {
        let [by, limit, reads, rest @ ..] = says;
        writeln!(
            before,
            "  {name}: {{ title: T, matter: m{matter}, by: {by}, limit: {limit}, reads: {{ who: [{reads}] }}{} }}",
            rest.concat()
        )
        .unwrap();
        done.push(name.to_owned());
    }
}

fn provider(dice: &mut Dice, registry: &str, with: &str, gives: &str) -> String {
    let basis = if dice.chance(70) { ", basis: law" } else { "" };
    let fresh = if dice.chance(50) { ", fresh: 30d" } else { "" };
    format!(
        "  - {{ registry: {registry}, department: d0, with: [{with}], gives: [{gives}]{basis}{fresh} }}\n"
    )
}

/// Registries that are asked with what follows from a number, or give the number; by dice of
/// their own.
fn keyed_by_what_follows(seed: u64) -> String {
    let mut dice = Dice::new(seed ^ 0xb0_12a);
    let mut text = String::new();
    for (chance, name, with, gives) in [
        (30, "reg-born", "born", "f3"),
        (30, "reg-sex", "sex, f4", "f5"),
        (20, "reg-both", "id, born", "f4, f5"),
        (30, "reg-card", "f3", "id"),
    ] {
        if dice.chance(chance) {
            text.push_str(&provider(&mut dice, name, with, gives));
        }
    }
    text
}

/// The conditions that steps may have; over a, b, c and n.
const WHEN: [&str; 8] = [
    "a",
    "!a",
    "a && b",
    "b || c",
    "!(a && c)",
    "n > 5",
    "n <= 5 && a",
    "c",
];

fn step(
    dice: &mut Dice,
    at: usize,
    known: &[Step],
    makers: &[(usize, &str)],
    code: &mut Option<usize>,
) -> Step {
    // The same check again, as far as the definition tells.
    // The first two are of different matters: what is one matter is no one thing.
    let free = at > 1;
    if let Some(last) = known.last()
        && free
        && last.writes.is_empty()
        && dice.chance(40)
    {
        return last.clone();
    }
    let by = ["system", "officer", "officer", "outside"][dice.below(4)];
    let mut step = Step {
        matter: match known.first() {
            Some(first) if !free => (first.matter + 1 + dice.below(2)) % 3,
            Some(_) | None => dice.below(3),
        },
        by,
        department: if dice.chance(30) { "d1" } else { "" },
        when: if dice.chance(35) {
            WHEN[dice.below(WHEN.len())]
        } else {
            ""
        },
        reads: String::new(),
        writes: ["number", "number, note", "number, paper", "", ""][dice.below(5)],
        limit: if by == "system" {
            String::new()
        } else {
            format!("{}wd", 1 + dice.below(5))
        },
    };
    // The same hands go on with what the last step made.
    if let Some(last) = known.last()
        && free
        && !last.writes.is_empty()
        && dice.chance(35)
    {
        let field = last.writes.split(", ").next().unwrap_or("number");
        let writes = step.writes;
        step = Step {
            reads: format!("r{}: [{field}]", at - 1),
            writes,
            limit: if last.limit.is_empty() {
                String::new()
            } else {
                "2wd".to_owned()
            },
            ..last.clone()
        };
        return step;
    }
    let mut reads = Vec::new();
    let mut fields = Vec::new();
    for field in 0..6 {
        if dice.chance(30) {
            let mark = if dice.chance(10) { "?" } else { "" };
            fields.push(format!("\"f{field}{mark}\""));
        }
    }
    if dice.chance(20) {
        fields.push("id".into());
    }
    if !fields.is_empty() {
        reads.push(format!("who: [{}]", fields.join(", ")));
    }
    let mut seen: Vec<usize> = Vec::new();
    for _ in 0..dice.below(3) {
        if makers.is_empty() {
            break;
        }
        let (role, field) = makers[dice.below(makers.len())];
        if !seen.contains(&role) {
            seen.push(role);
            let sure = known[role].when.is_empty() && known[role].matter != 1;
            let field = if !sure || dice.chance(20) {
                format!("\"{field}?\"")
            } else {
                field.to_owned()
            };
            reads.push(format!("r{role}: [{field}]"));
        }
    }
    match code {
        None if dice.chance(25) => *code = Some(at),
        None if dice.chance(10) => reads.push("firm: [code, name]".to_owned()),
        None => {}
        Some(_) if dice.chance(40) => {
            let what = ["name", "code, name", "seat", "\"code?\""][dice.below(4)];
            reads.push(format!("firm: [{what}]"));
        }
        Some(_) => {}
    }
    step.reads = reads.join(", ");
    step
}

/// What the law wants of a step, what is kept and not carried out yet, and the
/// rest of what a step can say.
fn flags(dice: &mut Dice, steps: &mut String, at: usize, count: usize) {
    match dice.below(10) {
        0 | 1 => steps.push_str("    legal_effect: no\n"),
        2 => steps.push_str("    legal_effect: yes\n"),
        3 if at > 0 => writeln!(steps, "    separate_from: [s{}]", dice.below(at)).unwrap(),
        _ => {}
    }
    if dice.chance(8) {
        writeln!(steps, "    undo: s{}", dice.below(count)).unwrap();
    }
    for (chance, line) in [
        (10, "corrections: { rounds: 2, within: 5wd }"),
        (10, "special: { kind: hearing, at_most: 20d, basis: law }"),
        (4, "retry: { attempts: 7 }"),
        (10, "source: a paper"),
        (10, "attended: yes"),
    ] {
        if dice.chance(chance) {
            writeln!(steps, "    {line}").unwrap();
        }
    }
}

/// How the step was done before.
fn habits(dice: &mut Dice, before: &mut String, at: usize, earlier: &[usize]) {
    if !earlier.is_empty() && dice.chance(30) {
        let basis = if dice.chance(25) { ", basis: law" } else { "" };
        writeln!(
            before,
            "  s{at}: {{ after: [{{ step: s{}, because: habit{basis} }}], because: h }}",
            earlier[dice.below(earlier.len())]
        )
        .unwrap();
    } else if dice.chance(20) {
        let what = ["attended: yes", "visits: 1", "limit: 9wd", "title: Then"][dice.below(4)];
        writeln!(before, "  s{at}: {{ {what}, source: a paper }}").unwrap();
    }
}
