//! Why a field is asked, or where else it comes from: who reads it on which
//! basis, and why nobody can provide it.

mod reasons;

use onething_model::{ContractKey, FieldPath, Lang, StepKey, Text};
use onething_plan::{Actor, FieldIx, Plan, Scenario, Sensitivity, StepIx, scenario::Source};
use serde::Serialize;

pub(crate) use self::reasons::reasons;
use self::reasons::{identifies, nobody_else, spares};

use crate::page::Page;
use crate::view::{DepartmentView, MatterView};
use crate::words;

/// What there is to say about a field in one scenario.
///
/// As JSON: `field`, `title`, `subject`, `contract`, `sensitivity`,
/// `readers[]`, `comes_from[]` and `why_asked[]`; the last is empty when the
/// applicant is not asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Why {
    /// `role.field`.
    pub field: FieldPath,
    /// What people call it.
    pub title: Text,
    /// Whose datum it is: the role.
    pub subject: Text,
    /// The contract that defines it.
    pub contract: ContractKey,
    /// `public`, `personal` or `sensitive`.
    pub sensitivity: &'static str,
    /// The steps of the case that read it.
    pub readers: Vec<Reader>,
    /// Where it comes from; several where readers get it from different places,
    /// none where only steps that are no part of the case would make it.
    pub comes_from: Vec<Origin>,
    /// Why the applicant has to say it: why nobody else can.
    pub why_asked: Vec<Text>,
}

/// A step that reads a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reader {
    /// The step.
    pub step: StepKey,
    /// What people call it.
    pub title: Text,
    /// Whose step it is; none for the applicant's own. Of an application, who takes it in,
    /// as far as they may see the field.
    pub department: Option<DepartmentView>,
    /// The matter it works on.
    pub matter: Option<MatterView>,
    /// Whether it can do without.
    pub optional: bool,
    /// On which grant it reads the field: at most one. Public fields need none. Where it reads
    /// only what follows, each grant on which it reads that.
    pub grants: Vec<GrantView>,
    /// What follows from the field and is all that the step reads of it; left out where it
    /// reads the field itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<Text>,
    /// Whether it is a look-up, whose title already says whose registry it asks.
    #[serde(skip)]
    look_up: bool,
}

/// A right to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GrantView {
    /// What for, as the contract names it.
    pub purpose: String,
    /// What for, as people call it.
    pub purpose_title: Text,
    /// The legal basis.
    pub basis: String,
}

/// Where a field comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// `step`, `registry`, `applicant` or `derived`.
    pub kind: &'static str,
    /// The step that makes it, the look-up, the submission, or the applicant's own step; of what is derived, where
    /// what it follows from comes from.
    pub step: StepKey,
    /// What people call that step; of what is derived, what it follows from.
    pub title: Text,
    /// The legal basis of a look-up; of what is derived, the standard.
    pub basis: Option<String>,
    /// Whether it is a look-up that is made whatever it asks for: the role is
    /// to be verified (`verify: yes`).
    pub verify: bool,
    /// The field that it follows from, where it is derived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<FieldPath>,
    /// Whether other registries of the draft alone are asked with it: where this one has
    /// nothing, they are not asked, and nobody is asked for it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub key_only: bool,
    /// Whether it is looked up after the application, and nobody is asked where nothing is
    /// found, since everybody can do without.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub never_asked: bool,
    /// Whether it is a check of what the application asks for in any case: where the registry
    /// has nothing, that stands, and nobody is asked again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stated: bool,
    /// Whether the step that makes it reads it too: it amends what others give, for the steps
    /// after it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub amended: bool,
    /// Why else than for want of an answer the applicant is asked: the registry cannot be
    /// asked, since the step that makes its key was refused or is not gone on with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unasked: Option<Text>,
}

