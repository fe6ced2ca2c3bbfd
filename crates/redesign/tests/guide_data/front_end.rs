//! A front end that knows nothing but the JSON: what it would show for some answers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// Whether a test of the format holds.
pub(crate) fn holds(test: &Value, answers: &Map<String, Value>) -> bool {
    if let Some(constant) = test.as_bool() {
        return constant;
    }
    let of = |key: &str| test[key].as_array().unwrap_or_else(|| panic!("{test}"));
    let mut keys: Vec<&str> = test
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    match keys[..] {
        ["not"] => !holds(&test["not"], answers),
        ["all"] => of("all").iter().all(|test| holds(test, answers)),
        ["any"] => of("any").iter().any(|test| holds(test, answers)),
        ["in", "question"] => {
            let answer = answers.get(test["question"].as_str().unwrap());
            answer.is_some_and(|answer| of("in").iter().any(|value| same(answer, value)))
        }
        ["is", "question", "value"] => {
            let Some(answer) = answers.get(test["question"].as_str().unwrap()) else {
                return false;
            };
            let value = &test["value"];
            let numbers = || (answer.as_f64().unwrap(), value.as_f64().unwrap());
            match test["is"].as_str().unwrap() {
                "equal" => same(answer, value),
                "not_equal" => !same(answer, value),
                "less" => numbers().0 < numbers().1,
                "at_most" => numbers().0 <= numbers().1,
                "greater" => numbers().0 > numbers().1,
                "at_least" => numbers().0 >= numbers().1,
                other => panic!("unknown comparison `{other}`"),
            }
        }
        _ => panic!("not a test of the format: {test}"),
    }
}

fn same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one.total_cmp(&other).is_eq(),
        _ => one == other,
    }
}

/// Whether the part of the form applies: `null` is always.
fn applies(part: &Value, answers: &Map<String, Value>) -> bool {
    let when = &part["when"];
    when.is_null() || holds(&when["test"], answers)
}

fn list<'a>(of: &'a Value, key: &str) -> &'a [Value] {
    of[key]
        .as_array()
        .unwrap_or_else(|| panic!("no list `{key}`"))
}

fn key(of: &Value, key: &str) -> String {
    of[key]
        .as_str()
        .unwrap_or_else(|| panic!("no text `{key}`"))
        .to_owned()
}

/// The answers to the questions that are asked, and the first one that is not answered.
pub(crate) fn asked(
    guide: &Value,
    given: &Map<String, Value>,
) -> (Map<String, Value>, Option<String>) {
    let mut answers = Map::new();
    for question in list(guide, "questions") {
        if !applies(question, &answers) {
            continue;
        }
        let name = key(question, "key");
        match given.get(&name) {
            Some(answer) => answers.insert(name, answer.clone()),
            None => return (answers, Some(name)),
        };
    }
    (answers, None)
}

/// Why these answers cannot be, if they cannot.
pub(crate) fn impossible(guide: &Value, answers: &Map<String, Value>) -> Option<Value> {
    let mut rules = list(guide, "impossible").iter();
    let broken = rules.find(|rule| holds(&rule["when"]["test"], answers));
    broken.map(|rule| rule["because"].clone())
}

/// What remains of a form description for some answers.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Remains {
    pub(crate) matters: BTreeSet<String>,
    pub(crate) steps: BTreeSet<String>,
    /// By form or look-up, the data, and whether each must be given.
    pub(crate) forms: BTreeMap<String, BTreeMap<String, bool>>,
    pub(crate) fetched: BTreeMap<String, BTreeMap<String, bool>>,
    /// What follows from something else.
    pub(crate) derived: BTreeSet<String>,
    pub(crate) results: BTreeSet<String>,
    pub(crate) visits: u64,
}

impl Remains {
    /// What a front end works out from the conditions.
    pub(crate) fn decided(guide: &Value, answers: &Map<String, Value>) -> Self {
        let left = |what: &str, name: &str| -> BTreeSet<String> {
            let parts = list(guide, what).iter();
            let left = parts.filter(|part| applies(part, answers));
            left.map(|part| key(part, name)).collect()
        };
        let data = |part: &Value, lists: &[&str]| -> BTreeMap<String, bool> {
            let all = lists.iter().flat_map(|name| list(part, name));
            let asked = all.filter(|asked| applies(asked, answers));
            asked
                .map(|asked| (key(asked, "field"), holds(&asked["required"], answers)))
                .collect()
        };
        let parts = |what: &str, lists: &[&str]| -> BTreeMap<String, BTreeMap<String, bool>> {
            let parts = list(guide, what).iter();
            let left = parts.filter(|part| applies(part, answers));
            left.map(|part| (key(part, "step"), data(part, lists)))
                .collect()
        };
        let steps = list(guide, "steps").iter();
        let trips = steps
            .filter(|step| applies(step, answers))
            .map(|step| step["visits"].as_u64().unwrap());
        Self {
            matters: left("matters", "key"),
            steps: left("steps", "key"),
            forms: {
                let mut forms = parts("forms", &["fields", "materials"]);
                // What everybody can do without is asked of nobody where a registry has nothing.
                for form in list(guide, "forms") {
                    let step = key(form, "step");
                    let given = |form: &BTreeMap<String, bool>| form.values().any(|must| *must);
                    if form["kind"] == "if_not_found" && !forms.get(&step).is_some_and(given) {
                        forms.remove(&step);
                    }
                }
                forms
            },
            fetched: parts("fetched", &["fields"]),
            derived: left("derived", "field"),
            results: left("results", "role"),
            visits: trips.sum(),
        }
    }

    /// What the notice of the same document says.
    pub(crate) fn noticed(guide: &Value) -> Self {
        let notice = &guide["notice"];
        let keys = |what: &str| -> BTreeSet<String> {
            let keys = list(notice, what).iter();
            keys.map(|key| key.as_str().unwrap().to_owned()).collect()
        };
        let parts = |what: &str| {
            let parts = list(notice, what).iter();
            parts
                .map(|part| {
                    let data = list(part, "fields").iter();
                    let data = data
                        .map(|field| (key(field, "field"), field["required"].as_bool().unwrap()));
                    (key(part, "step"), data.collect())
                })
                .collect()
        };
        Self {
            matters: keys("matters"),
            steps: keys("steps"),
            forms: parts("forms"),
            fetched: parts("fetched"),
            derived: keys("derived"),
            results: keys("results"),
            visits: notice["visits"].as_u64().unwrap(),
        }
    }
}
