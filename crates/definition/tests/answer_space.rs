//! What is said of the answer space, against every set of answers there is: random
//! conditions over a few questions, evaluated the naive way.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use onething_definition::diagnostic::{Code, Diagnostic, Severity};
use onething_definition::{Compilation, SourceSet, compile, new_service};
use onething_plan::random::Dice;

/// What a question can be answered with: `0`/`1`, numbers between two bounds in halves, or
/// options.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    YesNo,
    Number { min: i32, max: i32 },
    Choice,
}

impl Kind {
    /// Bounds in halves: mostly such that every comparison makes a difference.
    fn number(dice: &mut Dice) -> Self {
        if dice.chance(50) {
            return Self::Number { min: 0, max: 12 };
        }
        let (one, two) = (dice.below(13) as i32, dice.below(13) as i32);
        Self::Number {
            min: one.min(two),
            max: one.max(two),
        }
    }
}

/// A condition, evaluated in the most literal way.
#[derive(Debug, Clone)]
enum Naive {
    Atom(usize, Kind, &'static str, i32),
    Not(Box<Naive>),
    And(Box<Naive>, Box<Naive>),
    Or(Box<Naive>, Box<Naive>),
}

/// Answers in halves, so that numbers between thresholds are there too.
type Given = Vec<Option<i32>>;

impl Naive {
    fn random(dice: &mut Dice, kinds: &[Kind], depth: usize) -> Self {
        if depth == 0 || dice.chance(35) {
            let at = dice.below(kinds.len());
            let signs: &[&str] = match kinds[at] {
                Kind::YesNo | Kind::Choice => &["==", "!="],
                Kind::Number { .. } => &["==", "!=", "<", "<=", ">", ">="],
            };
            let value = match kinds[at] {
                Kind::YesNo => dice.below(2) as i32,
                Kind::Number { .. } => 1 + dice.below(5) as i32,
                Kind::Choice => dice.below(3) as i32,
            };
            return Self::Atom(at, kinds[at], signs[dice.below(signs.len())], value);
        }
        let one = Box::new(Self::random(dice, kinds, depth - 1));
        if dice.chance(25) {
            return Self::Not(one);
        }
        let two = Box::new(Self::random(dice, kinds, depth - 1));
        if dice.chance(50) {
            Self::And(one, two)
        } else {
            Self::Or(one, two)
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Atom(at, Kind::YesNo, sign, value) => {
                format!("q{at} {sign} {}", ["false", "true"][*value as usize])
            }
            Self::Atom(at, Kind::Number { .. }, sign, value) => format!("q{at} {sign} {value}"),
            Self::Atom(at, Kind::Choice, sign, value) => {
                format!("q{at} {sign} \"{}\"", ["a", "b", "c"][*value as usize])
            }
            Self::Not(one) => format!("!({})", one.text()),
            Self::And(one, two) => format!("({} && {})", one.text(), two.text()),
            Self::Or(one, two) => format!("({} || {})", one.text(), two.text()),
        }
    }

    fn holds(&self, given: &Given) -> bool {
        match self {
            Self::Atom(at, _, sign, value) => {
                let Some(answer) = given[*at] else {
                    return false;
                };
                let value = 2 * value;
                match *sign {
                    "==" => answer == value,
                    "!=" => answer != value,
                    "<" => answer < value,
                    "<=" => answer <= value,
                    ">" => answer > value,
                    _ => answer >= value,
                }
            }
            Self::Not(one) => !one.holds(given),
            Self::And(one, two) => one.holds(given) && two.holds(given),
            Self::Or(one, two) => one.holds(given) || two.holds(given),
        }
    }

    /// Its comparisons of numbers, with the question.
    fn of_numbers<'a>(&'a self, found: &mut Vec<(usize, &'a Self)>) {
        match self {
            Self::Atom(at, Kind::Number { .. }, ..) => found.push((*at, self)),
            Self::Atom(..) => {}
            Self::Not(one) => one.of_numbers(found),
            Self::And(one, two) | Self::Or(one, two) => {
                one.of_numbers(found);
                two.of_numbers(found);
            }
        }
    }

    fn about(&self, found: &mut BTreeSet<usize>) {
        match self {
            Self::Atom(at, ..) => {
                found.insert(*at);
            }
            Self::Not(one) => one.about(found),
            Self::And(one, two) | Self::Or(one, two) => {
                one.about(found);
                two.about(found);
            }
        }
    }
}

/// A condition that may be missing.
fn met(cond: Option<&Naive>, given: &Given) -> bool {
    cond.is_none_or(|cond| cond.holds(given))
}

fn about(conds: &[Option<&Naive>]) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    conds
        .iter()
        .flatten()
        .for_each(|cond| cond.about(&mut found));
    found
}