impl Why {
    /// What there is to say about a field of a plan in a scenario of it.
    ///
    /// # Panics
    /// The field's number is not from this plan.
    ///
    /// ```
    /// use onething_model::Lang;
    /// use onething_plan::{Actor, Scenario, builder::PlanBuilder};
    /// use onething_redesign::Why;
    /// let mut b = PlanBuilder::new("shop");
    /// let name = b.field("name");
    /// b.step("review", Actor::Officer).reads(name);
    /// let plan = b.build();
    /// let scenario = Scenario::resolve(&plan, &plan.reference);
    /// let why = Why::new(&plan, &scenario, name);
    /// assert_eq!(why.why_asked[0].en(), "no step of this service makes it");
    /// assert!(why.text(Lang::En).contains("review (window)"));
    /// ```
    #[must_use]
    pub fn new(plan: &Plan, scenario: &Scenario, field: FieldIx) -> Self {
        let item = plan.field(field);
        let mut readers = Vec::new();
        let mut comes_from: Vec<Origin> = Vec::new();
        let mut why_asked = Vec::new();
        for step in scenario.steps() {
            let reads = &plan.step(*step).reads;
            let follows = || {
                let sources = scenario.sources(*step).iter();
                sources.filter(|(_, source)| *source == Source::Derived(field))
            };
            let direct = reads.iter().any(|read| read.field == field);
            if !direct && follows().next().is_none() {
                continue;
            }
            // Whoever reads only what follows reads that, on its own grants.
            let read = |field: FieldIx| reader(plan, *step, field);
            let mut followed = follows().map(|(field, _)| read(*field));
            let first = if direct { None } else { followed.next() };
            let mut reader = first.unwrap_or_else(|| read(field));
            if !direct {
                for grant in followed.flat_map(|other| other.grants) {
                    if !reader.grants.contains(&grant) {
                        reader.grants.push(grant);
                    }
                }
                let optional =
                    |field: FieldIx| reads.iter().any(|r| r.field == field && r.optional);
                reader.optional = follows().all(|(field, _)| optional(*field));
                let titles = follows().map(|(field, _)| plan.field(*field).title.clone());
                reader.only = titles.collect();
            }
            readers.push(reader);
            let mut sources = scenario.sources(*step).iter();
            // What is absent comes from nowhere.
            let Some((_, source)) = sources.find(|(read, _)| *read == field) else {
                continue;
            };
            let Some(origin) = origin(plan, scenario, *step, (field, *source)) else {
                continue;
            };
            if !comes_from.contains(&origin) {
                comes_from.push(origin);
            }
            if let Some(form) = asked_on(plan, *source) {
                for reason in nobody_else(plan, scenario, field, *step, form) {
                    if !why_asked.contains(&reason) {
                        why_asked.push(reason);
                    }
                }
            }
        }
        // What is stated in a step of the applicant's own is asked even if nobody reads it.
        let own = |step: &&StepIx| plan.is_stated_in(**step);
        for step in scenario.steps().iter().filter(own) {
            if plan.step(*step).writes.contains(&field)
                && let Some(origin) = origin(plan, scenario, *step, (field, Source::Step(*step)))
                && !comes_from.contains(&origin)
            {
                comes_from.push(origin);
                why_asked.extend(nobody_else(plan, scenario, field, *step, *step));
            }
        }
        why_asked.extend(identifies(plan, scenario, field, &comes_from));
        why_asked.extend(spares(plan, scenario, field, &comes_from));
        Self {
            field: item.path.clone(),
            title: item.title.clone(),
            subject: plan.role(item.role).title.clone(),
            contract: item.contract.clone(),
            sensitivity: match item.sensitivity {
                Sensitivity::Public => "public",
                Sensitivity::Personal => "personal",
                Sensitivity::Sensitive => "sensitive",
            },
            readers,
            comes_from,
            why_asked,
        }
    }

