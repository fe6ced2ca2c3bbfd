//! A design as the text of a `service.yaml`.

use onething_model::{Lang, RegistryKey, StepKey, Text};
use onething_plan::{Declared, DeliveryChannel, QuestionType, Refused, Service};

use super::yaml::{answer, by_role, condition, flow, language, limits, quoted, reads, retry, text};
use super::{By, Design, Intake, Order, OrderKind, Reason, Registries, Step};
use crate::graph::build::Head;
use crate::lower::symbols::Symbols;

/// What a file says of the service itself.
pub(super) struct ServiceHead<'s, 'a> {
    pub(super) symbols: &'s Symbols<'a>,
    pub(super) head: &'s Head,
    /// The language of plain texts, where the file names it.
    pub(super) language: Option<Lang>,
    /// That of the `before.yaml`.
    pub(super) before_language: Option<Lang>,
}

/// Which of the service's names a file needs.
pub(super) struct Needed {
    /// By number of the role.
    pub(super) roles: Vec<bool>,
    /// By number of the question.
    pub(super) questions: Vec<bool>,
    /// By number of the matter.
    pub(super) matters: Vec<bool>,
}

impl Needed {
    fn all(symbols: &Symbols<'_>) -> Self {
        Self {
            roles: vec![true; symbols.roles.len()],
            questions: vec![true; symbols.questions.len()],
            matters: vec![true; symbols.matters.len()],
        }
    }
}

/// Where a step is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In a `service.yaml`.
    Service,
    /// In a `before.yaml`, as a step that only the old way has.
    Before,
    /// In a `before.yaml`, as one that the new way has as well, but otherwise.
    BeforeWhole,
}

/// Lines with their indentation.
#[derive(Default)]
pub(super) struct Page(pub(super) String);

impl Page {
    /// A comment of one line.
    pub(super) fn comment(&mut self, text: &str) {
        self.0.push_str(&format!("# {text}\n"));
    }

    pub(super) fn line(&mut self, depth: usize, key: &str, value: &str) {
        let value = if value.is_empty() {
            String::new()
        } else {
            format!(" {value}")
        };
        self.0.push_str(&"  ".repeat(depth));
        self.0.push_str(&format!("{key}:{value}\n"));
    }

    pub(super) fn some(&mut self, depth: usize, key: &str, value: Option<String>) {
        if let Some(value) = value {
            self.line(depth, key, &value);
        }
    }

    pub(super) fn item(&mut self, value: &str) {
        self.0.push_str(&format!("  - {value}\n"));
    }

    pub(super) fn gap(&mut self) {
        self.0.push('\n');
    }
}

/// The text; `None` where there is more than one intake.
pub(super) fn service(
    head: &ServiceHead<'_, '_>,
    service: &Service,
    design: &Design,
) -> Option<String> {
    let mut page = Page::default();
    let needed = Needed::all(head.symbols);
    let name = head.head.service.as_str();
    write_service(&mut page, head, service, design, &needed, name)?;
    Some(page.0)
}

