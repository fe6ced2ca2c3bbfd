//! The life of a case as texts. One helper touches the API; the stories do not.
//!
//! `open` opens a case with a sample application (`without F` leaves a field
//! out), `then` lists the records that follow, `asks` what is outstanding,
//! `when` gives a command, `rejected` the code it is rejected with.

use std::sync::Arc;

use onething_engine::{Ask, Blueprint, Case, Command, Event, Opening, Origin, Values};
use onething_model::{Limit, Micros, Timestamp};
use onething_plan::builder::PlanBuilder;
use onething_plan::{
    Actor, Cond, FieldIx, Grant, Plan, Refused, Retry, Sensitivity, StepIx, sample,
};

/// licence ∥ sign, each a matter; sign needs the licence's stamp and can be
/// refused alone. A register gives the name, an archive the file's history.
fn shop() -> Plan {
    let mut b = PlanBuilder::new("shop");
    let sign_asked = b.yes_no("sign-asked");
    let licence = b.matter("licence", Refused::EndsCase);
    let sign = b.matter("sign", Refused::EndsMatter);
    let [code, name, photo, checked, history] =
        ["code", "name", "photo", "checked", "history"].map(|f| b.field(f));
    let (number, filing) = (b.result("permit"), b.result("filing"));
    b.look_up("register", &[code], &[name]);
    b.step("verify", Actor::System)
        .reads(name)
        .writes(checked)
        .with(|step| {
            step.retry = Retry {
                attempts: 2,
                backoff: Micros::SECOND,
                at_most: Micros::MINUTE,
            };
        });
    b.step("review", Actor::Officer)
        .reads(photo)
        .reads(checked)
        .writes(number)
        .matter(licence)
        .with(|step| step.limit.promised = Some(Limit::working_days(2)));
    b.late_look_up("archive", &[number], &[history]);
    b.step("sign-review", Actor::Officer)
        .reads(photo)
        .reads(history)
        .writes(filing)
        .matter(sign)
        .when(Cond::yes(sign_asked));
    // The name is personal: whoever reads it is on record.
    let item = &mut b.plan_mut().fields[name.index()];
    item.sensitivity = Sensitivity::Personal;
    item.grants.push(Grant {
        to: "window".parse().unwrap(),
        purpose: "licensing".into(),
        basis: "sample law".into(),
    });
    b.build()
}

struct Story {
    plan: Arc<Plan>,
    case: Option<Case>,
    now: Timestamp,
    news: Vec<Event>,
    rejected: Option<&'static str>,
}

impl Story {
    fn step(&self, key: &str) -> StepIx {
        self.plan
            .find_step(key)
            .unwrap_or_else(|| panic!("no step `{key}`"))
    }

    fn values(&self, fields: &[FieldIx]) -> Values {
        fields
            .iter()
            .map(|field| (*field, sample::value(&self.plan, *field)))
            .collect()
    }

    fn open(&mut self, words: &[&str]) {
        let mut values = sample::application(&self.plan, &self.plan.reference);
        let (mut simulated, mut confirm) = (false, false);
        match words {
            [] => {}
            ["without", field] => {
                values.retain(|(ix, _)| self.plan.field(*ix).path.field.as_str() != *field);
            }
            ["with", field] => {
                let path = format!("applicant.{field}").parse().unwrap();
                let ix = self.plan.find_field(&path).unwrap();
                values.push((ix, sample::value(&self.plan, ix)));
            }
            ["simulated"] => simulated = true,
            ["to", "confirm"] => confirm = true,
            words => panic!("open {words:?}"),
        }
        let answers = self.plan.reference.iter();
        let answers = answers.map(|(q, a)| (q, a.clone())).collect();
        let mut opening = Opening::new(&self.plan, "key", answers, values);
        opening.confirm = confirm;
        if simulated {
            opening.simulated = true;
            opening.values.clear();
        }
        let blueprint = Blueprint::new(self.plan.clone());
        let mut out = Vec::new();
        self.case = Some(Case::open(
            &blueprint,
            Arc::new(opening),
            self.now,
            &mut out,
        ));
        self.news = out;
    }

