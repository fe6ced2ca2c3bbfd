//! Plans that resemble services people know, built without files.

use onething_model::{Limit, Text};
use onething_plan::builder::PlanBuilder;
use onething_plan::{
    Actor, After, Answer, Cond, DepartmentIx, FieldIx, FieldType, Grant, Handled, MatterIx, Plan,
    QuestionIx, Refused, Sensitivity, StepIx, Submission, SubmissionKind, Way,
};

/// A builder with titles in both languages.
pub(crate) struct Made {
    pub(crate) b: PlanBuilder,
}

impl Made {
    pub(crate) fn new(key: &str, title: (&str, &str), way: Way) -> Self {
        let mut b = PlanBuilder::new(key);
        let plan = b.plan_mut();
        plan.title = Text::new(title.0, title.1);
        plan.way = way;
        if way == Way::Old {
            plan.handled = Handled::Apart;
        }
        Self { b }
    }

    pub(crate) fn department(&mut self, key: &str, zh: &str, en: &str) -> DepartmentIx {
        let ix = self.b.department(key);
        self.b.plan_mut().departments[ix.index()].title = Text::new(zh, en);
        ix
    }

    pub(crate) fn matter(
        &mut self,
        key: &str,
        zh: &str,
        en: &str,
        by: DepartmentIx,
        days: u64,
    ) -> MatterIx {
        let ix = self.b.matter(key, Refused::EndsCase);
        let item = &mut self.b.plan_mut().matters[ix.index()];
        item.title = Text::new(zh, en);
        item.department = by;
        item.limit.statutory = Some(Limit::working_days(2 * days));
        item.limit.promised = Some(Limit::working_days(days));
        item.limit.basis = Some("行政许可法第四十二条".into());
        ix
    }

    pub(crate) fn field(&mut self, key: &str, zh: &str, en: &str) -> FieldIx {
        self.typed(key, zh, en, FieldType::Text { max_chars: 100 })
    }

    pub(crate) fn material(&mut self, key: &str, zh: &str, en: &str) -> FieldIx {
        let kind = FieldType::Document {
            accepts: vec!["pdf".into(), "jpg".into()],
            max_bytes: 10 << 20,
        };
        self.typed(key, zh, en, kind)
    }

    pub(crate) fn typed(&mut self, key: &str, zh: &str, en: &str, kind: FieldType) -> FieldIx {
        let ix = self.b.typed_field(key, kind);
        self.b.plan_mut().fields[ix.index()].title = Text::new(zh, en);
        ix
    }

    pub(crate) fn grant(&mut self, fields: &[FieldIx], to: &str, purpose: &str, basis: &str) {
        for field in fields {
            let item = &mut self.b.plan_mut().fields[field.index()];
            item.sensitivity = Sensitivity::Personal;
            item.grants.push(Grant {
                to: to.parse().unwrap(),
                purpose: purpose.into(),
                basis: basis.into(),
            });
        }
    }

    pub(crate) fn yes_no(&mut self, key: &str, zh: &str, en: &str) -> QuestionIx {
        let ix = self.b.yes_no(key);
        self.b.plan_mut().questions[ix.index()].ask = Text::new(zh, en);
        ix
    }

    pub(crate) fn title(&mut self, step: StepIx, zh: &str, en: &str) {
        self.b.plan_mut().steps[step.index()].title = Text::new(zh, en);
    }

    #[expect(clippy::too_many_arguments, reason = "one line of a test's table")]
    pub(crate) fn step(
        &mut self,
        key: &str,
        zh: &str,
        en: &str,
        by: DepartmentIx,
        days: u64,
        reads: &[FieldIx],
        writes: &[FieldIx],
        after: &[(StepIx, &str, &str)],
    ) -> StepIx {
        let actor = if days == 0 {
            Actor::System
        } else {
            Actor::Officer
        };
        let mut step = self.b.step(key, actor).department(by);
        for field in reads {
            step = step.reads(*field);
        }
        for field in writes {
            step = step.writes(*field);
        }
        let step = step.with(|step| {
            step.title = Text::new(zh, en);
            if days > 0 {
                step.limit.promised = Some(Limit::working_days(days));
            }
            step.after = after
                .iter()
                .map(|(step, zh, en)| After {
                    step: *step,
                    because: Text::new(*zh, *en),
                })
                .collect();
        });
        step.number()
    }