    /// The explanation in sentences.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        self.page(lang).to_text()
    }

    /// The explanation as a Markdown page.
    #[must_use]
    pub fn markdown(&self, lang: Lang) -> String {
        self.page(lang).to_markdown()
    }

    fn page(&self, lang: Lang) -> Page {
        let zh = lang == Lang::Zh;
        let (subject, title) = (self.subject.get(lang), self.title.get(lang));
        let mut page = Page {
            tongue: words::tongue(lang),
            title: if zh {
                format!("{subject}·{title}（{}）", self.field)
            } else {
                format!("{subject}: {title} ({})", self.field)
            },
            blocks: Vec::new(),
        };
        let sensitivity = match (self.sensitivity, zh) {
            ("personal", true) => "个人信息",
            ("sensitive", true) => "敏感个人信息",
            (_, true) => "公开信息",
            ("personal", false) => "personal data",
            ("sensitive", false) => "sensitive personal data",
            (_, false) => "public data",
        };
        page.paragraph(if zh {
            format!("由共享数据约定“{}”定义，{sensitivity}。", self.contract)
        } else {
            format!(
                "Defined by the data contract `{}`; {sensitivity}.",
                self.contract
            )
        });
        if self.readers.is_empty() && self.comes_from.is_empty() {
            page.paragraph(if zh {
                "本情形中没有环节用到它，所以不问、也不查。"
            } else {
                "No step of this scenario reads it, so it is neither asked nor looked up."
            });
            return page;
        }
        page.heading(2, if zh { "谁用到它" } else { "Who reads it" });
        let mut readers: Vec<String> = self.readers.iter().map(|r| r.sentence(lang)).collect();
        if readers.is_empty() {
            let nobody = if zh {
                "本情形中没有环节用到它"
            } else {
                "no step of this scenario"
            };
            readers.push(nobody.to_owned());
        }
        page.list(readers);
        page.heading(
            2,
            if zh {
                "从哪里来"
            } else {
                "Where it comes from"
            },
        );
        let mut from: Vec<String> = self.comes_from.iter().map(|o| o.sentence(lang)).collect();
        if from.is_empty() {
            let nobody = if zh {
                "本情形没有环节产生它；没有也可以办，所以不问"
            } else {
                "no step of this scenario makes it; it can be done without, and is not asked"
            };
            from.push(nobody.to_owned());
        }
        page.list(from);
        if !self.why_asked.is_empty() {
            page.heading(
                2,
                if zh {
                    "为什么要申请人提供"
                } else {
                    "Why the applicant is asked"
                },
            );
            let reasons = self.why_asked.iter();
            page.list(reasons.map(|reason| reason.get(lang).to_owned()).collect());
        }
        page
    }
}

impl Reader {
    /// `食品经营许可审查决定（市场监督管理局），依据：…`
    pub(crate) fn sentence(&self, lang: Lang) -> String {
        let zh = lang == Lang::Zh;
        let mut text = self.title.get(lang).to_owned();
        if let Some(department) = self.department.as_ref().filter(|_| !self.look_up) {
            let department = department.title.get(lang);
            text += &if zh {
                format!("（{department}）")
            } else {
                format!(" ({department})")
            };
        }
        if !self.only.is_empty() {
            let only = words::list(&self.only);
            text += &if zh {
                format!("，只用由它得出的{}", only.zh())
            } else {
                format!(", only {}, which follows from it", only.en())
            };
        }
        if self.optional {
            text += if zh {
                "，没有也可以办"
            } else {
                ", can do without"
            };
        }
        for grant in self.grants.iter().filter(|_| !self.look_up) {
            let purpose = grant.purpose_title.get(lang);
            text += &if zh {
                format!("，用途：{purpose}")
            } else {
                format!(", for: {purpose}")
            };
        }
        let bases: Vec<&str> = self.grants.iter().map(|grant| &*grant.basis).collect();
        if !bases.is_empty() {
            text += &if zh {
                format!("，依据：{}", bases.join("；"))
            } else {
                format!(", on the basis of {}", bases.join("; "))
            };
        }
        text
    }
}

