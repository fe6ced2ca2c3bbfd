//! Why the applicant has to say something: why nobody else can.

use onething_model::Text;
use onething_plan::{
    Actor, Cond, FieldIx, Handled, Holder, Plan, Scenario, Spared, StepIx, SubmissionKind, Way,
    scenario::Source,
};

use super::Origin;
use crate::guide::unasked;
use crate::words;

/// Why `reader` gets the field from the applicant: what each step that could
/// make it and each registry that could give it lacks. `submission` is where they are asked:
/// a step of their own makes nothing that they have not stated there.
pub(super) fn nobody_else(
    plan: &Plan,
    scenario: &Scenario,
    field: FieldIx,
    reader: StepIx,
    submission: StepIx,
) -> Vec<Text> {
    let item = plan.field(field);
    let mut reasons = Vec::new();
    if let Actor::Submission(asked) = &plan.step(submission).actor
        && let SubmissionKind::Fallback(look_up) = asked.kind
    {
        let title = words::quoted(&plan.step(look_up).title);
        let (zh, en) = (title.zh(), title.en());
        let unasked = unasked::told(plan, scenario.outline(), submission);
        return vec![match unasked {
            None => Text::new(format!("{zh}没有查到"), format!("{en} found nothing")),
            Some(unasked) => Text::new(
                format!("{zh}没有查到，或者{}", unasked.zh()),
                format!("{en} found nothing or {}", unasked.en()),
            ),
        }];
    }
    let others = || item.producers.iter().filter(|maker| **maker != submission);
    if others().next().is_none() {
        reasons.push(nobody_makes_it());
    }
    if let Some(derived) = item.derived {
        let comes = comes_later(plan, derived.from);
        let comes: Vec<StepIx> = comes.filter(|step| scenario.is_active(*step)).collect();
        if comes.is_empty() {
            reasons.push(no_less(plan, derived.from));
        }
        let later = comes.into_iter();
        reasons.extend(later.map(|step| source_too_late(plan, derived.from, step)));
    }
    for producer in others() {
        reasons.push(if !scenario.is_active(*producer) {
            not_part(plan, *producer)
        } else if producer.index() >= reader.index() {
            too_late(plan, *producer)
        } else {
            carried(plan, *producer)
        });
    }
    let allowed = |look_up: &&StepIx| scenario.outline().allows(**look_up);
    let later = item.lookups.iter().filter(|look_up| **look_up >= reader);
    for look_up in later.filter(allowed) {
        reasons.push(found_too_late(plan, *look_up));
    }
    for spared in scenario.spared() {
        if spared.look_up < reader && item.lookups.contains(&spared.look_up) {
            reasons.push(not_worth(plan, scenario, spared));
        }
    }
    reasons.extend(registries(plan, field));
    reasons
}

fn nobody_makes_it() -> Text {
    Text::new(
        "本“一件事”没有环节会产生这项信息",
        "no step of this service makes it",
    )
}

/// What brings the number that a field follows from: steps and registries.
fn comes_later(plan: &Plan, from: FieldIx) -> impl Iterator<Item = StepIx> {
    let item = plan.field(from);
    item.producers.iter().chain(&item.lookups).copied()
}

fn source_too_late(plan: &Plan, from: FieldIx, step: StepIx) -> Text {
    let from = words::quoted(&plan.field(from).title);
    let title = words::quoted(&plan.step(step).title);
    Text::new(
        format!(
            "由{}可以得出它，但{}要等{}之后才有",
            from.zh(),
            from.zh(),
            title.zh()
        ),
        format!(
            "it follows from {}, which is there only after {}",
            from.en(),
            title.en()
        ),
    )
}

/// Why it is not derived from what would have to be asked for it alone.
fn no_less(plan: &Plan, from: FieldIx) -> Text {
    let from = words::quoted(&plan.field(from).title);
    Text::new(
        format!(
            "由{}可以得出它，但为此要多问{}，并不比直接填写它少（最小必要）",
            from.zh(),
            from.zh()
        ),
        format!(
            "it follows from {}, which would have to be asked and is no less than it itself (minimum necessity)",
            from.en()
        ),
    )
}