struct Step {
    matter: usize,
    when: Option<Naive>,
    /// Steps of the same matter whose field it needs.
    reads: Vec<usize>,
}

/// A random service of two matters.
struct Random {
    kinds: Vec<Kind>,
    asked: Vec<Option<Naive>>,
    rules: Vec<Naive>,
    matters: [Option<Naive>; 2],
    steps: Vec<Step>,
}

impl Random {
    fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let count = 1 + dice.below(4);
        let kinds: Vec<Kind> = (0..count)
            .map(|_| match dice.below(4) {
                0 | 1 => Kind::YesNo,
                2 => Kind::number(&mut dice),
                _ => Kind::Choice,
            })
            .collect();
        let asked = (0..count)
            .map(|at| {
                let some = at > 0 && dice.chance(50);
                some.then(|| Naive::random(&mut dice, &kinds[..at], 1))
            })
            .collect();
        let rules = (0..dice.below(3))
            .map(|_| Naive::random(&mut dice, &kinds, 2))
            .collect();
        let mut maybe = |percent| {
            let some = dice.chance(percent);
            some.then(|| Naive::random(&mut dice, &kinds, 2))
        };
        let matters = [maybe(60), maybe(80)];
        let whens: Vec<Option<Naive>> = (0..5).map(|_| maybe(65)).collect();
        let mut steps: Vec<Step> = Vec::new();
        for (at, when) in whens.into_iter().enumerate() {
            let matter = if at < 2 { at } else { dice.below(2) };
            let earlier = (0..at).filter(|other| steps[*other].matter == matter);
            let reads = earlier.filter(|_| dice.chance(50)).collect();
            steps.push(Step {
                matter,
                when,
                reads,
            });
        }
        Self {
            kinds,
            asked,
            rules,
            matters,
            steps,
        }
    }

    /// Every set of answers that the questions allow.
    fn all(&self) -> Vec<Given> {
        let mut sets: Vec<Given> = vec![Vec::new()];
        for (at, kind) in self.kinds.iter().enumerate() {
            let mut next = Vec::new();
            for set in sets {
                let mut whole = set.clone();
                whole.resize(self.kinds.len(), None);
                let values: Vec<Option<i32>> = if met(self.asked[at].as_ref(), &whole) {
                    values(*kind).into_iter().map(Some).collect()
                } else {
                    vec![None]
                };
                next.extend(values.into_iter().map(|value| {
                    let mut longer = set.clone();
                    longer.push(value);
                    longer
                }));
            }
            sets = next;
        }
        sets
    }

    fn possible(&self, given: &Given) -> bool {
        !self.rules.iter().any(|rule| rule.holds(given))
    }

    fn compile(&self, reference: &Given) -> Compilation {
        let mut files: BTreeMap<String, String> = new_service(&"random".parse().unwrap())
            .into_iter()
            .filter(|(path, _)| !path.starts_with("random/"))
            .collect();
        let mut contract = String::from("contract: result\nversion: 1.0.0\ntitle: 结果\nfields:\n");
        for at in 0..5 {
            let _ = writeln!(contract, "  f{at}: {{ title: 字段{at}, type: text }}");
        }
        files.insert("contracts/result.yaml".into(), contract);
        let when = |cond: Option<&Naive>| match cond {
            Some(cond) => format!(", when: '{}'", cond.text()),
            None => String::new(),
        };
        let mut text = String::from(
            "onething: 1\nservice: random\nversion: 1.0.0\ntitle: 随机\nowner: health\n\
             calendar: office\nroles: { operator: person, r0: result, r1: result }\n\
             applicant: operator\nquestions:\n",
        );
        for (at, kind) in self.kinds.iter().enumerate() {
            let kind = match kind {
                Kind::YesNo => "yes-no".to_owned(),
                Kind::Number { min, max } => {
                    let (min, max) = (f64::from(*min) / 2.0, f64::from(*max) / 2.0);
                    format!("number, min: {min}, max: {max}")
                }
                Kind::Choice => "choice, options: { a: 甲, b: 乙, c: 丙 }".to_owned(),
            };
            let when = when(self.asked[at].as_ref());
            let _ = writeln!(text, "  q{at}: {{ ask: 问, type: {kind}{when} }}");
        }
        text += if self.rules.is_empty() {
            ""
        } else {
            "impossible:\n"
        };
        for rule in &self.rules {
            let _ = writeln!(text, "  - {{ when: '{}', because: 不可能 }}", rule.text());
        }
        let answers: Vec<String> = reference
            .iter()
            .enumerate()
            .filter_map(|(at, value)| {
                let value = (*value)?;
                Some(match self.kinds[at] {
                    Kind::YesNo => format!("q{at}: {}", ["no", "yes"][value as usize / 2]),
                    Kind::Number { .. } => format!("q{at}: {}", f64::from(value) / 2.0),
                    Kind::Choice => format!("q{at}: {}", ["a", "b", "c"][value as usize / 2]),
                })
            })
            .collect();
        let _ = writeln!(text, "reference: {{ {} }}\nmatters:", answers.join(", "));
        for (at, matter) in self.matters.iter().enumerate() {
            let when = when(matter.as_ref());
            let _ = writeln!(
                text,
                "  m{at}: {{ title: 事项{at}, department: health, limit: 9wd{when} }}"
            );
        }
        text += "steps:\n";
        for (at, step) in self.steps.iter().enumerate() {
            let (matter, when) = (step.matter, when(step.when.as_ref()));
            let reads: Vec<String> = step.reads.iter().map(|from| format!("f{from}")).collect();
            let earlier = match reads.join(", ") {
                none if none.is_empty() => none,
                some => format!(", r{matter}: [{some}]"),
            };
            let _ = writeln!(
                text,
                "  s{at}: {{ title: 环节{at}, matter: m{matter}, by: officer, limit: 1wd, \
                 reads: {{ operator: [name]{earlier} }}, \
                 writes: {{ r{matter}: [f{at}] }}{when} }}"
            );
        }
        text += "delivers: [{ what: r0, by: [electronic] }, { what: r1, by: [electronic] }]\n";
        files.insert("random/service.yaml".into(), text);
        compile(&SourceSet::from_texts(files), "random")
    }

    /// What there is to say, found by looking at every set of answers.
    fn expected(&self) -> BTreeSet<String> {
        let all = self.all();
        let possible: Vec<&Given> = all.iter().filter(|given| self.possible(given)).collect();
        let mut said = BTreeSet::new();
        let mut never: BTreeSet<usize> = BTreeSet::new();
        let ever = |conds: &[Option<&Naive>]| {
            possible
                .iter()
                .any(|given| conds.iter().all(|cond| met(*cond, given)))
        };
        let follows = |never: &BTreeSet<usize>, conds: &[Option<&Naive>]| {
            about(conds).iter().any(|at| never.contains(at))
        };
        for (at, when) in self.asked.iter().enumerate() {
            let Some(when) = when else { continue };
            let conds = [Some(when)];
            let told = self.constants(&format!("questions.q{at}.when"), when, &mut said);
            if ever(&conds) {
                self.unasked(
                    &possible,
                    &format!("questions.q{at}.when"),
                    &conds,
                    &mut said,
                );
            } else {
                if !told && !follows(&never, &conds) {
                    said.insert(format!("D0607 questions.q{at}.when"));
                }
                never.insert(at);
            }
        }
        let everyone: Vec<&Given> = all.iter().collect();
        for (at, rule) in self.rules.iter().enumerate() {
            let told = self.constants(&format!("impossible[{at}].when"), rule, &mut said);
            if all.iter().any(|given| rule.holds(given)) {
                let field = format!("impossible[{at}].when");
                self.unasked(&everyone, &field, &[Some(rule)], &mut said);
            } else if !told {
                said.insert(format!("D0607 impossible[{at}].when"));
            }
        }
        let mut unchosen: BTreeSet<usize> = BTreeSet::new();
        for (at, when) in self.matters.iter().enumerate() {
            let Some(when) = when else { continue };
            let conds = [Some(when)];
            let told = self.constants(&format!("matters.m{at}.when"), when, &mut said);
            if ever(&conds) {
                self.unasked(&possible, &format!("matters.m{at}.when"), &conds, &mut said);
            } else {
                if !told && !follows(&never, &conds) {
                    said.insert(format!("D0607 matters.m{at}.when"));
                }
                unchosen.insert(at);
            }
        }
        let whole = |at: usize| {
            let step = &self.steps[at];
            [step.when.as_ref(), self.matters[step.matter].as_ref()]
        };
        for (at, step) in self.steps.iter().enumerate() {
            let Some(when) = &step.when else { continue };
            let told = self.constants(&format!("steps.s{at}.when"), when, &mut said);
            if ever(&whole(at)) {
                self.unasked(
                    &possible,
                    &format!("steps.s{at}.when"),
                    &whole(at),
                    &mut said,
                );
            } else if !told && !unchosen.contains(&step.matter) && !follows(&never, &whole(at)) {
                said.insert(format!("D0302 steps.s{at}.when"));
            }
        }
        let done = |at: usize, given: &Given| whole(at).iter().all(|cond| met(*cond, given));
        let steps = || 0..self.steps.len();
        if possible
            .iter()
            .any(|given| !steps().any(|at| done(at, given)))
        {
            said.insert("D0306 matters".to_owned());
        }
        for (at, matter) in self.matters.iter().enumerate() {
            let without = possible.iter().any(|given| {
                met(matter.as_ref(), given)
                    && !steps().any(|step| self.steps[step].matter == at && done(step, given))
            });
            if without {
                said.insert(format!("D0307 matters.m{at}"));
            }
        }
        // Each field is told once, at its first reader.
        let mut told: BTreeSet<usize> = BTreeSet::new();
        for (at, step) in self.steps.iter().enumerate() {
            for from in &step.reads {
                let missing = possible
                    .iter()
                    .any(|given| done(at, given) && !done(*from, given));
                if missing && told.insert(*from) {
                    said.insert(format!("D0211 steps.s{at}.reads f{from}"));
                }
            }
        }
        let mut ruled: BTreeSet<usize> = BTreeSet::new();
        let mut open: Vec<usize> = self.rules.iter().flat_map(|r| about(&[Some(r)])).collect();
        while let Some(at) = open.pop() {
            if ruled.insert(at) {
                open.extend(about(&[self.asked[at].as_ref()]));
            }
        }
        for at in ruled {
            let given: BTreeSet<i32> = possible.iter().filter_map(|given| given[at]).collect();
            if given.is_empty() || matches!(self.kinds[at], Kind::Number { .. }) {
                continue;
            }
            for value in values(self.kinds[at]) {
                let word = match self.kinds[at] {
                    Kind::YesNo => ["no", "yes"][value as usize / 2],
                    _ => ["a", "b", "c"][value as usize / 2],
                };
                if !given.contains(&value) {
                    said.insert(format!("D0610 q{at} = {word}"));
                }
            }
        }
        said
    }

    /// Comparisons that come out the same for every answer to their question. Returns
    /// whether one of them is the whole condition and never holds.
    fn constants(&self, field: &str, when: &Naive, said: &mut BTreeSet<String>) -> bool {
        let mut atoms = Vec::new();
        when.of_numbers(&mut atoms);
        let mut nothing = false;
        for (at, atom) in atoms {
            let outcomes: BTreeSet<bool> = values(self.kinds[at])
                .into_iter()
                .map(|value| {
                    let mut given = vec![None; self.kinds.len()];
                    given[at] = Some(value);
                    atom.holds(&given)
                })
                .collect();
            let alone = matches!(when, Naive::Atom(..));
            let outcome = match (outcomes.contains(&true), outcomes.contains(&false)) {
                (true, true) => continue,
                (true, _) => "always",
                _ if alone => "never, so",
                _ => "never",
            };
            nothing |= outcome == "never, so";
            said.insert(format!("D0608 {field} {} {outcome}", atom.text()));
        }
        nothing
    }

    /// Conditions that hold where a question that they compare is not asked, and would
    /// not with some answer to it.
    fn unasked(
        &self,
        sets: &[&Given],
        field: &str,
        conds: &[Option<&Naive>],
        said: &mut BTreeSet<String>,
    ) {
        for at in about(&conds[..1]) {
            let found = sets.iter().any(|given| {
                given[at].is_none()
                    && conds.iter().all(|cond| met(*cond, given))
                    && values(self.kinds[at]).into_iter().any(|value| {
                        let mut other = (*given).clone();
                        other[at] = Some(value);
                        !conds.iter().all(|cond| met(*cond, &other))
                    })
            });
            if found {
                said.insert(format!("D0609 {field} q{at}"));
            }
        }
    }
}