    pub(crate) fn change(&mut self, step: StepIx, change: impl FnOnce(&mut onething_plan::Step)) {
        change(&mut self.b.plan_mut().steps[step.index()]);
    }

    pub(crate) fn submission(
        &mut self,
        key: &str,
        zh: &str,
        en: &str,
        after: &[StepIx],
        why: (&str, &str),
    ) -> StepIx {
        let actor = Actor::Submission(Submission {
            kind: SubmissionKind::Application,
            accepted_by: None,
        });
        let ix = self.b.step(key, actor).number();
        self.change(ix, |step| {
            step.title = Text::new(zh, en);
            step.department = None;
            step.scope = ix;
            step.visits = 1;
            step.after = after
                .iter()
                .map(|step| After {
                    step: *step,
                    because: Text::new(why.0, why.1),
                })
                .collect();
        });
        ix
    }
}

/// Opening a restaurant, all at once.
pub(crate) fn restaurant() -> Plan {
    let mut m = Made::new(
        "open-restaurant",
        ("开办餐饮店", "Open a restaurant"),
        Way::New,
    );
    let cold = m.yes_no(
        "cold_dishes",
        "卖不卖凉菜（如拍黄瓜、卤味、水果拼盘）？",
        "Will you serve cold dishes?",
    );
    let tobacco = m.yes_no("tobacco", "店里卖不卖香烟？", "Will you sell tobacco?");
    let centre = DepartmentIx(0);
    m.b.plan_mut().departments[0].title = Text::new("政务服务中心综合窗口", "One-thing window");
    let market = m.department("market", "市场监督管理局", "Market supervision");
    let fire = m.department("fire", "消防救援机构", "Fire and rescue");
    let urban = m.department("urban", "城市管理局", "Urban management");
    let food = m.matter(
        "food-licence",
        "食品经营许可",
        "Food business licence",
        market,
        10,
    );
    let fire_check = m.matter(
        "fire-check",
        "公众聚集场所投入使用、营业前消防安全检查",
        "Fire safety check before opening",
        fire,
        13,
    );
    let sign = m.matter(
        "signboard",
        "户外招牌设施设置",
        "Outdoor signboard",
        urban,
        5,
    );
    let code = m.typed(
        "credit_code",
        "统一社会信用代码",
        "Unified social credit code",
        FieldType::CreditCode,
    );
    let name = m.field("name", "名称", "Name");
    let licence = m.material("licence", "营业执照", "Business licence");
    let id_card = m.material("id_card", "居民身份证", "Identity card");
    let phone = m.typed("phone", "联系电话", "Telephone", FieldType::Phone);
    let address = m.typed("address", "地址", "Address", FieldType::Address);
    let layout = m.material(
        "layout_plan",
        "经营场所平面布局图",
        "Layout plan of the premises",
    );
    let exits = m.typed(
        "exits",
        "安全出口数量",
        "Number of exits",
        FieldType::Number {
            min: Some(1.0),
            max: None,
            whole: true,
            unit: Some("个".into()),
        },
    );
    let rendering = m.material("rendering", "招牌效果图", "Rendering of the signboard");
    m.grant(
        &[phone, id_card],
        "market",
        "licensing",
        "食品经营许可和备案管理办法",
    );
    m.grant(&[phone], "fire", "fire-safety-check", "消防法第十五条");
    m.grant(
        &[name, licence],
        "urban",
        "signboard-review",
        "城市市容和环境卫生管理条例第十一条",
    );
    let register =
        m.b.look_up("enterprise-register", &[code], &[name, licence]);
    m.title(
        register,
        "查询市场主体登记信息",
        "Look up the enterprise register",
    );
    let licences = m.b.look_up("e-licences", &[phone], &[id_card]);
    m.title(licences, "调取电子证照", "Fetch e-licences");
    let apply = m.b.plan_mut().steps[0].scope;
    m.title(
        apply,
        "开办餐饮店“一件事”申请",
        "One application to open a restaurant",
    );
    let accept = m.step(
        "accept",
        "受理",
        "Acceptance",
        centre,
        1,
        &[phone],
        &[],
        &[],
    );
    if let Actor::Submission(item) = &mut m.b.plan_mut().steps[apply.index()].actor {
        item.accepted_by = Some(accept);
    }
    let verify = m.step(
        "verify-licence",
        "企业营业执照信息核验",
        "Verify the business licence",
        market,
        0,
        &[code, name, licence],
        &[],
        &[],
    );
    let attend =
        m.b.step("attend-joint-inspection", Actor::Applicant)
            .number();
    m.change(attend, |step| {
        step.title = Text::new(
            "约定并陪同联合踏勘",
            "Arrange and attend the joint inspection",
        );
        step.attended = true;
        step.after = vec![After {
            step: verify,
            because: Text::new(
                "先照后证：营业执照有效方可踏勘",
                "No inspection without a valid business licence",
            ),
        }];
    });
    let joint = [(
        attend,
        "联合踏勘：同一次上门",
        "Joint inspection: one visit on site",
    )];
    let [findings, fire_findings, cold_item, number, opinion, filing] = [
        ("findings", "核查结论", "Findings"),
        ("fire_findings", "检查结论", "Fire findings"),
        ("cold_item", "冷食类食品制售项目", "Cold food item"),
        ("licence_number", "许可证编号", "Licence number"),
        ("opinion", "检查意见书编号", "Number of the opinion"),
        ("filing", "招牌设置意见编号", "Number of the approval"),
    ]
    .map(|(key, zh, en)| {
        let field = if key == "licence_number" {
            m.b.result("food-certificate")
        } else {
            m.field(key, zh, en)
        };
        m.b.plan_mut().fields[field.index()].title = Text::new(zh, en);
        field
    });
    if let Some(role) = m.b.plan_mut().roles.last_mut() {
        role.title = Text::new("食品经营许可证", "Food business licence");
    }
    let inspect = m.step(
        "food-inspection",
        "食品经营现场核查",
        "On-site food inspection",
        market,
        5,
        &[address, layout, phone],
        &[findings],
        &joint,
    );
    let cold_step = m.step(
        "cold-dishes-review",
        "冷食类专间审查",
        "Review of the cold food room",
        market,
        1,
        &[findings],
        &[cold_item],
        &[],
    );
    let review = m.step(
        "food-review",
        "食品经营许可审查决定",
        "Decision on the food licence",
        market,
        4,
        &[name, id_card, address, findings],
        &[number],
        &[(
            cold_step,
            "许可证载明经营项目",
            "The licence states the items",
        )],
    );
    let fire_visit = m.step(
        "fire-inspection",
        "公众聚集场所投入使用、营业前消防安全现场检查",
        "On-site fire safety check of a public gathering place before it opens",
        fire,
        10,
        &[name, address, exits],
        &[fire_findings],
        &joint,
    );
    let fire_decision = m.step(
        "fire-decision",
        "消防安全检查决定",
        "Decision on the fire safety check",
        fire,
        3,
        &[fire_findings],
        &[opinion],
        &[],
    );
    let sign_review = m.step(
        "signboard-review",
        "户外招牌设置审查",
        "Review of the signboard",
        urban,
        5,
        &[name, licence, rendering],
        &[filing],
        &joint,
    );
    let smoke = m.step(
        "tobacco-review",
        "烟草专卖零售许可审查",
        "Tobacco retail licence",
        market,
        5,
        &[name, address],
        &[],
        &[],
    );
    for (step, matter) in [
        (inspect, food),
        (cold_step, food),
        (review, food),
        (fire_visit, fire_check),
        (fire_decision, fire_check),
        (sign_review, sign),
    ] {
        m.change(step, |step| step.matter = Some(matter));
    }
    m.change(cold_step, |step| step.when = Cond::yes(cold));
    m.change(smoke, |step| step.when = Cond::yes(tobacco));
    m.b.plan_mut()
        .reference
        .set(tobacco, Some(Answer::YesNo(false)));
    m.b.weigh_look_ups();
    m.b.build()
}