/// Writes a `service.yaml`; `None` where there is more than one intake.
pub(super) fn write_service(
    page: &mut Page,
    ServiceHead {
        symbols,
        head,
        language: lang,
        ..
    }: &ServiceHead<'_, '_>,
    service: &Service,
    design: &Design,
    needed: &Needed,
    name: &str,
) -> Option<()> {
    let [intake] = &design.intakes[..] else {
        return None;
    };
    let tree = symbols.tree;
    page.line(0, "onething", "1");
    page.line(0, "service", &quoted(name));
    page.line(0, "version", &head.version);
    page.some(0, "language", lang.map(|lang| language(lang).to_owned()));
    page.line(0, "title", &text(&head.title));
    let owner = &tree.departments[symbols.owner?];
    page.line(0, "owner", &quoted(owner.key.as_str()));
    page.line(0, "calendar", &quoted(&symbols.calendar_name));
    page.gap();
    page.line(0, "roles", "");
    for (role, needed) in symbols.roles.iter().zip(&needed.roles) {
        if !needed {
            continue;
        }
        let contract = &tree.contracts[role.contract?];
        let many = if role.many { ", many: yes" } else { "" };
        let verify = if role.verify.is_some() {
            ", verify: yes"
        } else {
            ""
        };
        let given = role
            .given
            .iter()
            .map(|(field, _)| &contract.fields[*field].key);
        let given: Vec<String> = given.map(|key| quoted(key.as_str())).collect();
        let given = match &given[..] {
            [] => String::new(),
            given => format!(", given: [{}]", given.join(", ")),
        };
        let value = format!(
            "{{ contract: {}, title: {}{many}{verify}{given} }}",
            quoted(&contract.name),
            text(&role.title)
        );
        page.line(1, &quoted(role.key.as_str()), &value);
    }
    let applicant = &symbols.roles[symbols.applicant?].key;
    page.line(0, "applicant", &quoted(applicant.as_str()));
    page.gap();
    questions(page, service, &needed.questions);
    if let Some(fetched) = registries(&design.fetched) {
        page.line(0, "fetched", &fetched);
        page.gap();
    }
    page.line(0, "intake", "");
    write_intake(page, 1, intake);
    page.gap();
    page.line(0, "matters", "");
    let matters = symbols.matters.iter().zip(&design.limits);
    for ((matter, limit), needed) in matters.zip(&needed.matters) {
        if !needed {
            continue;
        }
        page.line(1, &quoted(matter.key.as_str()), "");
        page.line(2, "title", &text(&matter.title));
        page.some(
            2,
            "code",
            matter
                .code
                .as_ref()
                .map(|code| serde_json::Value::from(code.as_str()).to_string()),
        );
        let department = &tree.departments[matter.department?];
        page.line(2, "department", &quoted(department.key.as_str()));
        page.some(2, "when", condition(&matter.when, &service.new.questions));
        page.some(2, "limit", limits(limit));
        if matter.refused == Refused::EndsMatter {
            page.line(2, "refused", "ends matter");
        }
    }
    page.gap();
    page.line(0, "steps", "");
    for step in &design.steps {
        write_step(page, service, step, Place::Service);
    }
    if !design.joint_inspections.is_empty() {
        page.gap();
        page.line(0, "joint_inspections", "");
    }
    for inspection in &design.joint_inspections {
        page.line(1, &quoted(&inspection.name), "");
        page.line(2, "title", &text(&inspection.title));
        page.line(2, "steps", &steps(&inspection.steps));
        let attends = inspection.applicant_attends.map(yes_no);
        page.some(2, "applicant_attends", attends.map(str::to_owned));
    }
    if !design.delivers.is_empty() {
        page.gap();
    }
    deliveries(page, design);
    if !service.declared.is_empty() {
        page.gap();
        page.line(0, "declared", "");
    }
    for figure in &service.declared {
        page.item(&declared(figure));
    }
    Some(())
}

/// What the applicant gets.
pub(super) fn deliveries(page: &mut Page, design: &Design) {
    if !design.delivers.is_empty() {
        page.line(0, "delivers", "");
    }
    for delivers in &design.delivers {
        let by: Vec<&str> = delivers.by.iter().map(|by| channel(*by)).collect();
        let what = quoted(delivers.what.as_str());
        page.item(&format!("{{ what: {what}, by: [{}] }}", by.join(", ")));
    }
}

/// A list of steps.
pub(super) fn steps(keys: &[StepKey]) -> String {
    let list: Vec<String> = keys.iter().map(|key| quoted(key.as_str())).collect();
    format!("[{}]", list.join(", "))
}

const fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// Why something is as it is, and where that is published.
pub(super) fn write_reason(page: &mut Page, depth: usize, reason: &Reason) {
    page.some(depth, "because", reason.because.as_ref().map(text));
    page.some(depth, "source", reason.source.as_deref().map(quoted));
}

