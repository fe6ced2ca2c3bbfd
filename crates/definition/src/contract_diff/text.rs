//! What was found, for people.

use onething_model::{DepartmentKey, FieldPath, Lang, StepKey, Text};

use super::names::{listed, spaced};
use super::{
    Affected, Asking, Bump, Change, Concerned, ContractDiff, Diff, Does, Kind, Moved, NewProblem,
    WayOf,
};
use crate::diagnostic::{both, quoted};

/// Affected steps that are listed per change.
const LISTED: usize = 20;

impl Diff {
    /// What was found, in lines.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let mut out = Lines {
            text: String::new(),
            lang,
        };
        for contract in &self.contracts {
            self.contract(contract, &mut out);
        }
        self.moved_told(&mut out);
        self.newly_told(&mut out);
        self.asked_anew_told(&mut out);
        let (changed, same) = (self.contracts.len(), self.unchanged);
        out.line(
            0,
            &both!(
                "{changed} 个数据约定有变化，{same} 个没有变化",
                "{changed} contract(s) changed, {same} did not",
            ),
        );
        match &self.looked_at {
            None => out.line(
                0,
                &both!(
                    "没有查看任何一件事，所以没有列出受影响的环节",
                    "no services were looked at, so no steps are named",
                ),
            ),
            Some(services) => {
                let count = services.len();
                out.line(
                    0,
                    &both!(
                        "查看了 {count} 件事的环节",
                        "the steps of {count} service(s) were looked at",
                    ),
                );
            }
        }
        if !self.not_readable.is_empty() {
            let list = Text::list(&self.not_readable);
            out.line(
                0,
                &both!(
                    "以下一件事有错误，无法知道它们是否受影响：{list}",
                    "these services have errors, and whether they are affected is not known: {list}"; list
                ),
            );
        }
        out.text
    }

    /// What the check says now and did not say before.
    fn newly_told(&self, out: &mut Lines) {
        let Some(newly) = self.newly.as_ref().filter(|newly| !newly.is_empty()) else {
            return;
        };
        out.line(
            0,
            &both!(
                "按新的数据约定，`onething check` 还会报告：",
                "with the new contracts `onething check` will say as well:",
            ),
        );
        for problem in newly.iter().take(LISTED) {
            let NewProblem {
                service,
                code,
                file,
                line,
                ..
            } = problem;
            let severity = problem.severity;
            let whole = || both!("整个目录树", "the tree");
            let service = service.as_ref();
            let service = service.map_or_else(whole, |one| self.names.service(one));
            let (of_zh, of_en) = (service.zh(), service.en());
            let (word_zh, word_en) = (severity.word(Lang::Zh), severity.word(Lang::En));
            let (zh, en) = (problem.message.zh(), problem.message.en());
            out.line(
                1,
                &both!(
                    "{of_zh}：{word_zh}[{code}]：{zh}（{file}:{line}）",
                    "{of_en}: {word_en}[{code}]: {en} ({file}:{line})",
                ),
            );
        }
        out.more(1, newly.len());
        out.text.push('\n');
    }

    /// What several changes together move; what one contract moves is told of it.
    fn moved_told(&self, out: &mut Lines) {
        let moved = self.moved.iter().flatten();
        let together = moved.filter(|one| one.is_lost() && one.contracts.is_empty());
        let together: Vec<&Moved> = together.collect();
        if together.is_empty() {
            return;
        }
        out.line(
            0,
            &both!(
                "几个数据约定一起改变后，以下环节的数据改从别处取得：",
                "by several changes together these steps get data from elsewhere:",
            ),
        );
        let lines = together
            .iter()
            .map(|one| (&one.affected, self.sources([*one])));
        let lines = self.by_step(lines);
        for line in lines.iter().take(LISTED) {
            out.line(1, line);
        }
        out.more(1, lines.len());
        out.text.push('\n');
    }

    /// What the applicant has to fill in now.
    fn asked_anew_told(&self, out: &mut Lines) {
        let Some(asked) = self.asked_anew.as_ref().filter(|asked| !asked.is_empty()) else {
            return;
        };
        out.line(
            0,
            &both!(
                "按新的数据约定，申请人还要填写：",
                "with the new contracts the applicant is asked for more:",
            ),
        );
        for one in asked.iter().take(LISTED) {
            let field = &one.field;
            let of = self.service_told(&one.service, one.way);
            let form = self.step_told((&one.service, one.way, &one.step), None);
            let asking = match one.asking {
                Asking::WhereMissing => {
                    both!("（数据库没有时）", " (where a registry has nothing)")
                }
                Asking::Optional => both!("（可以不填）", " (may be left out)"),
                Asking::Required => both!("", ""),
            };
            let accepts = one.accepted_by.as_ref().map(|step| {
                let step = (one.service.as_str(), one.way, step);
                self.step_told(step, one.department.as_ref())
            });
            let accepts = accepts.map_or_else(Text::default, |step| {
                both!(
                    "，由环节{step}受理",
                    ", accepted in the step {step}"; step
                )
            });
            out.line(
                1,
                &both!(
                    "{of}的环节{form}的表单{accepts}：`{field}`{asking}",
                    "{of}: the form of the step {form}{accepts}: `{field}`{asking}"; of, form, accepts, asking
                ),
            );
        }
        out.more(1, asked.len());
        out.text.push('\n');
    }

    fn contract(&self, contract: &ContractDiff, out: &mut Lines) {
        let name = &contract.contract;
        let version = |version: Option<super::Version>| {
            version.map_or_else(|| "—".to_owned(), |version| version.to_string())
        };
        let (old, new) = (version(contract.old), version(contract.new));
        let (zh, en) = (contract.title.zh(), contract.title.en());
        let verdict = if contract.is_breaking() {
            both!("不兼容", "breaking")
        } else {
            both!("兼容", "compatible")
        };
        let (verdict_zh, verdict_en) = (verdict.zh(), verdict.en());
        out.line(
            0,
            &both!(
                "{name}（{zh}）{old} → {new}：{verdict_zh}",
                "{name} ({en}) {old} → {new}: {verdict_en}",
            ),
        );
        for change in &contract.changes {
            self.change(name, change, out);
        }
        if let Some(text) = self.whom_to_tell(contract) {
            out.line(1, &text);
        }
        if let Some(text) = version_says(contract) {
            out.line(1, &text);
        }
        out.text.push('\n');
    }

    fn change(&self, contract: &String, change: &Change, out: &mut Lines) {
        let (zh, en) = (change.message.zh(), change.message.en());
        let mark = match change.bump {
            Bump::Major => both!("不兼容", "breaking"),
            Bump::Minor => both!("新增", "addition"),
            Bump::Patch => both!("更正", "correction"),
            Bump::None => both!("不涉及版本", "no version"),
        };
        let (mark_zh, mark_en) = (mark.zh(), mark.en());
        out.line(1, &both!("[{mark_zh}] {zh}", "[{mark_en}] {en}"));
        let source = |affected: &Affected| {
            let moved = self.moved.iter().flatten();
            let here = moved.filter(|one| {
                change.kind.moves_sources()
                    && one.contracts.contains(contract)
                    && one.affected.is_same_reading(affected)
            });
            self.sources(here)
        };
        let lines = self.by_step(change.affected.iter().map(|one| (one, source(one))));
        for line in lines.iter().take(LISTED) {
            out.line(2, line);
        }
        out.more(2, lines.len());
        if change.is_breaking()
            && change.kind != Kind::FailsCheck
            && change.affected.is_empty()
            && self.looked_at.is_some()
        {
            out.line(
                2,
                &both!(
                    "查看过的一件事都不受影响",
                    "no step of the services looked at",
                ),
            );
        }
    }

    /// Whom what breaks concerns; steps beyond those that are listed count as well.
    fn whom_to_tell(&self, contract: &ContractDiff) -> Option<Text> {
        let Concerned {
            departments,
            services,
        } = &contract.concerned;
        if departments.is_empty() {
            return None;
        }
        let departments = departments.iter().map(|key| self.names.department(key));
        let services = services.iter().map(|key| self.names.service_at(key));
        let (departments, services) = (listed(departments), listed(services));
        Some(both!(
            "须告知的部门：{departments}；涉及的一件事：{services}",
            "departments to tell: {departments}; services: {services}"; departments, services
        ))
    }

    /// A line for what a step does with fields that come from the same place.
    fn by_step<'a>(&self, all: impl Iterator<Item = (&'a Affected, Text)>) -> Vec<Text> {
        let mut lines: Vec<(&Affected, Text, Vec<&FieldPath>)> = Vec::new();
        for (affected, source) in all {
            let same = lines.iter_mut().find(|(first, from, _)| {
                let alike = Affected {
                    field: first.field.clone(),
                    ..affected.clone()
                };
                **first == alike && *from == source
            });
            match same {
                // It moves alike for other answers, for which a key comes from elsewhere.
                Some((_, _, fields)) if fields.contains(&&affected.field) => {}
                Some((_, _, fields)) => fields.push(&affected.field),
                None => lines.push((affected, source, vec![&affected.field])),
            }
        }
        let line = |(affected, source, fields): &(&Affected, Text, Vec<&FieldPath>)| {
            let told = self.told(affected, &quoted(fields));
            both!("{told}{source}", "{told}{source}"; told, source)
        };
        lines.iter().map(line).collect()
    }

    fn told(&self, affected: &Affected, fields: &Text) -> Text {
        let Affected {
            service, way, step, ..
        } = affected;
        let does = match affected.does {
            Does::Reads => both!("读取", "reads"),
            Does::Makes => both!("产生", "makes"),
            Does::Gives => both!("查询得到", "gets, by look-up,"),
            Does::Asks => both!("向申请人询问", "asks the applicant for"),
            Does::Sees => both!("受理时查看", "is shown, on acceptance,"),
        };
        let of = self.service_told(service.as_str(), *way);
        let step = (service.as_str(), *way, step);
        let step = self.step_told(step, affected.department.as_ref());
        let follows = match &affected.follows_from {
            Some(from) => both!("（由 `{from}` 得出）", ", which follows from `{from}`"),
            None => both!("", ""),
        };
        both!(
            "{of}的环节{step}{does} {fields}{follows}",
            "{of}: the step {step} {does} {fields}{follows}"; of, step, does, fields, follows
        )
    }

    /// A service, and which way of handling it if not the new one.
    fn service_told(&self, service: &str, way: WayOf) -> Text {
        let name = self.names.service(service);
        match way {
            WayOf::New => spaced(name),
            WayOf::Old => both!("{name}（原办法）", "{name} (old way)"; name),
        }
    }

    /// A step with the key by which it is found, and whose it is.
    fn step_told(
        &self,
        (service, way, key): (&str, WayOf, &StepKey),
        department: Option<&DepartmentKey>,
    ) -> Text {
        let title = self.names.step(service, way, key);
        let department = department.map(|key| self.names.department(key));
        match (title, department) {
            (Some(title), Some(whose)) => both!(
                "“{title}”（`{key}`，{whose}）",
                "“{title}” (`{key}`, {whose})"; title, whose
            ),
            (Some(title), None) => both!("“{title}”（`{key}`）", "“{title}” (`{key}`)"; title),
            (None, Some(whose)) => both!(" `{key}`（{whose}）", "`{key}` ({whose})"; whose),
            (None, None) => both!(" `{key}` ", "`{key}`"),
        }
    }

    /// From where to where sources move. What moves alike for several answers, for which a
    /// registry is asked with something else, is told once.
    fn sources<'a>(&self, moved: impl IntoIterator<Item = &'a Moved>) -> Text {
        let mut told: Vec<Text> = Vec::new();
        for one in moved {
            let source = one.told(&self.names);
            if !told.contains(&source) {
                told.push(source);
            }
        }
        let join = |text: Text, source: Text| both!("{text}；来源：{source}", "{text}; source: {source}"; text, source);
        told.into_iter().fold(Text::default(), join)
    }
}

/// What the version says, against what it has to say.
fn version_says(contract: &ContractDiff) -> Option<Text> {
    let (Some(old), Some(new)) = (contract.old, contract.new) else {
        return None;
    };
    let lowest = contract.lowest?;
    Some(if contract.holds {
        both!("版本 {new} 与变化相符", "the version {new} says so")
    } else if new < old {
        both!(
            "版本 {new} 比 {old} 还低：至少应为 {lowest}",
            "the version {new} is below {old}: it has to be {lowest} at least",
        )
    } else {
        both!(
            "版本 {new} 没有反映变化：至少应为 {lowest}",
            "the version {new} does not say so: it has to be {lowest} at least",
        )
    })
}

struct Lines {
    text: String,
    lang: Lang,
}

impl Lines {
    /// How many there are beyond those that were listed.
    fn more(&mut self, depth: usize, of: usize) {
        let more = of.saturating_sub(LISTED);
        if more > 0 {
            self.line(depth, &both!("另有 {more} 处", "and {more} more"));
        }
    }

    fn line(&mut self, depth: usize, text: &Text) {
        for _ in 0..depth {
            self.text.push_str("  ");
        }
        self.text.push_str(text.get(self.lang));
        self.text.push('\n');
    }
}
