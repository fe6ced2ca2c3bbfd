//! Random services: small trees of files, from a seed.

use std::fmt::Write as _;

use onething_definition::SourceSet;
use onething_plan::random::Dice;

/// A small tree: three matters, roles made and asked for, registries with and
/// without a basis, orders of law and of habit, conditions, habits of the walk.
pub(crate) fn service(seed: u64) -> SourceSet {
    let mut dice = Dice::new(seed);
    let mut person = String::from(
        "contract: person\nversion: 1.0.0\ntitle: P\nidentified_by: [id]\nfields:\n  id: { title: i, type: text }\n",
    );
    for at in 0..6 {
        let kind = if dice.chance(40) { "document" } else { "text" };
        writeln!(person, "  f{at}: {{ title: f, type: {kind} }}").unwrap();
    }
    person.push_str("providers:\n");
    for (name, gives) in [("reg-a", "f0, f1"), ("reg-b", "f2")] {
        let basis = if dice.chance(70) { ", basis: law" } else { "" };
        let fresh = if dice.chance(50) { ", fresh: 30d" } else { "" };
        writeln!(
            person,
            "  - {{ registry: {name}, department: d0, with: [id], gives: [{gives}]{basis}{fresh} }}"
        )
        .unwrap();
    }
    let made = "contract: made\nversion: 1.0.0\ntitle: M\nfields:\n  number: { title: n, type: text }\n  note: { title: n, type: text }\n  paper: { title: n, type: document }\n";
    let count = 2 + dice.below(7);
    let mut roles = String::from("  who: person\n");
    let (mut steps, mut before, mut delivers) = (String::new(), String::new(), String::new());
    let mut makers: Vec<(usize, &str)> = Vec::new();
    for at in 0..count {
        writeln!(roles, "  r{at}: made").unwrap();
        let by = ["system", "officer", "officer", "outside"][dice.below(4)];
        writeln!(
            steps,
            "  s{at}:\n    title: S\n    matter: m{}\n    by: {by}",
            dice.below(3)
        )
        .unwrap();
        if dice.chance(30) {
            steps.push_str("    department: d1\n");
        }
        if dice.chance(30) {
            let when = ["a", "!a", "a && b", "b || a"][dice.below(4)];
            writeln!(steps, "    when: \"{when}\"").unwrap();
        }
        let mut reads = String::new();
        let mut fields: Vec<String> = (0..6)
            .filter(|_| dice.chance(30))
            .map(|f| format!("f{f}"))
            .collect();
        if dice.chance(20) {
            fields.push("id".into());
        }
        if !fields.is_empty() {
            write!(reads, "who: [{}], ", fields.join(", ")).unwrap();
        }
        let mut seen: Vec<usize> = Vec::new();
        for _ in 0..dice.below(3) {
            if makers.is_empty() {
                break;
            }
            let (role, field) = makers[dice.below(makers.len())];
            if !seen.contains(&role) {
                seen.push(role);
                let field = if dice.chance(30) {
                    format!("\"{field}?\"")
                } else {
                    field.into()
                };
                write!(reads, "r{role}: [{field}], ").unwrap();
            }
        }
        if !reads.is_empty() {
            writeln!(steps, "    reads: {{ {} }}", reads.trim_end_matches(", ")).unwrap();
        }
        let writes = ["number", "number, note", "number, paper", ""][dice.below(4)];
        if !writes.is_empty() {
            writeln!(steps, "    writes: {{ r{at}: [{writes}] }}").unwrap();
            makers.extend(writes.split(", ").map(|field| (at, field)));
            if dice.chance(60) {
                let by = ["electronic, window", "window"][dice.below(2)];
                writeln!(delivers, "  - {{ what: r{at}, by: [{by}] }}").unwrap();
            }
        }
        if by != "system" {
            writeln!(steps, "    limit: {}wd", 1 + dice.below(5)).unwrap();
        }
        if at > 0 && dice.chance(20) {
            writeln!(steps, "    after: s{}\n    because: law", dice.below(at)).unwrap();
        }
        match dice.below(8) {
            0 => steps.push_str("    legal_effect: no\n"),
            1 => steps.push_str("    legal_effect: yes\n"),
            2 if at > 0 => writeln!(steps, "    separate_from: [s{}]", at - 1).unwrap(),
            _ => {}
        }
        // What is kept and not carried out yet, and the rest of what a step can say.
        if dice.chance(8) {
            writeln!(steps, "    undo: s{}", dice.below(count)).unwrap();
        }
        for (chance, line) in [
            (10, "corrections: { rounds: 2, within: 5wd }"),
            (10, "special: { kind: hearing, at_most: 20d, basis: law }"),
            (4, "retry: { attempts: 7 }"),
            (10, "source: a paper"),
        ] {
            if dice.chance(chance) {
                writeln!(steps, "    {line}").unwrap();
            }
        }
        if at > 0 && dice.chance(20) {
            writeln!(
                before,
                "  s{at}: {{ after: [{{ step: s{}, because: habit }}], because: h }}",
                dice.below(at)
            )
            .unwrap();
        } else if dice.chance(20) {
            let what = ["attended: yes", "visits: 1", "limit: 9wd", "title: Then"][dice.below(4)];
            writeln!(before, "  s{at}: {{ {what}, source: a paper }}").unwrap();
        }
    }
    if delivers.is_empty() {
        let Some((role, _)) = makers.first() else {
            return service(seed + 1_000_003);
        };
        writeln!(delivers, "  - {{ what: r{role}, by: [electronic] }}").unwrap();
    }
    if let Some((role, field)) = makers.last() {
        writeln!(before, "  collect: {{ title: C, matter: m0, by: applicant, visits: 1, reads: {{ r{role}: [{field}] }} }}").unwrap();
    }
    let inspections = if dice.chance(40) {
        let one = dice.below(count);
        let other = (one + 1) % count;
        format!(
            "joint_inspections:\n  site: {{ title: Site, steps: [s{one}, s{other}], applicant_attends: yes }}\n"
        )
    } else {
        String::new()
    };
    let file = format!(
        "onething: 1\nservice: svc\nversion: 1.0.0\ntitle: T\nowner: d0\ncalendar: round-the-clock\nroles:\n{roles}applicant: who\nquestions:\n  a: {{ ask: a, type: yes-no }}\n  b: {{ ask: b, type: yes-no }}\nreference: {{ a: yes, b: yes }}\nmatters:\n  m0: {{ title: M, department: d0 }}\n  m1: {{ title: M, department: d1, when: b }}\n  m2: {{ title: M, department: d0, refused: ends matter }}\nsteps:\n{steps}delivers:\n{delivers}{inspections}"
    );
    let fetched = ["nothing", "everything", "[reg-a]"][dice.below(3)];
    let by = if dice.chance(50) {
        ", by: officer, limit: 1wd"
    } else {
        ""
    };
    let walk = ["m0, m1, m2", "m2, m1, m0", "m1, m2, m0"][dice.below(3)];
    let before = format!(
        "before: svc\nhandled: apart\nfetched: {fetched}\nwalk: [{walk}]\nbecause: habit\nintake: {{ visits: 1, asks: {{ who: [f5, f1] }}{by} }}\nsteps:\n{before}"
    );
    SourceSet::from_texts([
        (
            "departments.yaml",
            "departments:\n  d0: { title: D }\n  d1: { title: D }\n".to_owned(),
        ),
        ("contracts/person.yaml", person),
        ("contracts/made.yaml", made.to_owned()),
        ("svc/service.yaml", file),
        ("svc/before.yaml", before),
    ])
}