fn not_part(plan: &Plan, producer: StepIx) -> Text {
    let title = words::quoted(&plan.step(producer).title);
    Text::new(
        format!("{}会产生这项信息，但您的情形不办理这个环节", title.zh()),
        format!("{} would make it, but is not part of this case", title.en()),
    )
}

fn too_late(plan: &Plan, producer: StepIx) -> Text {
    let title = words::quoted(&plan.step(producer).title);
    Text::new(
        format!("{}会产生这项信息，但那时已经用过它了", title.zh()),
        format!("{} makes it, but only after it is read", title.en()),
    )
}

fn carried(plan: &Plan, producer: StepIx) -> Text {
    let title = words::quoted(&plan.step(producer).title);
    Text::new(
        format!(
            "{}已经产生这项信息，但各事项分开办理，要由申请人自己带去",
            title.zh()
        ),
        format!(
            "{} has made it, but matters are handled apart: the applicant carries it along",
            title.en()
        ),
    )
}

fn found_too_late(plan: &Plan, look_up: StepIx) -> Text {
    let title = words::quoted(&plan.step(look_up).title);
    Text::new(
        format!("{}要等用到这项信息之后才能进行", title.zh()),
        format!("{} is possible only after it is read", title.en()),
    )
}

/// What the registries lack that hold the field or could.
fn registries(plan: &Plan, field: FieldIx) -> Vec<Text> {
    let item = plan.field(field);
    let asked = |holder: &&Holder| {
        item.lookups
            .iter()
            .any(|step| match &plan.step(*step).actor {
                Actor::LookUp(look_up) => look_up.registry == holder.registry,
                Actor::Submission(_)
                | Actor::System
                | Actor::Officer
                | Actor::Applicant
                | Actor::Outside => false,
            })
    };
    let not_asked = item.holders.iter().filter(|holder| !asked(holder));
    let mut reasons: Vec<Text> = not_asked
        .map(|holder| not_asked_because(plan, field, holder))
        .collect();
    if item.lookups.is_empty() && item.holders.is_empty() {
        reasons.push(Text::new(
            "没有数据库能够提供这项信息",
            "no registry can provide it",
        ));
    }
    reasons
}

/// That a registry holds the field and is not asked, and why not.
fn not_asked_because(plan: &Plan, field: FieldIx, holder: &Holder) -> Text {
    if !holder.circle.is_empty() {
        return in_circle(plan, field, holder);
    }
    let title = words::quoted(&holder.title);
    let (zh, en) = (title.zh(), title.en());
    let (whose_zh, whose_en) = (holder.department.zh(), holder.department.en());
    match (&holder.why_not, plan.way) {
        (Some(because), _) => Text::new(
            format!("{whose_zh}的{zh}有它，但没有查询：{}", because.zh()),
            format!(
                "{en} of {whose_en} holds it, but is not asked: {}",
                because.en()
            ),
        ),
        (None, Way::Old) => Text::new(
            format!("{whose_zh}的{zh}有它，但当时不查询"),
            format!("{en} of {whose_en} holds it, but was not asked then"),
        ),
        (None, Way::New) => Text::new(
            format!("{whose_zh}的{zh}有它，但本定义不查询"),
            format!("{en} of {whose_en} holds it, but this definition does not ask it"),
        ),
    }
}

/// Why a registry is not asked that needs what is looked up by the field itself.
fn in_circle(plan: &Plan, field: FieldIx, holder: &Holder) -> Text {
    let is_read = |field: FieldIx| {
        let mut steps = plan.steps.iter();
        steps.any(|step| {
            let mut reads = step.reads.iter();
            !matches!(step.actor, Actor::LookUp(_)) && reads.any(|read| read.field == field)
        })
    };
    let alone = is_read(field) && !holder.circle.iter().all(|need| is_read(*need));
    let (why_zh, why_en) = if alone {
        ("它本来就要用到", "this one is needed anyway")
    } else {
        (
            "凭它能查到的更多；一样多的，以数据约定中排在前面的为准",
            "more is looked up by this one; where it is as much, the contract lists its look-up first",
        )
    };
    let registry = words::quoted(&holder.title);
    let needs: Vec<Text> = holder
        .circle
        .iter()
        .map(|field| words::quoted(&plan.field(*field).title))
        .collect();
    let needs = words::list(&needs);
    Text::new(
        format!(
            "{}能查到它，但要凭{}查询，而那正要凭它才能查到：两者之中须由申请人提供一个；{why_zh}",
            registry.zh(),
            needs.zh()
        ),
        format!(
            "{} could give it, but is asked with {}, which is looked up by it: one of the two has to be given, and {why_en}",
            registry.en(),
            needs.en()
        ),
    )
}