fn values(kind: Kind) -> Vec<i32> {
    match kind {
        Kind::YesNo => vec![0, 2],
        Kind::Number { min, max } => (min..=max).collect(),
        Kind::Choice => vec![0, 2, 4],
    }
}

/// What the compiler says, in the words of the oracle.
fn said(diagnostic: &Diagnostic) -> Option<String> {
    let message = diagnostic.message.en();
    let field = &diagnostic.field;
    let code = diagnostic.code;
    // What never happens is named.
    let named = || {
        let mut keys = field.split('.');
        match (keys.next(), keys.next()) {
            (Some("questions"), Some(key)) => format!("the question `{key}` is never asked"),
            (Some("matters"), Some(key)) => {
                format!("no answers make the matter `{key}` part of a case")
            }
            (Some("steps"), Some(key)) => {
                format!("no answers make the step `{key}` part of a case")
            }
            _ => "this rules out no answers at all".to_owned(),
        }
    };
    match code {
        Code::NeverHolds | Code::Unreachable => {
            assert_eq!(message, named());
            Some(format!("{code} {field}"))
        }
        Code::NothingToDo | Code::NoResult => Some(format!("{code} {field}")),
        Code::ConstantComparison => {
            let (text, outcome) = message[1..].split_once("` ").unwrap();
            let outcome = match outcome.split_once(", so ") {
                Some(("never holds", so)) => {
                    assert_eq!(so, named());
                    "never, so"
                }
                Some(_) => panic!("{message}"),
                None => outcome.strip_suffix(" holds").unwrap(),
            };
            Some(format!("{code} {field} {text} {outcome}"))
        }
        Code::HoldsUnasked => {
            let (_, rest) = message.split_once("where `").unwrap();
            let (question, _) = rest.split_once('`').unwrap();
            Some(format!("{code} {field} {question}"))
        }
        Code::MadeByNobody => {
            let (_, rest) = message.split_once("needs `").unwrap();
            let (path, _) = rest.split_once('`').unwrap();
            let (_, name) = path.split_once('.').unwrap();
            Some(format!("{code} {field} {name}"))
        }
        Code::NeverGiven => {
            let (_, told) = message.split_once("no place for ").unwrap();
            // Numbers are told as intervals; which, is not compared here.
            let single = told.contains(" = ") && told.ends_with(char::is_alphabetic);
            single.then(|| format!("{code} {told}"))
        }
        // These are compared with nothing here.
        Code::SameOptions | Code::UnusedQuestion | Code::NeverUsed => None,
        _ => panic!("{code}: {message}"),
    }
}

