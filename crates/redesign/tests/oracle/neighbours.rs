//! Random services of neighbours: mostly one chain of steps by the same hands,
//! each with a little that may keep it apart from the next.

use std::fmt::Write as _;

use onething_definition::SourceSet;
use onething_plan::random::Dice;

const PERSON: &str = "contract: person
version: 1.0.0
title: P
identified_by: [id]
fields:
  id: { title: i, type: text }
  f0: { title: f, type: text }
  f1: { title: f, type: document }
";

const FIRM: &str = "contract: firm
version: 1.0.0
title: F
identified_by: [code]
fields:
  code: { title: c, type: text }
  name: { title: n, type: text }
providers:
  - { registry: firms, department: d0, with: [code], gives: [name], basis: law }
";

const MADE: &str = "contract: made
version: 1.0.0
title: M
fields:
  number: { title: n, type: text }
  note: { title: n, type: text }
";

/// What a step may say besides, each with how often.
const FLAGS: [(usize, &str); 12] = [
    (6, "legal_effect: no"),
    (6, "legal_effect: yes"),
    (12, "corrections: { rounds: 2, within: 5wd }"),
    (6, "corrections: { rounds: 1, within: 5wd }"),
    (12, "special: { kind: hearing, at_most: 20d, basis: law }"),
    (6, "special: { kind: hearing, at_most: 9d, basis: law }"),
    (5, "retry: { attempts: 7 }"),
    (8, "attended: yes"),
    (8, "visits: 1"),
    (4, "when: a"),
    (2, "purpose: another"),
    (4, "department: d1"),
];

pub(crate) fn service(seed: u64) -> SourceSet {
    let mut dice = Dice::new(seed ^ 0x4e16);
    let count = 3 + dice.below(4);
    let (mut roles, mut steps) = (String::from("  who: person\n  firm: firm\n"), String::new());
    // Dice of their own, so that the rest of a seed's service is as it was without them.
    let mut whys = Dice::new(seed ^ 0x7ea5);
    let (mut delivers, mut before) = (String::new(), String::new());
    let code = dice.below(count * 2);
    // Limits that add up, but for a few.
    let (in_days, by_law) = (dice.chance(30), dice.chance(40));
    for at in 0..count {
        writeln!(roles, "  r{at}: made").unwrap();
        let matter = usize::from(dice.chance(8));
        let by = match dice.below(20) {
            0 => "system",
            1 => "applicant",
            _ => "officer",
        };
        writeln!(
            steps,
            "  s{at}:\n    title: S{at}\n    matter: m{matter}\n    by: {by}"
        )
        .unwrap();
        let mut reads = Vec::new();
        let own = ["", "id", "f0", "\"f0?\"", "id, f1"][dice.below(5)];
        if !own.is_empty() {
            reads.push(format!("who: [{own}]"));
        }
        for earlier in 0..at {
            let chance = if earlier + 1 == at { 85 } else { 4 };
            if dice.chance(chance) {
                let field = ["number", "number, note", "\"number?\""][dice.below(3)];
                reads.push(format!("r{earlier}: [{field}]"));
            }
        }
        if code < at && dice.chance(40) {
            reads.push("firm: [name]".to_owned());
        }
        if !reads.is_empty() {
            writeln!(steps, "    reads: {{ {} }}", reads.join(", ")).unwrap();
        }
        let firm = if code == at { ", firm: [code]" } else { "" };
        writeln!(steps, "    writes: {{ r{at}: [number, note]{firm} }}").unwrap();
        if dice.chance(30) {
            writeln!(delivers, "  - {{ what: r{at}, by: [electronic] }}").unwrap();
        }
        if by == "officer" {
            let unit = ["wd", "d"][usize::from(in_days != dice.chance(6))];
            let limit = format!("{}{unit}", 1 + dice.below(3));
            match by_law != dice.chance(6) {
                true => writeln!(
                    steps,
                    "    limit: {{ statutory: {limit}, basis: law {at} }}"
                ),
                false => writeln!(steps, "    limit: {limit}"),
            }
            .unwrap();
        }
        let mut said = Vec::new();
        for (chance, line) in FLAGS {
            let key = line.split(':').next();
            if dice.chance(chance) && !said.contains(&key) {
                said.push(key);
                writeln!(steps, "    {line}").unwrap();
            }
        }
        // A step of the new way says itself why it is there, and where that is published.
        if whys.chance(30) {
            writeln!(steps, "    because: w{at}").unwrap();
        }
        if whys.chance(30) {
            writeln!(steps, "    source: gazette {at}").unwrap();
        }
        if dice.chance(10) {
            writeln!(steps, "    undo: s{}", dice.below(count)).unwrap();
        }
        if at > 0 && dice.chance(8) {
            writeln!(steps, "    separate_from: [s{}]", dice.below(at)).unwrap();
        }
        if at > 0 && dice.chance(10) {
            let earlier = dice.below(at);
            writeln!(steps, "    after: [{{ step: s{earlier}, because: law }}]").unwrap();
        } else if at > 0 && dice.chance(20) {
            let earlier = dice.below(at);
            writeln!(
                before,
                "  s{at}: {{ after: [{{ step: s{earlier}, because: habit }}], because: h{at} }}"
            )
            .unwrap();
        } else if dice.chance(20) {
            writeln!(
                before,
                "  s{at}: {{ title: Then {at}, source: paper {at}, because: h{at} }}"
            )
            .unwrap();
        }
    }
    if delivers.is_empty() {
        writeln!(delivers, "  - {{ what: r{}, by: [electronic] }}", count - 1).unwrap();
    }
    let both = steps.contains("matter: m1") && steps.contains("matter: m0");
    let (walk, matters) = match (both, steps.contains("matter: m1")) {
        (true, _) => (
            "m0, m1",
            "  m0: { title: M, department: d0 }\n  m1: { title: M, department: d0 }\n",
        ),
        (false, true) => ("m1", "  m1: { title: M, department: d0 }\n"),
        (false, false) => ("m0", "  m0: { title: M, department: d0 }\n"),
    };
    let inspections = match dice.chance(30) {
        true => {
            "joint_inspections:\n  site: { title: Site, steps: [s0, s2], applicant_attends: yes }\n"
        }
        false => "",
    };
    let before = match before.is_empty() {
        true => before,
        false => format!("steps:\n{before}"),
    };
    let file = format!(
        "onething: 1\nservice: svc\nversion: 1.0.0\ntitle: T\nowner: d0\ncalendar: round-the-clock\nroles:\n{roles}applicant: who\nquestions:\n  a: {{ ask: a, type: yes-no }}\nreference: {{ a: yes }}\nmatters:\n{matters}steps:\n{steps}delivers:\n{delivers}{inspections}"
    );
    SourceSet::from_texts([
        (
            "departments.yaml",
            "departments:\n  d0: { title: D }\n  d1: { title: D }\n".to_owned(),
        ),
        ("contracts/person.yaml", PERSON.to_owned()),
        ("contracts/firm.yaml", FIRM.to_owned()),
        ("contracts/made.yaml", MADE.to_owned()),
        ("svc/service.yaml", file),
        (
            "svc/before.yaml",
            format!(
                "before: svc\nhandled: apart\nfetched: nothing\nwalk: [{walk}]\nbecause: habit\nintake: {{ visits: 1, asks: {{ who: [id, f0] }} }}\n{before}"
            ),
        ),
    ])
}