impl Origin {
    fn sentence(&self, lang: Lang) -> String {
        let quoted = words::quoted(&self.title);
        let (quoted, title) = (quoted.get(lang), self.title.get(lang));
        let text = match (self.kind, lang) {
            ("derived", Lang::Zh) => format!("由{title}得出，无需填写"),
            ("derived", Lang::En) => format!("follows from {title}, and need not be filled in"),
            ("step", Lang::Zh) if self.amended => {
                format!("由环节{quoted}重新核定，其后的环节使用核定的结果")
            }
            ("step", Lang::En) if self.amended => {
                format!("as the step {quoted} amends it, for the steps after it")
            }
            ("step", Lang::Zh) => format!("由前面的环节{quoted}产生，不再问"),
            ("step", Lang::En) => format!("made by the earlier step {quoted}, not asked again"),
            ("registry", Lang::Zh) if self.stated => {
                format!("{title}，核对申请时所填；查不到或者无法查询时以所填为准，不再问")
            }
            ("registry", Lang::En) if self.stated => {
                format!(
                    "{title}, against what the application asks for; where nothing is found or it cannot be asked, what was stated stands, and nobody is asked again"
                )
            }
            ("registry", Lang::Zh) if self.key_only => {
                format!("{title}，只用于查询其他数据库；查不到时不再查询，也不要求申请人填写")
            }
            ("registry", Lang::En) if self.key_only => {
                format!(
                    "{title}, and other registries are asked with it; where nothing is found they are not asked, and the applicant is not asked for it"
                )
            }
            ("registry", Lang::Zh) if self.never_asked => {
                format!("{title}，查不到也可以办，不再请申请人提供")
            }
            ("registry", Lang::En) if self.never_asked => {
                format!(
                    "{title}; where nothing is found it can be done without, and nobody is asked"
                )
            }
            ("registry", _) => {
                let unasked = self.unasked.as_ref().map(|unasked| unasked.get(lang));
                match (unasked, lang) {
                    (None, Lang::Zh) => format!("{title}，查不到时才请申请人提供"),
                    (None, Lang::En) => {
                        format!("{title}; the applicant is asked only if nothing is found")
                    }
                    (Some(unasked), Lang::Zh) => {
                        format!("{title}，查不到，或者{unasked}时，才请申请人提供")
                    }
                    (Some(unasked), Lang::En) => format!(
                        "{title}; the applicant is asked only if nothing is found or it {unasked}"
                    ),
                }
            }
            (_, Lang::Zh) => format!("由申请人在{quoted}中提供"),
            (_, Lang::En) => format!("given by the applicant in {quoted}"),
        };
        let text = match (self.verify, lang) {
            (false, _) => text,
            (true, Lang::Zh) => {
                format!("{text}；这是要求的核验（`verify: yes`），无论多问什么都查询")
            }
            (true, Lang::En) => {
                format!(
                    "{text}; it is a check that is wanted (`verify: yes`), whatever it asks for"
                )
            }
        };
        match (&self.basis, lang) {
            (None, _) => text,
            (Some(basis), Lang::Zh) => format!("{text}，依据：{basis}"),
            (Some(basis), Lang::En) => format!("{text}, on the basis of {basis}"),
        }
    }
}

pub(crate) fn reader(plan: &Plan, step: StepIx, field: FieldIx) -> Reader {
    let item = plan.step(step);
    let read = item.reads.iter().find(|read| read.field == field);
    // What an application asks on its own account is for whoever accepts it. Of personal
    // data without a grant nobody sees more than the name.
    let granted = read.and_then(|read| plan.grant(step, read));
    let sees = granted.is_some()
        || plan.field(field).sensitivity == Sensitivity::Public
        || !matches!(item.actor, Actor::Submission(_));
    let department = plan.step(plan.reader(step)).department.filter(|_| sees);
    let department = department.map(|department| plan.department(department));
    let grants = match &item.actor {
        // A registry is asked on the basis of the look-up, not on its department's grants.
        Actor::LookUp(look_up) => look_up
            .basis
            .iter()
            .map(|basis| GrantView {
                purpose: "look-up".to_owned(),
                purpose_title: Text::new("查询数据库", "a look-up"),
                basis: basis.clone(),
            })
            .collect(),
        Actor::Submission(_)
        | Actor::System
        | Actor::Officer
        | Actor::Applicant
        | Actor::Outside => granted
            .into_iter()
            .map(|grant| GrantView {
                purpose: grant.purpose.clone(),
                purpose_title: plan.purpose(&grant.purpose),
                basis: grant.basis.clone(),
            })
            .collect(),
    };
    Reader {
        step: item.key.clone(),
        title: plan.step(step).title.clone(),
        look_up: matches!(item.actor, Actor::LookUp(_)),
        only: Vec::new(),
        matter: item.matter.map(|matter| MatterView {
            key: plan.matter(matter).key.clone(),
            title: plan.matter(matter).title.clone(),
        }),
        optional: read.is_some_and(|read| read.optional),
        grants,
        department: department.map(|department| DepartmentView {
            key: department.key.clone(),
            title: department.title.clone(),
        }),
    }
}