    fn when(&mut self, words: &[&str]) {
        let command = match words {
            ["withdraw"] => Command::Withdraw {
                reason: String::new(),
            },
            [verb, key, rest @ ..] => {
                let step = self.step(key);
                let reason = rest.join(" ");
                let writes = self.plan.step(step).writes.clone();
                match *verb {
                    "complete" => Command::Complete {
                        step,
                        round: rest.first().map(|round| round.parse().unwrap()),
                        values: self.values(&writes),
                    },
                    "complete-nothing" => Command::Complete {
                        step,
                        round: None,
                        values: Vec::new(),
                    },
                    "hit" | "miss" => Command::AnswerLookUp {
                        valid_since: Vec::new(),
                        step,
                        hit: *verb == "hit",
                        values: if *verb == "hit" {
                            self.values(&writes)
                        } else {
                            Vec::new()
                        },
                    },
                    "submit" => {
                        let asked = self.case.as_ref().unwrap().asked(step);
                        let fields: Vec<_> = asked.iter().map(|asked| asked.field).collect();
                        Command::Submit {
                            step,
                            values: self.values(&fields),
                        }
                    }
                    "submit-nothing" => Command::Submit {
                        step,
                        values: Vec::new(),
                    },
                    "submit-photo" | "submit-fetched" => {
                        let name = match *verb {
                            "submit-photo" => "applicant.photo",
                            _ => "applicant.name",
                        };
                        let field = self.plan.find_field(&name.parse().unwrap()).unwrap();
                        let values = vec![(field, "a better one".into())];
                        Command::Submit { step, values }
                    }
                    "read" => Command::Read { step },
                    "refuse" => Command::Refuse {
                        step,
                        round: None,
                        reason,
                    },
                    "fail" => Command::Fail {
                        step,
                        transient: reason != "for-good",
                        reason,
                    },
                    "retry" => Command::Retry { step },
                    "supplement" | "supplement-of-checked" => Command::RequestSupplement {
                        step,
                        reason,
                        fields: vec![
                            self.plan.step(step).reads[usize::from(*verb != "supplement")].field,
                        ],
                    },
                    verb => panic!("when {verb}"),
                }
            }
            words => panic!("when {words:?}"),
        };
        self.now = self.now + Micros::SECOND;
        let mut out = Vec::new();
        let result = self
            .case
            .as_mut()
            .unwrap()
            .handle(&command, self.now, &mut out);
        self.rejected = result.err().map(|rejection| rejection.code);
        self.news = out;
    }

    fn news(&self) -> String {
        let words: Vec<_> = self
            .news
            .iter()
            .map(|event| match (event, event.step()) {
                (Event::Delivered { what, .. }, _) => {
                    format!("delivered {}", self.plan.role(*what).key)
                }
                (_, Some(step)) => format!("{} {}", event.kind(), self.plan.step(step).key),
                (_, None) => event.kind().to_string(),
            })
            .collect();
        words.join("; ")
    }

    fn asks(&self) -> String {
        let case = self.case.as_ref().unwrap();
        let words: Vec<_> = case
            .outstanding()
            .map(|effect| {
                let key = &self.plan.step(effect.step).key;
                match effect.ask {
                    Ask::Dispatch { attempt } => format!("{key} dispatch {attempt}"),
                    Ask::LookUp { attempt } => format!("{key} look-up {attempt}"),
                    Ask::Work => format!("{key} work {}", effect.round),
                    Ask::Submission => format!("{key} submission"),
                    Ask::Errand => format!("{key} errand"),
                    Ask::Supplement => format!("{key} supplement"),
                    Ask::Wake { .. } => format!("{key} wake"),
                    Ask::Incident => format!("{key} incident"),
                }
            })
            .collect();
        words.join("; ")
    }
}

#[track_caller]
fn tell(text: &str) -> Story {
    tell_of(shop(), text)
}

#[track_caller]
fn tell_of(plan: Plan, text: &str) -> Story {
    let mut story = Story {
        plan: Arc::new(plan),
        case: None,
        now: Timestamp(0),
        news: Vec::new(),
        rejected: None,
    };
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        let words: Vec<&str> = rest.split_whitespace().collect();
        match verb {
            "open" => story.open(&words),
            "when" => story.when(&words),
            "then" => {
                assert_eq!(story.rejected, None, "rejected before `{line}`");
                assert_eq!(story.news(), rest);
            }
            "asks" => assert_eq!(story.asks(), rest),
            "rejected" => {
                assert_eq!(story.rejected.unwrap_or("nothing"), rest);
                assert_eq!(story.news(), "", "a rejection records nothing");
            }
            "is" => assert_eq!(story.case.as_ref().unwrap().status().as_str(), rest),
            verb => panic!("`{verb}` is no word of a story"),
        }
    }
    story
}

#[test]
fn from_the_draft_to_one_delivery() {
    tell(
        "open
         then case-opened; step-dispatched register
         asks register look-up 1
         is   draft
         when hit register
         then step-completed register; submitted apply; step-dispatched verify; data-read verify
         is   running
         when complete verify
         then step-completed verify; step-dispatched review
         asks review work 1
         when complete review 1
         then step-completed review; step-dispatched archive
         when hit archive
         then step-completed archive; step-skipped ask-archive; step-dispatched sign-review
         when complete sign-review
         then step-completed sign-review; delivered permit; delivered filing; case-closed
         asks
         is   closed",
    );
}