/// Which registries are asked; `None` for all of them.
pub(super) fn registries(fetched: &Registries) -> Option<String> {
    match fetched {
        Registries::All => None,
        Registries::None => Some("nothing".to_owned()),
        Registries::Only(list) => {
            let list: Vec<String> = list.iter().map(|key| quoted(key.as_str())).collect();
            Some(format!("[{}]", list.join(", ")))
        }
        Registries::Without(list) => {
            let reason = |(key, because): &(RegistryKey, Text)| {
                format!("{}: {}", quoted(key.as_str()), text(because))
            };
            let list: Vec<String> = list.iter().map(reason).collect();
            Some(format!("{{ without: {{ {} }} }}", list.join(", ")))
        }
    }
}

fn questions(page: &mut Page, service: &Service, needed: &[bool]) {
    let plan = &service.new;
    if !needed.contains(&true) {
        return;
    }
    let is_needed = |at: usize| needed.get(at).is_some_and(|needed| *needed);
    page.line(0, "questions", "");
    for (at, question) in plan.questions.iter().enumerate() {
        if !is_needed(at) {
            continue;
        }
        page.line(1, &quoted(question.key.as_str()), "");
        page.line(2, "ask", &text(&question.ask));
        match &question.kind {
            QuestionType::YesNo => page.line(2, "type", "yes-no"),
            QuestionType::Number { min, max } => {
                page.line(2, "type", "number");
                page.some(2, "min", min.map(|min| min.to_string()));
                page.some(2, "max", max.map(|max| max.to_string()));
            }
            QuestionType::Choice(options) => {
                page.line(2, "type", "choice");
                page.line(2, "options", "");
                for (key, title) in options {
                    page.line(3, &quoted(key), &text(title));
                }
            }
        }
        page.some(2, "when", condition(&question.when, &plan.questions));
    }
    let answers: Vec<String> = plan
        .reference
        .iter()
        .filter(|(at, _)| is_needed(at.index()))
        .filter_map(|(at, value)| {
            let key = &plan.questions.get(at.index())?.key;
            Some(format!("{}: {}", quoted(key.as_str()), answer(value)))
        })
        .collect();
    if !plan.impossible.is_empty() {
        page.line(0, "impossible", "");
    }
    for rule in &plan.impossible {
        let when = condition(&rule.when, &plan.questions);
        let when = when.unwrap_or_else(|| "\"true\"".to_owned());
        page.item(&format!(
            "{{ when: {when}, because: {} }}",
            text(&rule.because)
        ));
    }
    page.line(0, "reference", &format!("{{ {} }}", answers.join(", ")));
    page.gap();
}

/// An application and its acceptance, without the key it stands under.
pub(super) fn write_intake(page: &mut Page, depth: usize, intake: &Intake) {
    page.line(depth, "title", &text(&intake.title));
    page.some(depth, "window", intake.window.as_deref().map(quoted));
    let accept = intake.acceptance.as_ref();
    let department = accept
        .and_then(|accept| accept.department.as_ref())
        .or(intake.department.as_ref());
    let department = department.map(|key| quoted(key.as_str()));
    page.some(depth, "department", department);
    if let Some(accept) = accept {
        page.line(depth, "by", doer(accept.by));
        page.some(depth, "limit", limits(&accept.limit));
    }
    if intake.visits > 0 {
        page.line(depth, "visits", &intake.visits.to_string());
    }
    page.some(depth, "asks", reads(&intake.asks));
    page.some(depth, "purpose", purposes(&intake.purposes));
}

/// What is read for, where it is said.
fn purposes(purposes: &[String]) -> Option<String> {
    let purposes: Vec<String> = purposes.iter().map(|text| flow(text)).collect();
    match &purposes[..] {
        [] => None,
        [only] => Some(only.clone()),
        _ => Some(format!("[{}]", purposes.join(", "))),
    }
}

