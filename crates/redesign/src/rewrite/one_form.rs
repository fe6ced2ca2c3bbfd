//! What the one form of R1 asks on its own account, beside what steps read.

use std::collections::BTreeSet;

use onething_definition::design::{Design, Intake, Read};
use onething_model::{FieldPath, Text};
use onething_plan::Handled;

use super::Ground;
use super::asked_anew::without_anew;
use super::by_class::Known;
use super::collected::fields_of;
use super::draft::Draft;
use super::for_whom::{Applicants, Claim, What, by_scope};
use super::forms::Forms;
use super::graph::{asked as registries, made_by_steps, read_by_steps};
use super::kept::Way;
use super::own_account::{less_known, with_applicant};
use super::proof::{Line, Proof, Rule, Site, fields_in_words};
use super::quantity::{FIELDS, MATERIALS, Quantity};
use crate::words::list;

/// What the forms ask on their own account, the union of them. What some answers are spared
/// and no step reads is left out: the one form would ask it whatever the answers, be it of the
/// applicant or of another, and which step of which matter wants it only a person knows.
pub(super) fn asked_by_all(
    ground: &Ground<'_>,
    design: &Design,
    forms: &Forms<'_>,
    proof: &mut Proof,
) -> Vec<Read> {
    // What some step reads is asked where it is read.
    let read = read_by_steps(design);
    let (mut asks, mut left): (Vec<Read>, Vec<FieldPath>) = (Vec::new(), Vec::new());
    for ask in design.intakes.iter().flat_map(|intake| &intake.asks) {
        if asks.iter().any(|known| known.field == ask.field) || left.contains(&ask.field) {
            continue;
        }
        match forms.of_everybody.get(&ask.field) {
            Some(must) => asks.push(Read {
                optional: !must,
                ..ask.clone()
            }),
            None if read.contains(&ask.field) => {}
            None => left.push(ask.field.clone()),
        }
    }
    if !left.is_empty() {
        proof.changed(left_off(ground, left.clone(), &Text::default()));
    }
    for field in left {
        proof.confirm_saving(&counted_as(ground, &field), wanted(ground, design, &field));
    }
    asks
}

/// What a field that is asked no more saves.
fn counted_as(ground: &Ground<'_>, field: &FieldPath) -> [Quantity; 1] {
    let fact = ground.setting.field(field);
    match fact.is_some_and(|fact| fact.material) {
        true => [MATERIALS],
        false => [FIELDS],
    }
}

/// That the one form does not ask for what only some answers were asked.
fn left_off(ground: &Ground<'_>, left: Vec<FieldPath>, of: &Text) -> Line {
    let words = fields_in_words(ground.setting, &left);
    Line::new(
        format!(
            "只有部分情形的申请要求填写、又没有环节读取，不列入合并后的表单{}：{}",
            of.zh(),
            words.zh()
        ),
        format!(
            "asked on applications of some answers only, and read by no step: not on the one form{}: {}",
            of.en(),
            words.en()
        ),
    )
    .fields(left)
    .gone()
}

/// Has the proof of R1 say what the one form does without as it is in the proposal: a later rule
/// may ask for it again, to look something up with.
pub(super) fn told_by(ground: &Ground<'_>, was: Way<'_>, is: Way<'_>, proof: &mut Proof) {
    let is_left_off =
        |line: &Line| *line == left_off(ground, line.fields.clone(), &Text::default());
    let Some(at) = proof.changed.iter().position(is_left_off) else {
        return;
    };
    let left = proof.changed.remove(at).fields;
    let all = Applicants::of([was, is]);
    let answers = all.answers.iter();
    let each: Vec<[Known; 2]> = answers
        .map(|answers| [was, is].map(|way| Known::at(way, answers)))
        .collect();
    let (mut lines, mut everywhere): (Vec<Claim>, Vec<FieldPath>) = (Vec::new(), Vec::new());
    for field in left {
        let places = [was, is].map(|way| way.plan.find_field(&field));
        let asked = |number: usize, way: usize| {
            places[way].is_some_and(|at| each[number][way].asked[at.index()])
        };
        let what = What::LeftOff(field.clone());
        match all.scope(|number, _| asked(number, 0) && !asked(number, 1)) {
            Some(scope) => {
                let again = (0..each.len()).any(|number| asked(number, 0) && asked(number, 1));
                proof.claims.push(Claim { what, scope });
                if again {
                    lines.extend(proof.claims.last().cloned());
                } else {
                    everywhere.push(field);
                }
            }
            // Whoever was asked is asked: there is nothing to be confirmed.
            None => {
                let text = wanted(ground, was.design, &field);
                proof.no_longer_confirm(&counted_as(ground, &field), &text);
            }
        }
    }
    let mut told = Vec::new();
    if !everywhere.is_empty() {
        told.push(left_off(ground, everywhere, &Text::default()));
    }
    for (scope, claims) in by_scope(&lines) {
        told.push(left_off(ground, fields_of(&claims), scope.told()));
    }
    proof.changed.splice(at..at, told);
}

