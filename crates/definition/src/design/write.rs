//! A design as the text of a `service.yaml`.

use onething_plan::{Declared, DeliveryChannel, QuestionType, Refused, Service};

use super::yaml::{answer, by_role, condition, flow, limits, quoted, reads, retry, text};
use super::{By, Design, Intake, Registries, Step};
use crate::graph::build::Head;
use crate::lower::symbols::Symbols;

/// Lines with their indentation.
struct Page(String);

impl Page {
    fn line(&mut self, depth: usize, key: &str, value: &str) {
        let value = if value.is_empty() {
            String::new()
        } else {
            format!(" {value}")
        };
        self.0.push_str(&"  ".repeat(depth));
        self.0.push_str(&format!("{key}:{value}\n"));
    }

    fn some(&mut self, depth: usize, key: &str, value: Option<String>) {
        if let Some(value) = value {
            self.line(depth, key, &value);
        }
    }

    fn item(&mut self, value: &str) {
        self.0.push_str(&format!("  - {value}\n"));
    }

    fn gap(&mut self) {
        self.0.push('\n');
    }
}

/// The text; `None` where there is more than one intake.
pub(super) fn service(
    symbols: &Symbols<'_>,
    head: &Head,
    service: &Service,
    design: &Design,
) -> Option<String> {
    let [intake] = &design.intakes[..] else {
        return None;
    };
    let tree = symbols.tree;
    let mut page = Page(String::new());
    page.line(0, "onething", "1");
    page.line(0, "service", head.service.as_str());
    page.line(0, "version", &head.version);
    page.line(0, "language", "zh");
    page.line(0, "title", &text(&head.title));
    let owner = &tree.departments[symbols.owner?];
    page.line(0, "owner", &quoted(owner.key.as_str()));
    page.line(0, "calendar", &quoted(&symbols.calendar_name));
    page.gap();
    page.line(0, "roles", "");
    for role in &symbols.roles {
        let contract = &tree.contracts[role.contract?];
        let many = if role.many { ", many: yes" } else { "" };
        let value = format!(
            "{{ contract: {}, title: {}{many} }}",
            quoted(&contract.name),
            text(&role.title)
        );
        page.line(1, &quoted(role.key.as_str()), &value);
    }
    let applicant = &symbols.roles[symbols.applicant?].key;
    page.line(0, "applicant", &quoted(applicant.as_str()));
    page.gap();
    questions(&mut page, service);
    if let Some(fetched) = registries(&design.fetched) {
        page.line(0, "fetched", &fetched);
        page.gap();
    }
    write_intake(&mut page, intake);
    page.line(0, "matters", "");
    for (matter, limit) in symbols.matters.iter().zip(&design.limits) {
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
        write_step(&mut page, service, step);
    }
    if !design.delivers.is_empty() {
        page.gap();
        page.line(0, "delivers", "");
    }
    for delivers in &design.delivers {
        let by: Vec<&str> = delivers.by.iter().map(|by| channel(*by)).collect();
        let what = quoted(delivers.what.as_str());
        page.item(&format!("{{ what: {what}, by: [{}] }}", by.join(", ")));
    }
    if !service.declared.is_empty() {
        page.gap();
        page.line(0, "declared", "");
    }
    for figure in &service.declared {
        page.item(&declared(figure));
    }
    Some(page.0)
}

fn registries(fetched: &Registries) -> Option<String> {
    match fetched {
        Registries::All => None,
        Registries::None => Some("nothing".to_owned()),
        Registries::Only(list) => {
            let list: Vec<String> = list.iter().map(|key| quoted(key.as_str())).collect();
            Some(format!("[{}]", list.join(", ")))
        }
    }
}

fn questions(page: &mut Page, service: &Service) {
    let plan = &service.new;
    if plan.questions.is_empty() {
        return;
    }
    page.line(0, "questions", "");
    for question in &plan.questions {
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

fn write_intake(page: &mut Page, intake: &Intake) {
    page.line(0, "intake", "");
    page.line(1, "title", &text(&intake.title));
    page.some(1, "window", intake.window.as_deref().map(quoted));
    if let Some(accept) = &intake.acceptance {
        let department = accept.department.as_ref();
        page.some(1, "department", department.map(|key| quoted(key.as_str())));
        page.line(1, "by", doer(accept.by));
        page.some(1, "limit", limits(&accept.limit));
    }
    if intake.visits > 0 {
        page.line(1, "visits", &intake.visits.to_string());
    }
    page.some(1, "asks", reads(&intake.asks));
    page.gap();
}

fn write_step(page: &mut Page, service: &Service, step: &Step) {
    page.line(1, &quoted(step.key.as_str()), "");
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
    let purposes: Vec<String> = step.purposes.iter().map(|text| flow(text)).collect();
    match &purposes[..] {
        [] => {}
        [only] => page.line(2, "purpose", only),
        _ => page.line(2, "purpose", &format!("[{}]", purposes.join(", "))),
    }
    let writes = step.writes.iter().map(|path| (path, false));
    page.some(2, "writes", by_role(writes));
    if !step.after.is_empty() {
        page.line(2, "after", "");
    }
    for order in &step.after {
        let basis = order.basis.as_ref();
        let basis = basis.map(|basis| format!(", basis: {}", flow(basis)));
        page.0.push_str(&format!(
            "      - {{ step: {}, because: {}{} }}\n",
            quoted(order.step.as_str()),
            text(&order.because),
            basis.unwrap_or_default()
        ));
    }
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
        step.legal_effect
            .map(|effect| if effect { "yes" } else { "no" }.to_owned()),
    );
    if !step.separate_from.is_empty() {
        let list: Vec<String> = step
            .separate_from
            .iter()
            .map(|key| quoted(key.as_str()))
            .collect();
        page.line(2, "separate_from", &format!("[{}]", list.join(", ")));
    }
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