/// Opening a restaurant, one department after the other.
pub(crate) fn restaurant_before() -> Plan {
    let mut m = Made::new(
        "open-restaurant",
        ("开办餐饮店", "Open a restaurant"),
        Way::Old,
    );
    let because = (
        "店主一次只办一个部门",
        "The owner deals with one department at a time",
    );
    let market = m.department("market", "市场监督管理局", "Market supervision");
    let fire = m.department("fire", "消防救援机构", "Fire and rescue");
    let urban = m.department("urban", "城市管理局", "Urban management");
    let name = m.field("name", "名称", "Name");
    let licence = m.material("licence", "营业执照", "Business licence");
    let address = m.typed("address", "地址", "Address", FieldType::Address);
    let [findings, fire_findings, number, opinion] = [
        ("findings", "核查结论", "Findings"),
        ("fire_findings", "检查结论", "Fire findings"),
        ("licence_number", "许可证编号", "Licence number"),
        ("opinion", "检查意见书编号", "Number of the opinion"),
    ]
    .map(|(key, zh, en)| m.field(key, zh, en));
    let mut last: Vec<StepIx> = Vec::new();
    let first = StepIx(0);
    m.title(first, "申请食品经营许可", "Apply for the food licence");
    m.change(first, |step| step.visits = 1);
    let scope = |m: &mut Made, scope: StepIx, steps: &[StepIx]| {
        for step in steps {
            m.change(*step, |step| step.scope = scope);
        }
    };
    let accept = m.step(
        "accept-food-licence",
        "受理",
        "Acceptance",
        market,
        1,
        &[name, licence],
        &[],
        &[],
    );
    let inspect = m.step(
        "food-inspection",
        "食品经营现场核查",
        "On-site food inspection",
        market,
        5,
        &[address],
        &[findings],
        &[(accept, "受理后核查", "Inspected after acceptance")],
    );
    m.change(inspect, |step| step.attended = true);
    let _review = m.step(
        "food-review",
        "食品经营许可审查决定",
        "Decision on the food licence",
        market,
        4,
        &[name, findings],
        &[number],
        &[],
    );
    let collect =
        m.b.step("collect-food-licence", Actor::Applicant)
            .reads(number)
            .number();
    m.change(collect, |step| {
        step.title = Text::new("到窗口领取食品经营许可证", "Collect the food licence");
        step.visits = 1;
    });
    last.push(collect);
    let apply = m.submission(
        "apply-fire-check",
        "申请消防安全检查",
        "Apply for the fire safety check",
        &last,
        because,
    );
    let accept = m.step(
        "accept-fire-check",
        "受理",
        "Acceptance",
        fire,
        1,
        &[name, licence],
        &[],
        &[],
    );
    let visit = m.step(
        "fire-inspection",
        "公众聚集场所投入使用、营业前消防安全现场检查",
        "On-site fire safety check of a public gathering place before it opens",
        fire,
        10,
        &[name, address],
        &[fire_findings],
        &[(accept, "受理后检查", "Inspected after acceptance")],
    );
    let decide = m.step(
        "fire-decision",
        "消防安全检查决定",
        "Decision on the fire safety check",
        fire,
        3,
        &[fire_findings],
        &[opinion],
        &[],
    );
    scope(&mut m, apply, &[accept, visit, decide]);
    let apply = m.submission(
        "apply-signboard",
        "申请设置户外招牌",
        "Apply for the signboard",
        &[decide],
        because,
    );
    let accept = m.step(
        "accept-signboard",
        "受理",
        "Acceptance",
        urban,
        1,
        &[name, licence, number],
        &[],
        &[],
    );
    let review = m.step(
        "signboard-review",
        "户外招牌设置审查",
        "Review of the signboard",
        urban,
        5,
        &[name, licence],
        &[],
        &[(accept, "受理后审查", "Reviewed after acceptance")],
    );
    scope(&mut m, apply, &[accept, review]);
    m.b.build()
}