/// That who took an application in may have wanted what the one form does not ask, and how it
/// is asked of those alone who bring that matter.
fn wanted(ground: &Ground<'_>, design: &Design, field: &FieldPath) -> Text {
    let setting = ground.setting;
    let asks = |intake: &&Intake| intake.asks.iter().any(|ask| ask.field == *field);
    let intakes = design.intakes.iter().filter(asks);
    let matters = intakes.filter_map(|intake| setting.matter(intake.matter.as_ref()?));
    let matters: Vec<Text> = matters.map(|matter| matter.title.clone()).collect();
    let (words, matters) = (
        fields_in_words(setting, std::slice::from_ref(field)),
        list(&matters),
    );
    let (zh, en) = if field.role == setting.applicant {
        (
            "是否靠它联系或者识别申请人",
            "to reach or to know the applicant",
        )
    } else {
        ("是否确需", "at all")
    };
    Text::new(
        format!(
            "{}：办理“{}”{zh}；需要的，写进该事项中读取它的环节，就只向办理该事项的人询问",
            words.zh(),
            matters.zh()
        ),
        format!(
            "whether {} needs {} {en}: if so, let a step of that matter read it, which asks those alone who bring the matter",
            matters.en(),
            words.en()
        ),
    )
}

/// The design without what its one form need not ask on its own account: what steps make or
/// ask for themselves, and what is looked up. Noted is what is gone and may stay.
pub(super) fn less_on_form(
    ground: &Ground<'_>,
    was: Way<'_>,
    mut next: Design,
    forms: &Forms<'_>,
    proof: &mut Proof,
) -> Draft {
    // Registries are asked for what the form asks as well.
    let were = next.intakes[0].asks.clone();
    let mut asks = were.clone();
    let mut gone = needless(ground, &next, &mut asks);
    next.intakes[0].asks = asks;
    let next = with_applicant(ground, Draft::new(next), &[were], &mut gone);
    for field in gone {
        proof.did(Site::Field(field));
    }
    let (next, _) = less_known(ground, next, |_| true);
    let next = without_makers(ground, None, next);
    without_anew(ground, was, forms, next, proof)
}

/// Without what the one form names for answers for which no step makes it, where there are none,
/// and where there were some before.
pub(super) fn without_makers(ground: &Ground<'_>, was: Option<Way<'_>>, next: Draft) -> Draft {
    let form = next.design.intakes.first();
    let Some(form) = form.filter(|_| next.design.handled == Handled::Together) else {
        return next;
    };
    let made = made_by_steps(&next.design);
    let asks = form.asks.iter();
    let made: Vec<FieldPath> = asks
        .map(|ask| &ask.field)
        .filter(|field| made.contains(field))
        .cloned()
        .collect();
    let Some(way) = next.way(ground.drafting).filter(|_| !made.is_empty()) else {
        return next;
    };
    let (forms, were) = (Forms::of(way), was.map(Forms::of));
    let was_asked = |field: &FieldPath| were.as_ref().is_none_or(|were| were.asks(field));
    let idle = |field: &FieldPath| made.contains(field) && !forms.asks(field) && was_asked(field);
    if !made.iter().any(&idle) {
        return next;
    }
    let mut design = (*next.design).clone();
    design.intakes[0].asks.retain(|ask| !idle(&ask.field));
    Draft::new(design)
}

/// Takes off what need not stand on the form, with what is gone and may stay.
fn needless(ground: &Ground<'_>, design: &Design, asks: &mut Vec<Read>) -> Vec<FieldPath> {
    let (made, read) = (made_by_steps(design), read_by_steps(design));
    let reads = || design.steps.iter().flat_map(|step| &step.reads);
    let keys: BTreeSet<&FieldPath> = registries(ground.setting, design)
        .into_iter()
        .flat_map(|provider| &provider.with)
        .collect();
    let stays = |field: &FieldPath| {
        let site = Site::Field(field.clone());
        ground.denied(Rule::AskOnce, site).is_some()
    };
    let mut gone = Vec::new();
    asks.retain_mut(|ask| {
        let field = &ask.field;
        if made.contains(field) {
            // Where no step makes it, the form has to name it for who can do without, and for
            // the registry that is asked with it.
            ask.optional = true;
            let optional = reads().any(|read| read.field == *field && read.optional);
            return optional || keys.contains(field);
        }
        if stays(field) || !read.contains(field) {
            return true;
        }
        gone.push(field.clone());
        false
    });
    gone
}