/// Why a registry is not asked: what it would ask for, against what it would save.
fn not_worth(plan: &Plan, scenario: &Scenario, spared: &Spared) -> Text {
    let named = |fields: &[FieldIx]| {
        let titles: Vec<Text> = fields
            .iter()
            .map(|field| words::quoted(&plan.field(*field).title))
            .collect();
        words::list(&titles)
    };
    let title = plan.step(spared.look_up).title.clone();
    let (asks, saves) = (named(&spared.asks), named(&spared.saves));
    let must_be_given = |field: &FieldIx| {
        let forms = plan.applications().flat_map(|form| scenario.form(form));
        let mut asked = forms.filter(|asked| asked.field == *field);
        asked.any(|asked| !asked.optional)
    };
    if !spared.saves.iter().any(must_be_given) {
        return Text::new(
            format!(
                "没有{}：为了查询必须填写{}，而{}可以不填（最小必要）",
                title.zh(),
                asks.zh(),
                saves.zh()
            ),
            format!(
                "“{}” is not made: it would take {}, and {} may be left out (minimum necessity)",
                title.en(),
                asks.en(),
                saves.en()
            ),
        );
    }
    Text::new(
        format!(
            "没有{}：为了查询要多问{}，并不比直接填写{}少（最小必要）",
            title.zh(),
            asks.zh(),
            saves.zh()
        ),
        format!(
            "“{}” is not made: it would take {}, which is no less than {} itself (minimum necessity)",
            title.en(),
            asks.en(),
            saves.en()
        ),
    )
}

/// Why a registry is not asked, where it is not: as [`not_worth`], whatever it would ask for.
fn not_always_worth(plan: &Plan, look_up: StepIx) -> Text {
    let title = plan.step(look_up).title.clone();
    Text::new(
        format!(
            "没有{}：为了查询要多问的，并不比直接填写少（最小必要）",
            title.zh()
        ),
        format!(
            "“{}” is not made: it would ask for no less than it saves (minimum necessity)",
            title.en()
        ),
    )
}

/// What the field opens: registries that are asked by it, to save or to verify.
pub(super) fn identifies(
    plan: &Plan,
    scenario: &Scenario,
    field: FieldIx,
    comes_from: &[Origin],
) -> Vec<Text> {
    if !comes_from.iter().any(|origin| origin.kind == "applicant") {
        return Vec::new();
    }
    let asked = |always: bool| -> Vec<Text> {
        let steps = scenario.steps().iter();
        let asked = steps.filter(|step| match &plan.step(**step).actor {
            Actor::LookUp(look_up) => look_up.always == always && look_up.keys.contains(&field),
            Actor::Submission(_)
            | Actor::System
            | Actor::Officer
            | Actor::Applicant
            | Actor::Outside => false,
        });
        asked.map(|step| plan.step(*step).title.clone()).collect()
    };
    [false, true]
        .into_iter()
        .map(|always| (asked(always), always))
        .filter(|(titles, _)| !titles.is_empty())
        .map(|(titles, always)| opens(&words::list(&titles), always))
        .collect()
}

fn opens(titles: &Text, always: bool) -> Text {
    if always {
        // The notice says it to applicants: no word of the language.
        return Text::new(
            format!("凭这一项可以{}，这是要求的核验", titles.zh()),
            format!("with it a check is made that is wanted: {}", titles.en()),
        );
    }
    Text::new(
        format!("凭这一项可以{}，其余就不用您填、不用您交", titles.zh()),
        format!(
            "with it others can be asked instead of you: {}",
            titles.en()
        ),
    )
}

/// A reason why the applicant is asked, whatever the answers.
pub(crate) struct AnyReason {
    pub(crate) text: Text,
    /// It is one while none of these steps is part of the case.
    pub(crate) unless: Vec<StepIx>,
    /// It is one while this step is part of the case.
    pub(crate) with: Option<StepIx>,
}