#[test]
fn a_broken_application_leaves_one_record() {
    for words in ["without code", "without photo", "with checked"] {
        tell(&format!(
            "open {words}
             then application-refused
             is   not-accepted
             asks
             when withdraw
             rejected C0101"
        ));
    }
}

#[test]
fn what_a_registry_does_not_have_is_asked_on_the_same_form() {
    let story = tell(
        "open
         when miss register
         then step-completed register; step-dispatched apply
         asks apply submission
         is   draft
         when submit-nothing apply
         rejected C0108
         when submit apply
         then submitted apply; step-dispatched verify; data-read verify",
    );
    assert_eq!(
        story.case.unwrap().submissions(),
        1,
        "a miss on the draft costs none"
    );
}

#[test]
fn what_was_given_along_is_used_when_the_registry_has_nothing() {
    tell(
        "open with name
         when miss register
         then step-completed register; submitted apply; step-dispatched verify; data-read verify",
    );
}

#[test]
fn a_later_miss_costs_a_submission() {
    let story = tell(
        "open
         when hit register
         when complete verify
         when complete review
         when miss archive
         then step-completed archive; step-dispatched ask-archive
         asks ask-archive submission
         when submit ask-archive
         then submitted ask-archive; step-dispatched sign-review",
    );
    assert_eq!(story.case.unwrap().submissions(), 2);
}

#[test]
fn a_refusal_ends_the_case_or_the_matter_as_defined() {
    tell(
        "open
         when hit register
         when complete verify
         when refuse review not safe
         then step-refused review; step-cancelled archive; step-cancelled ask-archive; step-cancelled sign-review; case-refused
         is   refused",
    );
    tell(
        "open
         when hit register
         when complete verify
         when complete review
         when hit archive
         when refuse sign-review too bright
         then step-refused sign-review; delivered permit; case-closed
         is   closed",
    );
}

#[test]
fn one_supplement_notice_per_matter_and_a_new_round() {
    let story = tell(
        "open
         when hit register
         when complete verify
         when supplement-of-checked review
         rejected C0110
         when supplement review seal missing
         then supplement-requested review
         asks review supplement
         when complete review
         rejected C0103
         when submit-nothing review
         rejected C0108
         when submit review
         then submitted review
         asks review work 2
         when supplement-of-checked review
         rejected C0107
         when complete review 1
         rejected C0105
         when supplement review again
         rejected C0107
         when complete review 2
         then step-completed review; step-dispatched archive",
    );
    assert_eq!(story.case.unwrap().submissions(), 2);
}

#[test]
fn a_failing_system_is_retried_and_then_an_incident() {
    tell(
        "open
         when hit register
         when fail verify down
         then step-failed verify
         asks verify wake
         when complete verify
         rejected C0103
         when retry verify
         then step-retried verify
         asks verify dispatch 2
         when fail verify down
         then incident-opened verify
         asks verify incident
         when retry verify
         then step-retried verify
         asks verify dispatch 1
         when fail verify for-good
         then incident-opened verify",
    );
}

#[test]
fn answers_that_break_the_contract_change_nothing() {
    tell(
        "open
         when hit register
         when complete-nothing verify
         rejected C0106
         asks verify dispatch 1
         when complete verify
         when complete verify
         rejected C0104
         when complete sign-review
         rejected C0103
         when hit review
         rejected C0109
         when submit apply
         rejected C0104",
    );
}

/// The register is asked with the code, which is public; verify reads the
/// name, which is personal, once per round and again whenever it is looked at.
#[test]
fn every_read_of_a_personal_field_is_on_record() {
    let story = tell(
        "open
         when hit register
         then step-completed register; submitted apply; step-dispatched verify; data-read verify
         when read verify
         then data-read verify
         when fail verify down
         when read verify
         rejected C0103
         when read apply
         rejected C0104",
    );
    let name = story.plan.find_field(&"applicant.name".parse().unwrap());
    let case = story.case.unwrap();
    assert!(
        case.personal_reads(story.plan.find_step("verify").unwrap())
            .eq(name)
    );
}

/// A draft that is to be confirmed waits even when nothing is missing. The applicant
/// looks at what was fetched, may correct what is theirs, and hands in once.
#[test]
fn a_draft_that_is_to_be_confirmed_waits_for_the_applicant() {
    let story = tell(
        "open to confirm
         then case-opened; step-dispatched register
         asks register look-up 1
         when read apply
         rejected C0103
         when hit register
         then step-completed register; step-dispatched apply
         is   draft
         asks apply submission
         when read apply
         then data-read apply
         is   draft
         when submit-fetched apply
         rejected C0108
         when submit-photo apply
         then submitted apply; step-dispatched verify; data-read verify
         is   running",
    );
    let case = story.case.unwrap();
    assert_eq!(case.submissions(), 1);
    let field = |name: &str| story.plan.find_field(&name.parse().unwrap()).unwrap();
    let photo = case.datum(field("applicant.photo")).unwrap();
    assert_eq!(photo.value, "a better one", "the draft's was corrected");
    let (apply, register) = (
        story.plan.find_step("apply").unwrap(),
        story.plan.find_step("register").unwrap(),
    );
    let origin = |name: &str| case.origin(field(name), case.datum(field(name)).unwrap());
    assert_eq!(origin("applicant.photo"), Origin::Applicant(apply));
    assert_eq!(origin("applicant.name"), Origin::Registry(register));
}