/// Whether what a look-up gives is what other look-ups are asked with, and nothing else, so
/// that nobody is asked for it. On the draft it is asked all the same for a look-up after it.
fn is_key_only(plan: &Plan, scenario: &Scenario, look_up: StepIx, field: FieldIx) -> bool {
    let application = plan.step(look_up).scope;
    let on_draft = plan.is_on_draft(look_up, application);
    let reads = |step: &&StepIx| {
        let mut sources = scenario.sources(**step).iter();
        sources.any(|source| *source == (field, Source::LookUp(look_up)))
    };
    let mut readers = scenario.steps().iter().filter(reads);
    readers.all(|reader| match on_draft {
        true => plan.is_on_draft(*reader, application),
        false => matches!(plan.step(*reader).actor, Actor::LookUp(_)),
    })
}

/// Whether the application asks for what a look-up gives in any case.
fn is_stated(plan: &Plan, scenario: &Scenario, look_up: StepIx, field: FieldIx) -> bool {
    let mut form = scenario.form(plan.step(look_up).scope).iter();
    form.any(|asked| asked.field == field)
}

/// Where the applicant is asked, if that is where something comes from: by a submission, or in
/// a step of their own.
fn asked_on(plan: &Plan, source: Source) -> Option<StepIx> {
    match source {
        Source::Applicant(form) => Some(form),
        Source::Step(step) => plan.is_stated_in(step).then_some(step),
        Source::LookUp(_) | Source::Derived(_) => None,
    }
}

/// Where `reader` has a field from.
fn origin(
    plan: &Plan,
    scenario: &Scenario,
    reader: StepIx,
    (field, source): (FieldIx, Source),
) -> Option<Origin> {
    let (kind, step) = match source {
        Source::Step(step) if plan.is_stated_in(step) => ("applicant", step),
        Source::Step(step) => ("step", step),
        Source::LookUp(step) => ("registry", step),
        Source::Applicant(step) => ("applicant", step),
        Source::Derived(from) => {
            let by = plan.field(field).derived?.by;
            let step = match scenario.outline().origin(reader, from)? {
                (_, Source::Step(step) | Source::LookUp(step) | Source::Applicant(step)) => step,
                (_, Source::Derived(_)) => return None,
            };
            let (title, part) = (words::quoted(&plan.field(from).title), by.part());
            return Some(Origin {
                kind: "derived",
                step: plan.step(step).key.clone(),
                title: Text::new(
                    format!("{}（{}）", title.zh(), part.zh()),
                    format!("{} ({})", title.en(), part.en()),
                ),
                basis: Some(by.standard().to_owned()),
                verify: false,
                from: Some(plan.field(from).path.clone()),
                key_only: false,
                never_asked: false,
                stated: false,
                amended: false,
                unasked: None,
            });
        }
    };
    let look_up = match &plan.step(step).actor {
        Actor::LookUp(look_up) => Some(look_up),
        Actor::Submission(_)
        | Actor::System
        | Actor::Officer
        | Actor::Applicant
        | Actor::Outside => None,
    };
    let fallback = look_up.and_then(|look_up| look_up.fallback);
    Some(Origin {
        kind,
        unasked: fallback
            .and_then(|form| crate::guide::unasked::told(plan, scenario.outline(), form)),
        from: None,
        never_asked: fallback.is_some_and(|form| !crate::guide::is_asked(scenario, form)),
        key_only: look_up.is_some() && is_key_only(plan, scenario, step, field),
        stated: look_up.is_some() && is_stated(plan, scenario, step, field),
        amended: kind == "step" && scenario.outline().origin(step, field).is_some(),
        step: plan.step(step).key.clone(),
        title: plan.step(step).title.clone(),
        basis: look_up.and_then(|look_up| look_up.basis.clone()),
        verify: look_up.is_some_and(|look_up| look_up.always),
    })
}