#[test]
fn every_set_of_answers_agrees() {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut looked = 0;
    for seed in 0..700 {
        let random = Random::new(seed);
        let all = random.all();
        let Some(reference) = all.iter().find(|given| random.possible(given)) else {
            continue;
        };
        looked += 1;
        let compilation = random.compile(reference);
        let got: BTreeSet<String> = compilation
            .diagnostics
            .into_sorted()
            .iter()
            .filter_map(said)
            .collect();
        let expected = random.expected();
        let rules: Vec<String> = random.rules.iter().map(Naive::text).collect();
        assert_eq!(got, expected, "seed {seed}, impossible: {rules:?}");
        for line in got {
            let code = line.split(' ').next().unwrap_or_default();
            *kinds.entry(code.to_owned()).or_default() += 1;
        }
    }
    assert!(looked > 500, "{looked}");
    for code in [
        "D0211", "D0302", "D0306", "D0307", "D0607", "D0608", "D0609", "D0610",
    ] {
        assert!(
            kinds.get(code).is_some_and(|count| *count > 20),
            "{kinds:?}"
        );
    }
}

/// A condition that does not compile is told once: that its question is not asked then follows
/// from that.
#[test]
fn a_broken_condition_of_a_question_is_told_alone() {
    let mut files = new_service(&"shop".parse().unwrap());
    files.retain(|(path, _)| path != "shop/workload.yaml");
    let deep = format!("{}signboard{}", "(".repeat(80), ")".repeat(80));
    for (when, expected) in [(deep.as_str(), "D0605"), ("signboard == 3", "D0604")] {
        for (path, text) in &mut files {
            if path == "shop/service.yaml" {
                let questions = format!(
                    "questions:\n  signboard: {{ ask: a, type: yes-no }}\n  lit: {{ ask: b, type: yes-no, when: \"{when}\" }}\nreference: {{ signboard: yes, lit: yes }}\n"
                );
                let (from, to) = (
                    text.find("questions:").unwrap(),
                    text.find("intake:").unwrap(),
                );
                text.replace_range(from..to, &questions);
            }
        }
        let sources = SourceSet::from_texts(files.clone());
        let compiled = compile(&sources, "shop");
        let found = compiled.diagnostics.into_sorted();
        let errors = found.iter().filter(|one| one.severity() == Severity::Error);
        let errors: Vec<_> = errors.map(|one| one.code.as_str()).collect();
        assert_eq!(errors, [expected], "{when}: {found:?}");
    }
}