/// The check of definitions lets no such plan through; the core shows nothing all the same.
#[test]
fn what_is_not_granted_is_not_shown() {
    let mut plan = shop();
    let name = plan.find_field(&"applicant.name".parse().unwrap()).unwrap();
    plan.fields[name.index()].grants.clear();
    let story = tell_of(
        plan,
        "open
         when hit register
         then step-completed register; submitted apply; step-dispatched verify
         when read verify
         then data-read verify",
    );
    let verify = story.step("verify");
    let Some(Event::DataRead { reads, .. }) = story.news.last() else {
        panic!("{:?}", story.news);
    };
    assert!(reads.is_empty(), "nothing was there to be read");
    let case = story.case.unwrap();
    assert!(case.input(verify).all(|(field, _)| field != name));
    assert!(case.not_granted(verify).eq([name]));
    assert_eq!(case.personal_reads(verify).count(), 0);
}

/// Answers to a notice are the applicant's, although they come with an officer's step.
#[test]
fn every_value_has_its_origin() {
    let story = tell(
        "open
         when hit register
         when complete verify
         when supplement review again
         when submit review",
    );
    let case = story.case.as_ref().unwrap();
    let origin = |name: &str| {
        let field = story.plan.find_field(&name.parse().unwrap()).unwrap();
        case.origin(field, case.datum(field).unwrap())
    };
    let step = |key: &str| story.step(key);
    assert_eq!(origin("applicant.code"), Origin::Applicant(step("apply")));
    assert_eq!(origin("applicant.name"), Origin::Registry(step("register")));
    assert_eq!(origin("applicant.checked"), Origin::Step(step("verify")));
    assert_eq!(origin("applicant.photo"), Origin::Applicant(step("review")));
}

#[test]
fn a_whole_case_is_read_on_the_grants_of_a_department() {
    let mut story = tell("open\n when hit register");
    let window = story.plan.find_department("window").unwrap();
    let mut case = story.case.take().unwrap();
    let mut out = Vec::new();
    let read = Command::ReadCase {
        department: window,
        purpose: None,
    };
    case.handle(&read, story.now, &mut out).unwrap();
    let [Event::CaseRead { department, reads }] = &out[..] else {
        panic!("{out:?}");
    };
    assert_eq!(department.as_ref().map(|key| key.as_str()), Some("window"));
    let name = story
        .plan
        .find_field(&"applicant.name".parse().unwrap())
        .unwrap();
    assert_eq!(reads.len(), 1);
    assert_eq!(
        (reads[0].field, reads[0].purpose.as_str()),
        (name, "licensing")
    );
}

#[test]
fn withdrawal_ends_everything() {
    let story = tell(
        "open
         when withdraw
         then case-withdrawn
         is   withdrawn
         asks
         when hit register
         rejected C0101",
    );
    // Nobody goes on with any step.
    let case = story.case.as_ref().unwrap();
    for step in story.plan.step_numbers() {
        assert!(case.step(step).status.is_final(), "{step:?}");
    }
}

#[test]
fn a_simulated_case_takes_the_same_way_without_data() {
    tell(
        "open simulated
         then case-opened; step-dispatched register
         when hit register
         then step-completed register; submitted apply; step-dispatched verify
         when complete-nothing verify
         then step-completed verify; step-dispatched review",
    );
}

/// A failing system does not give a department more time.
#[test]
fn failures_and_notices_do_not_move_a_limit() {
    let mut story = tell(
        "open
         when hit register
         when complete verify",
    );
    let review = story.step("review");
    let due = story.case.as_ref().unwrap().step(review).due();
    assert!(due.is_some());
    for words in [["fail", "review", "down"], ["retry", "review", ""]] {
        story.when(&words);
        assert_eq!(story.rejected, None, "{words:?}");
        assert_eq!(
            story.case.as_ref().unwrap().step(review).due(),
            due,
            "{words:?}"
        );
    }
    for words in [["supplement", "review", "seal"], ["submit", "review", ""]] {
        story.when(&words);
        assert_eq!(story.rejected, None, "{words:?}");
        assert_eq!(
            story.case.as_ref().unwrap().step(review).due(),
            due,
            "{words:?}"
        );
    }
}