/// All reasons for which the applicant may be asked for a field.
pub(crate) fn reasons(plan: &Plan, field: FieldIx) -> Vec<AnyReason> {
    let item = plan.field(field);
    let mut reasons = Vec::new();
    let mut say = |text, unless, with| reasons.push(AnyReason { text, unless, with });
    match item.producers.as_slice() {
        [] => say(nobody_makes_it(), vec![], None),
        [own] if plan.is_stated_in(*own) => say(nobody_makes_it(), vec![], Some(*own)),
        _ => {}
    }
    if let Some(derived) = item.derived {
        let comes: Vec<StepIx> = comes_later(plan, derived.from).collect();
        // While any of them is part of the case it is another reason: that is told besides.
        say(no_less(plan, derived.from), comes.clone(), None);
        for step in comes {
            say(
                source_too_late(plan, derived.from, step),
                vec![],
                Some(step),
            );
        }
    }
    let readers: Vec<StepIx> = plan
        .step_numbers()
        .filter(|step| {
            let mut reads = plan.step(*step).reads.iter();
            reads.any(|read| read.field == field)
        })
        .collect();
    for producer in &item.producers {
        let made = *producer;
        if plan.step(made).when != Cond::Always {
            say(not_part(plan, made), vec![made], None);
        }
        if readers.iter().any(|reader| made >= *reader) {
            say(too_late(plan, made), vec![], Some(made));
        }
        let elsewhere = |reader: &StepIx| plan.step(*reader).scope != plan.step(made).scope;
        if plan.handled == Handled::Apart
            && readers
                .iter()
                .any(|reader| made < *reader && elsewhere(reader))
        {
            say(carried(plan, made), vec![], Some(made));
        }
    }
    // A registry may be asked on the draft for some answers, and later for others.
    let registry = |step: StepIx| match &plan.step(step).actor {
        Actor::LookUp(look_up) => Some((&look_up.registry, look_up.role)),
        Actor::Submission(_)
        | Actor::System
        | Actor::Officer
        | Actor::Applicant
        | Actor::Outside => None,
    };
    for look_up in &item.lookups {
        if readers.iter().any(|reader| look_up >= reader) {
            say(found_too_late(plan, *look_up), vec![], Some(*look_up));
        }
        let same = |step: &&StepIx| registry(**step) == registry(*look_up);
        let same: Vec<StepIx> = item.lookups.iter().filter(same).copied().collect();
        // What is made only if its key is known asks for nothing.
        let mut weighed = same.iter().filter(|step| !if_known(plan, **step));
        if readers.iter().any(|reader| look_up < reader) && weighed.next() == Some(look_up) {
            say(not_always_worth(plan, *look_up), same, None);
        }
    }
    for text in registries(plan, field) {
        say(text, vec![], None);
    }
    for step in plan.step_numbers() {
        if let Actor::LookUp(look_up) = &plan.step(step).actor
            && look_up.keys.contains(&field)
        {
            let text = opens(&plan.step(step).title, look_up.always);
            say(text, vec![], Some(step));
        }
    }
    reasons
}

fn if_known(plan: &Plan, step: StepIx) -> bool {
    matches!(&plan.step(step).actor, Actor::LookUp(look_up) if look_up.if_known)
}

/// What follows from the field, and so is not asked.
pub(super) fn spares(
    plan: &Plan,
    scenario: &Scenario,
    field: FieldIx,
    comes_from: &[Origin],
) -> Option<Text> {
    if !comes_from.iter().any(|origin| origin.kind == "applicant") {
        return None;
    }
    let sources = scenario.steps().iter();
    let mut follows: Vec<FieldIx> = sources
        .flat_map(|step| scenario.sources(*step))
        .filter(|(_, source)| *source == Source::Derived(field))
        .map(|(field, _)| *field)
        .collect();
    follows.sort_unstable();
    follows.dedup();
    if follows.is_empty() {
        return None;
    }
    let titles: Vec<Text> = follows
        .into_iter()
        .map(|field| plan.field(field).title.clone())
        .collect();
    let titles = words::list(&titles);
    Some(Text::new(
        format!("由它可以得出，从而不用再填：{}", titles.zh()),
        format!(
            "these follow from it and need not be filled in: {}",
            titles.en()
        ),
    ))
}
