//! The notice as a page: text, Markdown, HTML.

use onething_model::{Lang, Text};
use onething_plan::Answer;

use super::{DerivedGuide, FetchedGuide, FieldGuide, FormGuide, Guide, QuestionGuide, Spares};
use crate::page::Page;
use crate::words;

impl Guide {
    /// The notice as plain text, lines of at most 96 columns.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        self.page(lang).to_text()
    }

    /// The notice in Markdown.
    #[must_use]
    pub fn markdown(&self, lang: Lang) -> String {
        self.page(lang).to_markdown()
    }

    /// The notice as an HTML page of its own: no scripts, fonts or links;
    /// headings and tables are marked up for screen readers.
    #[must_use]
    pub fn html(&self, lang: Lang) -> String {
        self.page(lang).to_html()
    }

    fn page(&self, lang: Lang) -> Page {
        let say = Say(lang);
        let mut page = Page {
            tongue: words::tongue(lang),
            title: match lang {
                Lang::Zh => format!("{}一次性告知", words::one_thing(self.title.zh())),
                Lang::En => format!("One-time notice: {}", self.title.en()),
            },
            blocks: Vec::new(),
        };
        page.paragraph(match lang {
            Lang::Zh => format!(
                "牵头部门：{}。服务定义版本：{}。",
                self.owner.title.zh(),
                self.version
            ),
            Lang::En => format!(
                "Department in charge: {}. Version of the definition: {}.",
                self.owner.title.en(),
                self.version
            ),
        });
        self.at_a_glance(say, &mut page);
        self.questions(say, &mut page);
        if self.forms.is_empty() {
            return page;
        }
        self.matters(say, &mut page);
        self.forms(say, &mut page);
        self.fetched(say, &mut page);
        self.derived(say, &mut page);
        self.time_and_trips(say, &mut page);
        self.results(say, &mut page);
        page.heading(2, say.of("收费", "Fees"));
        page.paragraph(self.fees.get(lang));
        page
    }

    fn at_a_glance(&self, say: Say, page: &mut Page) {
        if self.forms.is_empty() {
            page.paragraph(words::nothing_to_apply_for().get(say.0));
            return;
        }
        let count = |count: usize, zh: &str, one: &str, many: &str| match say.0 {
            Lang::Zh => zh.replace("{}", &count.to_string()),
            Lang::En => format!("{count} {}", if count == 1 { one } else { many }),
        };
        let asked = |of: fn(&FormGuide) -> &Vec<FieldGuide>| {
            let forms = self.forms.iter().chain(&self.own_forms);
            forms.map(|form| of(form).len()).sum::<usize>()
        };
        let fetched = self.fetched.iter().flat_map(|fetched| &fetched.fields);
        let spared = fetched.filter(|field| field.spares == Spares::Giving);
        let mut facts = vec![
            count(
                self.submissions,
                "提交 {} 次",
                "application",
                "applications",
            ),
            count(
                asked(|form| &form.fields),
                "填报 {} 项",
                "field to fill in",
                "fields to fill in",
            ),
            count(
                asked(|form| &form.materials),
                "交材料 {} 份",
                "material to hand in",
                "materials to hand in",
            ),
            count(
                spared.count(),
                "免填免交 {} 项",
                "item fetched for you",
                "items fetched for you",
            ),
            count(self.visits as usize, "跑动 {} 次", "visit", "visits"),
        ];
        if self.time.thousandths > 0 {
            let days = words::working_days(self.time.thousandths);
            let (but_zh, but_en) = match self.time.calendar {
                true => (
                    "（另有以自然日计的环节，见“要多长时间”）",
                    " (besides steps with limits in calendar days, see below)",
                ),
                false => ("", ""),
            };
            facts.push(match say.0 {
                Lang::Zh => format!("按各环节时限最长 {}{but_zh}", days.zh()),
                Lang::En => format!("{} at most by the limits of the steps{but_en}", days.en()),
            });
        }
        page.paragraph(match say.0 {
            Lang::Zh => format!("{}。", facts.join("，")),
            Lang::En => format!("{}.", facts.join(", ")),
        });
    }

    fn questions(&self, say: Say, page: &mut Page) {
        if self.questions.is_empty() {
            return;
        }
        page.heading(2, say.of("您的情形", "Your situation"));
        if self.questions.iter().any(|question| question.assumed) {
            page.paragraph(say.of(
                "您没有回答的问题，先按常见情形告知，并注明“假定”，请核对。",
                "Questions that you have not answered are answered as in the usual case and marked “assumed”. Please check them.",
            ));
        }
        let row = |question: &QuestionGuide| {
            let answer = match (&question.answer_text, question.asked) {
                (Some(answer), _) => {
                    let assumed = if question.assumed {
                        say.of("（假定）", " (assumed)")
                    } else {
                        ""
                    };
                    format!("{}{assumed}", say.answer(question.answer.as_ref(), answer))
                }
                (None, true) => say.of("未回答", "not answered").to_owned(),
                (None, false) => say.of("不用回答", "not asked").to_owned(),
            };
            let when = question.when.as_ref();
            let mut changes: Vec<String> = question.changes.iter().map(|c| say.change(c)).collect();
            changes.extend(question.excluded.iter().map(|e| say.excluded(e)));
            vec![
                question.ask.get(say.0).to_owned(),
                answer,
                when.map_or("", |when| when.get(say.0)).to_owned(),
                changes.join(say.of("。", ". ")),
            ]
        };
        page.table(
            say.of("问题与回答", "Questions and answers").to_owned(),
            say.head(&[
                ("问题", "Question"),
                ("回答", "Answer"),
                ("何时需要回答", "Asked when"),
                ("回答不同时", "A different answer"),
            ]),
            self.questions.iter().map(row).collect(),
        );
    }

    fn matters(&self, say: Say, page: &mut Page) {
        page.heading(2, say.of("办理哪些事项", "What is done"));
        let rows = self.matters.iter().map(|matter| {
            vec![
                matter.title.get(say.0).to_owned(),
                matter.department.title.get(say.0).to_owned(),
                matter
                    .limit
                    .as_ref()
                    .map_or("", |limit| limit.get(say.0))
                    .to_owned(),
                matter.basis.clone().unwrap_or_default(),
                matter.code.clone().unwrap_or_default(),
            ]
        });
        page.table(
            say.of("事项", "Matters").to_owned(),
            say.head(&[
                ("事项", "Matter"),
                ("办理部门", "Department"),
                ("时限", "Limit"),
                ("依据", "Basis"),
                ("事项编码", "Code"),
            ]),
            rows.collect(),
        );
    }

    fn forms(&self, say: Say, page: &mut Page) {
        page.heading(2, say.of("要填什么、交什么", "What to fill in and hand in"));
        for form in &self.forms {
            say.form(form, page);
        }
        if !self.own_forms.is_empty() {
            page.heading(
                2,
                say.of(
                    "办理过程中由您填报的",
                    "What you state while your application is handled",
                ),
            );
            page.paragraph(say.of(
                "不用在申请时填，办到下列环节时再填。",
                "Not on the application, but when it comes to these steps of yours.",
            ));
        }
        for form in &self.own_forms {
            say.form(form, page);
        }
        if self.later_forms.is_empty() {
            return;
        }
        page.heading(
            2,
            say.of(
                "查不到数据时才需要补交的",
                "Asked only if a registry has nothing",
            ),
        );
        if self.later_forms.len() > 1 && self.looks_up_in_turn() {
            page.paragraph(say.of(
                "前一个数据库没有查到、因而无法再查后一个的，两者所缺的一次补交。",
                "Where one registry has nothing and so the next cannot be asked, you are asked for what both lack at once.",
            ));
        }
        for form in &self.later_forms {
            say.form(form, page);
        }
    }

    /// Whether one registry that is asked after the application gives what another is asked with.
    fn looks_up_in_turn(&self) -> bool {
        let later = || self.fetched.iter().filter(|fetched| !fetched.confirmed);
        let mut keys = later().flat_map(|fetched| &fetched.keys);
        keys.any(|key| {
            let mut given = later().flat_map(|fetched| &fetched.fields);
            given.any(|given| given.field.field == key.field)
        })
    }

    fn fetched(&self, say: Say, page: &mut Page) {
        let (confirmed, later): (Vec<&FetchedGuide>, Vec<&FetchedGuide>) =
            self.fetched.iter().partition(|fetched| fetched.confirmed);
        if self.fetched.is_empty() {
            return;
        }
        page.heading(2, say.of("不用您填、不用您交的", "What is fetched for you"));
        let (later_zh, later_en) = match self.later_forms.is_empty() {
            true => (
                "下列内容在办理过程中由部门之间查询；查不到也可以办。",
                "Departments look up the following while your application is handled; it can be done without.",
            ),
            false => (
                "下列内容在办理过程中由部门之间查询；查不到时才请您补填或补交。",
                "Departments look up the following while your application is handled; you are asked later, and only for what is not found.",
            ),
        };
        let parts = [
            (
                confirmed,
                "下列内容由部门之间共享，会请您核对；查不到时才请您填写或提交。",
                "Departments share the following, and you confirm it; you are asked only for what is not found.",
            ),
            (later, later_zh, later_en),
        ];
        for (fetched, zh, en) in parts {
            if !fetched.is_empty() {
                page.paragraph(say.of(zh, en));
                shared(&fetched, say, page);
            }
        }
    }

    fn derived(&self, say: Say, page: &mut Page) {
        if self.derived.is_empty() {
            return;
        }
        page.heading(2, say.of("不用再填的", "What need not be filled in"));
        let item = |item: &DerivedGuide| {
            let standard = item.standard;
            match say.0 {
                Lang::Zh => format!(
                    "{}：由{}得出（{}，{standard}），无需填写",
                    item.field.title.zh(),
                    item.from.title.zh(),
                    item.part.zh()
                ),
                Lang::En => format!(
                    "{}: follows from {} ({}, {standard})",
                    item.field.title.en(),
                    item.from.title.en(),
                    item.part.en()
                ),
            }
        };
        page.list(self.derived.iter().map(item).collect());
    }

    fn time_and_trips(&self, say: Say, page: &mut Page) {
        page.heading(2, say.of("要多长时间", "How long it takes"));
        if self.time.thousandths > 0 {
            let days = words::working_days(self.time.thousandths);
            page.paragraph(match say.0 {
                Lang::Zh => format!(
                    "自提交之日起，按各环节时限最长 {}，由以下环节决定：",
                    days.zh()
                ),
                Lang::En => format!(
                    "At most {} from your application by the limits, decided by:",
                    days.en()
                ),
            });
            page.list(
                self.time
                    .path
                    .iter()
                    .map(|step| step.get(say.0).to_owned())
                    .collect(),
            );
        } else {
            page.paragraph(say.of(
                "没有以工作日计的时限。",
                "No limit is stated in working days.",
            ));
        }
        for note in &self.time.notes {
            page.paragraph(note.get(say.0));
        }
        page.heading(2, say.of("跑动与提交次数", "Visits and submissions"));
        page.paragraph(match say.0 {
            Lang::Zh => format!("跑动 {} 次，提交 {} 次。", self.visits, self.submissions),
            Lang::En => format!(
                "Visits: {}. Applications to hand in: {}.",
                self.visits, self.submissions
            ),
        });
        let trips = self.trips.iter().map(|trip| {
            let mut text = trip.title.get(say.0).to_owned();
            let department = trip.department.as_ref().map(|d| d.title.get(say.0));
            match (department, say.0) {
                (None, _) => {}
                (Some(department), Lang::Zh) => text += &format!("（{department}）"),
                (Some(department), Lang::En) => text += &format!(" ({department})"),
            }
            if trip.visits > 0 {
                text += &match say.0 {
                    Lang::Zh => format!("：跑动 {} 次", trip.visits),
                    Lang::En if trip.visits == 1 => ": 1 visit".to_owned(),
                    Lang::En => format!(": {} visits", trip.visits),
                };
            }
            if trip.attended {
                text += say.of("，本人到场", ", you attend");
            }
            text
        });
        page.list(trips.collect());
    }

    fn results(&self, say: Say, page: &mut Page) {
        page.heading(2, say.of("得到什么", "What you get"));
        if self.results.is_empty() {
            page.paragraph(say.of("没有送达的结果。", "Nothing is delivered."));
        }
        let results = self.results.iter().map(|result| {
            let channels = words::join(result.channels.iter().map(|c| c.get(say.0)), say.0);
            let department = result.department.as_ref().map(|d| d.title.get(say.0));
            let title = result.title.get(say.0);
            match (department, say.0) {
                (Some(department), Lang::Zh) => format!("{title}（{department}）：{channels}"),
                (Some(department), Lang::En) => format!("{title} ({department}): {channels}"),
                (None, Lang::Zh) => format!("{title}：{channels}"),
                (None, Lang::En) => format!("{title}: {channels}"),
            }
        });
        page.list(results.collect());
    }
}