/// Orders that data does not imply, under `after`.
///
/// In a `before.yaml` an order is a law's only where it names a basis. One of
/// `service.yaml` is always a law's: its reason is then the basis.
pub(super) fn write_orders(page: &mut Page, orders: &[&Order], old: bool) {
    if !orders.is_empty() {
        page.line(2, "after", "");
    }
    for order in orders {
        let law = old && order.kind != OrderKind::Habit;
        let because = || law.then(|| order.because.zh());
        let basis = order.basis.as_deref().or_else(because);
        let basis = basis.map(|basis| format!(", basis: {}", flow(basis)));
        page.0.push_str(&format!(
            "      - {{ step: {}, because: {}{} }}\n",
            quoted(order.step.as_str()),
            text(&order.because),
            basis.unwrap_or_default()
        ));
    }
}

/// A step with everything that is said of it.
pub(super) fn write_step(page: &mut Page, service: &Service, step: &Step, place: Place) {
    let old = place != Place::Service;
    page.line(1, &quoted(step.key.as_str()), "");
    if place == Place::BeforeWhole {
        page.line(2, "whole", "yes");
    }
    page.line(2, "title", &text(&step.title));
    let matter = step.matter.as_ref();
    page.some(2, "matter", matter.map(|key| quoted(key.as_str())));
    page.line(2, "by", doer(step.by));
    let of_matter = matter.and_then(|key| {
        let plan = &service.new;
        let at = plan.find_matter(key.as_str())?;
        Some(&plan.department(plan.matter(at).department).key)
    });
    let department = step
        .department
        .as_ref()
        .filter(|key| step.by == By::Applicant || of_matter != Some(*key));
    page.some(2, "department", department.map(|key| quoted(key.as_str())));
    page.some(2, "when", condition(&step.when, &service.new.questions));
    page.some(2, "reads", reads(&step.reads));
    page.some(2, "purpose", purposes(&step.purposes));
    let writes = step.writes.iter().map(|path| (path, false));
    page.some(2, "writes", by_role(writes));
    let orders: Vec<&Order> = step.after.iter().collect();
    write_orders(page, &orders, old);
    page.some(2, "limit", limits(&step.limit));
    page.some(2, "retry", retry(&step.retry));
    if step.visits > 0 {
        page.line(2, "visits", &step.visits.to_string());
    }
    if step.attended {
        page.line(2, "attended", "yes");
    }
    page.some(
        2,
        "legal_effect",
        step.legal_effect.map(|effect| yes_no(effect).to_owned()),
    );
    if !step.separate_from.is_empty() {
        page.line(2, "separate_from", &steps(&step.separate_from));
    }
    let undo = step.undo.as_ref();
    page.some(2, "undo", undo.map(|key| quoted(key.as_str())));
    if let Some(corrections) = &step.corrections {
        let (rounds, within) = (corrections.rounds, corrections.within);
        let value = format!("{{ rounds: {rounds}, within: {within} }}");
        page.line(2, "corrections", &value);
    }
    if let Some(special) = &step.special {
        let value = format!(
            "{{ kind: {}, at_most: {}, basis: {} }}",
            special.kind.as_str(),
            special.at_most,
            flow(&special.basis)
        );
        page.line(2, "special", &value);
    }
    write_reason(page, 2, &step.reason);
}

const fn doer(by: By) -> &'static str {
    match by {
        By::System => "system",
        By::Officer => "officer",
        By::Applicant => "applicant",
        By::Outside => "outside",
    }
}

const fn channel(by: DeliveryChannel) -> &'static str {
    match by {
        DeliveryChannel::Electronic => "electronic",
        DeliveryChannel::Post => "post",
        DeliveryChannel::Window => "window",
    }
}

fn declared(figure: &Declared) -> String {
    let unit = figure.unit.as_deref().unwrap_or_default();
    let before = figure
        .before
        .map(|before| format!("before: {before}{unit}, "));
    let year = figure.year.map(|year| format!("year: {year}, "));
    format!(
        "{{ figure: {}, {}after: {}{unit}, place: {}, {}source: {} }}",
        figure.figure,
        before.unwrap_or_default(),
        figure.after,
        text(&figure.place),
        year.unwrap_or_default(),
        flow(&figure.source)
    )
}