/// Says things in one language.
#[derive(Clone, Copy)]
struct Say(Lang);

impl Say {
    fn of<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self.0 {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    fn head(self, names: &[(&str, &str)]) -> Vec<String> {
        let names = names.iter();
        names.map(|(zh, en)| self.of(zh, en).to_owned()).collect()
    }

    /// An answer in words; of a choice with its key, which is what an application has to say.
    fn answer(self, answer: Option<&Answer>, text: &Text) -> String {
        let keyed = match answer {
            Some(Answer::Choice(key)) => words::keyed(text, key),
            Some(Answer::YesNo(_) | Answer::Number(_)) | None => text.clone(),
        };
        keyed.get(self.0).to_owned()
    }

    fn change(self, change: &super::Change) -> String {
        let mut parts = Vec::new();
        for (texts, zh, en, after_en) in [
            (&change.adds, "增加", "adds ", ""),
            (&change.drops, "减少", "drops ", ""),
            (&change.requires, "改为必须提供：", "makes ", " required"),
            (&change.frees, "改为可以不提供：", "makes ", " optional"),
        ] {
            if !texts.is_empty() {
                let texts = words::join(texts.iter().map(|text| text.get(self.0)), self.0);
                let after = self.of("", after_en);
                parts.push(format!("{}{texts}{after}", self.of(zh, en)));
            }
        }
        if change.nothing_left {
            let nothing = self.of("就没有需要办理的事项了", "leaves nothing to apply for");
            parts.insert(0, nothing.to_owned());
        }
        if !change.opens_asks.is_empty() {
            parts.insert(0, self.opens(&change.opens_asks));
        }
        if change.depends {
            let (zh, en) = match parts.len() {
                0 | 1 => (
                    "要办什么视这些回答而定",
                    "what that changes hangs on the answers",
                ),
                _ => ("其余视这些回答而定", "all else hangs on the answers"),
            };
            parts.push(self.of(zh, en).to_owned());
        }
        let answer = self.answer(Some(&change.answer), &change.answer_text);
        let parts = parts.join(self.of("；", "; "));
        match (&change.answer, self.0) {
            (Answer::Number(_), Lang::Zh) => format!("例如回答 {answer}：{parts}"),
            (Answer::Number(_), Lang::En) => format!("For example {answer} {parts}"),
            (Answer::YesNo(_) | Answer::Choice(_), Lang::Zh) => {
                format!("若回答“{answer}”：{parts}")
            }
            (Answer::YesNo(_) | Answer::Choice(_), Lang::En) => format!("“{answer}” {parts}"),
        }
    }

    /// The further questions; what is told after them holds whatever they are answered.
    fn opens(self, asks: &[Text]) -> String {
        let asks: Vec<Text> = asks.iter().map(words::quoted).collect();
        let asks = words::join(asks.iter().map(|ask| ask.get(self.0)), self.0);
        match self.0 {
            Lang::Zh => format!("还需回答{asks}"),
            Lang::En => format!("leads to further questions: {asks}"),
        }
    }

    fn excluded(self, excluded: &super::Excluded) -> String {
        let answer = self.answer(Some(&excluded.answer), &excluded.answer_text);
        let because = excluded.because.get(self.0);
        match self.0 {
            Lang::Zh => format!("不能回答“{answer}”：{because}"),
            Lang::En => format!("“{answer}” cannot be: {because}"),
        }
    }

    fn form(self, form: &FormGuide, page: &mut Page) {
        page.heading(3, form.title.get(self.0));
        if let Some(when) = &form.when {
            page.paragraph(match self.0 {
                Lang::Zh => format!("{}。", when.zh()),
                Lang::En => format!("Asked {}.", when.en()),
            });
        }
        if let Some(department) = &form.department {
            page.paragraph(match self.0 {
                Lang::Zh => format!("交给：{}。", department.title.zh()),
                Lang::En => format!("Handed in to: {}.", department.title.en()),
            });
        }
        if form.fields.is_empty() && form.materials.is_empty() {
            page.paragraph(self.of("不用填写，也不用交材料。", "Nothing to fill in or hand in."));
        }
        let head = |zh, en| {
            self.head(&[
                (zh, en),
                ("要求", "What is expected"),
                ("由谁使用、依据", "Who reads it, on which basis"),
                ("为何由您提供", "Why you are asked"),
            ])
        };
        let row = |field: &FieldGuide| {
            let readers: Vec<String> = field
                .readers
                .iter()
                .map(|reader| reader.sentence(self.0))
                .collect();
            let reasons: Vec<&str> = field.why_asked.iter().map(|r| r.get(self.0)).collect();
            vec![
                field.named(self.0),
                match (field.required, self.0) {
                    (true, Lang::Zh) => format!("必填；{}", field.expected.zh()),
                    (false, Lang::Zh) => format!("可不填；{}", field.expected.zh()),
                    (true, Lang::En) => format!("required: {}", field.expected.en()),
                    (false, Lang::En) => format!("optional: {}", field.expected.en()),
                },
                readers.join(self.of("；", "; ")),
                reasons.join(self.of("；", "; ")),
            ]
        };
        page.table(
            self.of("填写", "To fill in").to_owned(),
            head("填报项", "Field"),
            form.fields.iter().map(row).collect(),
        );
        page.table(
            self.of("材料", "To hand in").to_owned(),
            head("材料", "Material"),
            form.materials.iter().map(row).collect(),
        );
    }
}

/// What registries are asked, a row for each.
fn shared(fetched: &[&FetchedGuide], say: Say, page: &mut Page) {
    let rows = fetched.iter().map(|fetched| {
        let fields = fetched.fields.iter().map(|field| field.named(say.0));
        let fields: Vec<String> = fields.collect();
        let registry = match &fetched.department {
            Some(department) => department.title.get(say.0).to_owned(),
            None => fetched.registry.to_string(),
        };
        vec![
            fetched.subject.get(say.0).to_owned(),
            words::join(fields.iter().map(String::as_str), say.0),
            registry,
            words::join(
                fetched.keys.iter().map(|field| field.title.get(say.0)),
                say.0,
            ),
            fetched.basis.clone().unwrap_or_default(),
        ]
    });
    page.table(
        say.of("数据共享", "Shared data").to_owned(),
        say.head(&[
            ("关于谁", "About"),
            ("查询内容", "What is fetched"),
            ("向谁查询", "From"),
            ("查询依据项", "Found by"),
            ("依据", "Basis"),
        ]),
        rows.collect(),
    );
}
