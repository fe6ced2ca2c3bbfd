//! One mistake is told once, at the place where it is written, with names that help.

use std::sync::Arc;

use onething_definition::diagnostic::{Diagnostic, Diagnostics};
use onething_definition::{Checked, SourceSet, check, new_service};

const WORKLOAD: &str = "shop/workload.yaml";
const ENTERPRISE: &str = "contracts/enterprise.yaml";

/// The template, with texts put in place of others.
fn checked(changes: &[(&str, &str, &str)]) -> Checked {
    let mut files = new_service(&"shop".parse().unwrap());
    for (path, old, new) in changes {
        let file = files.iter_mut().find(|(name, _)| name == path);
        let (_, text) = file.unwrap_or_else(|| panic!("there is no {path}"));
        assert!(text.contains(old), "{path} has no\n{old}");
        *text = text.replacen(old, new, 1);
    }
    let sources = Arc::new(SourceSet::from_texts(files));
    check(sources, &["shop".to_owned()], Diagnostics::new())
}

/// Code, and what is quoted at the place.
fn told(checked: &Checked) -> Vec<String> {
    let text = |d: &Diagnostic| {
        let span = d.primary.span;
        let file = checked.report.sources.file(span.file);
        let quoted = &file.text()[span.start as usize..span.end as usize];
        format!("{} {quoted}", d.code)
    };
    checked.report.diagnostics.iter().map(text).collect()
}

/// An origin that cannot be read is told where it is written, and not of each figure that it
/// would be the origin of.
#[test]
fn an_origin_that_cannot_be_read_is_told_once() {
    const WHOLE: &str = "assumed: 示例，请换成本地数据\n";
    let without = (WORKLOAD, WHOLE, "");
    type Row<'a> = (&'a [(&'a str, &'a str, &'a str)], &'a [&'a str]);
    let table: [Row<'_>; 4] = [
        (&[(WORKLOAD, WHOLE, "assumed: [示例]\n")], &["D0103 [示例]"]),
        (
            &[(WORKLOAD, WHOLE, "source: { 网址: 示例 }\n")],
            &["D0103 { 网址: 示例 }"],
        ),
        // Of a section, and of one figure: the others are told still.
        (
            &[
                (WORKLOAD, WHOLE, ""),
                (WORKLOAD, "misses: { ", "misses: { assumed: [示例], "),
            ],
            &["D0103 [示例]"],
        ),
        (&[without], &[]),
    ];
    for (changes, expected) in table {
        let said = told(&checked(changes));
        let (origins, others): (Vec<String>, Vec<String>) =
            said.into_iter().partition(|one| one.starts_with("D0901"));
        assert_eq!(others, expected, "{changes:?}");
        let figures = origins.len();
        let misses = origins.iter().any(|one| one == "D0901 enterprise-register");
        match changes.len() {
            1 if !changes[0].2.is_empty() => assert_eq!(figures, 0, "{changes:?}"),
            1 => assert!(figures > 10 && misses, "{changes:?}: {origins:?}"),
            _ => assert!(figures > 10 && !misses, "{changes:?}: {origins:?}"),
        }
    }
}

/// The field alone is marked, not the whole list in which it stands.
#[test]
fn what_a_registry_needs_and_gives_is_marked_where_it_is_given() {
    let given = (
        ENTERPRISE,
        "gives: [name, address]",
        "gives: [name, credit_code, address]",
    );
    assert_eq!(told(&checked(&[given])), ["D0202 credit_code"]);
    // Who names the registry elsewhere is not wrong as well.
    let named = (
        "shop/service.yaml",
        "applicant: operator\n",
        "applicant: operator\nfetched: { without: { enterprise-register: 尚未开通 } }\n",
    );
    assert_eq!(told(&checked(&[given, named])), ["D0202 credit_code"]);
}

/// Who mistypes a step is offered no look-up that no answers bring.
#[test]
fn names_that_no_answers_bring_are_not_offered() {
    // Another registry gives the same, and the first is asked.
    let second = "  - { registry: second, title: { zh: 备用库, en: Second register }, department: health, with: [credit_code], gives: [name, address], basis: 示例 }\n";
    let mistyped = (WORKLOAD, "  accept: 10min", "  nothing-like-it: 10min");
    let basis = "    basis: 国务院关于加快推进政务服务“一网通办”的要求（示例）\n";
    let both = format!("{basis}{second}");
    let checked = checked(&[mistyped, (ENTERPRISE, basis, &both)]);
    let unknown = checked.report.diagnostics.iter();
    let unknown = unknown.filter(|found| found.code.as_str() == "D0404");
    let help: Vec<&str> = unknown
        .map(|found| found.help.as_ref().unwrap().zh())
        .collect();
    assert_eq!(help.len(), 1, "{:?}", told(&checked));
    let offered = help[0].contains("look-up-enterprise-register-shop");
    assert!(offered && help[0].contains("、"), "{help:?}");
    assert!(!help[0].contains("look-up-second-shop"), "{help:?}");
}

/// What is written and cannot be read is not missing as well.
#[test]
fn what_cannot_be_read_is_not_told_as_missing() {
    const SERVICE: &str = "shop/service.yaml";
    let table = [
        (
            "by: officer\n    reads: { shop: [name, address, floor_plan]",
            "by: 科员\n    reads: { shop: [name, address, floor_plan]",
            "D0106 科员",
        ),
        (
            "reads: { shop: [name, address, floor_plan]",
            "reads: { shop: [名称]",
            "D0105 名称",
        ),
        (
            "    matter: sign-filing\n",
            "    matter: 招牌备案\n",
            "D0105 招牌备案",
        ),
        (
            "    matter: sign-filing\n",
            "    department: 城管局\n",
            "D0105 城管局",
        ),
    ];
    for (from, to, expected) in table {
        let mut said = told(&checked(&[(SERVICE, from, to)]));
        // That it belongs to no matter is true where none is written.
        said.retain(|one| to.contains("matter") || !["D0303", "D0704"].contains(&&one[..5]));
        assert_eq!(said, [expected], "{to}");
    }
}

/// Marks of a Chinese keyboard between names, or behind one, are told as that.
#[test]
fn full_width_marks_in_names_are_told() {
    let table = [
        ("[name，address, floor_plan]", "用英文逗号和空格隔开"),
        ("[name、address]", "用英文逗号和空格隔开"),
        ("[name, address？]", "问号用英文的"),
        ("[名称]", "用小写英文字母"),
    ];
    for (list, help) in table {
        let change = (
            "shop/service.yaml",
            "reads: { shop: [name, address, floor_plan]",
            &*format!("reads: {{ shop: {list}"),
        );
        let checked = checked(&[change]);
        let named = checked.report.diagnostics.iter();
        let mut named = named.filter(|found| found.code.as_str() == "D0105");
        let told = named.next().and_then(|found| found.help.clone()).unwrap();
        assert!(told.zh().contains(help), "{list}: {}", told.zh());
    }
}

/// A section under a slip of its name is read as if the name were right; of one whose name nobody
/// knows, or which cannot be read, nothing is told that follows from its absence.
#[test]
fn a_section_with_a_wrong_name_is_told_once() {
    const SERVICE: &str = "shop/service.yaml";
    const BEFORE: &str = "shop/before.yaml";
    const DEPARTMENTS: &str = "departments.yaml";
    let table: [(&str, &str, &str, &[&str]); 21] = [
        (SERVICE, "\nsteps:", "\nstep:", &["D0101 step"]),
        (SERVICE, "\nmatters:", "\nmatter:", &["D0101 matter"]),
        (SERVICE, "\nroles:", "\nRole:", &["D0101 Role"]),
        (SERVICE, "\nquestions:", "\nquestion:", &["D0101 question"]),
        (SERVICE, "\nreference:", "\nrefrence:", &["D0101 refrence"]),
        (ENTERPRISE, "\nfields:", "\nfield:", &["D0101 field"]),
        (
            ENTERPRISE,
            "\nproviders:",
            "\nprovider:",
            &["D0101 provider"],
        ),
        (
            DEPARTMENTS,
            "\ndepartments:",
            "\ndepartment:",
            &["D0101 department"],
        ),
        (DEPARTMENTS, "\nwindows:", "\nwindow:", &["D0101 window"]),
        (BEFORE, "\nsteps:", "\nstep:", &["D0101 step"]),
        (WORKLOAD, "\nstaff:", "\nstuff:", &["D0101 stuff"]),
        // Below the sections too.
        (
            SERVICE,
            "    matter: sign-filing\n",
            "    mater: sign-filing\n",
            &["D0101 mater"],
        ),
        (
            SERVICE,
            "    by: officer\n",
            "    By: officer\n",
            &["D0101 By"],
        ),
        // What is wrong below a slip is told as well.
        (
            SERVICE,
            "\nsteps:",
            "\nstep:\n  other: { title: 其他, by: officer, matter: nowhere }",
            &["D0101 step", "D0503 other", "D0405 nowhere"],
        ),
        // Names that are a slip of nothing.
        (SERVICE, "\nquestions:", "\n问题:", &["D0101 问题"]),
        (SERVICE, "\nreference:", "\n参考:", &["D0101 参考"]),
        (DEPARTMENTS, "\nwindows:", "\n窗口:", &["D0101 窗口"]),
        (
            SERVICE,
            "\nsteps:",
            "\n环节:",
            &["D0102 onething", "D0101 环节"],
        ),
        (
            SERVICE,
            "\nmatters:",
            "\n事项:",
            &["D0102 onething", "D0101 事项"],
        ),
        (
            SERVICE,
            "\nroles:",
            "\n角色:",
            &["D0102 onething", "D0101 角色"],
        ),
        // A section that is no map.
        (
            SERVICE,
            "\nquestions:",
            "\nquestions: 无\nx:",
            &["D0103 无", "D0101 x"],
        ),
    ];
    for (path, from, to, expected) in table {
        assert_eq!(told(&checked(&[(path, from, to)])), expected, "{path} {to}");
    }
}

/// Of a contract that cannot be read, or of a write that names no field, only that is told: not that
/// nobody uses the roles, nor that nobody makes what is delivered.
#[test]
fn a_contract_that_cannot_be_read_is_told_once() {
    const SERVICE: &str = "shop/service.yaml";
    let table: [(&str, &str, &str, &[&str]); 7] = [
        (
            ENTERPRISE,
            "contract: enterprise",
            "contract: [enterprise",
            &["D0010 :"],
        ),
        (
            ENTERPRISE,
            "\nfields:",
            "\n字段:",
            &["D0102 contract", "D0101 字段"],
        ),
        (
            "contracts/permit.yaml",
            "contract: permit",
            "contract: [permit",
            &["D0010 :"],
        ),
        (
            "contracts/permit.yaml",
            "\nfields:",
            "\n字段:",
            &["D0102 contract", "D0101 字段"],
        ),
        (
            SERVICE,
            "writes: { sign_filing: [number]",
            "writes: { sign_filing: [numer]",
            &["D0403 numer"],
        ),
        (
            SERVICE,
            "writes: { sign_filing: [number]",
            "writes: { sign_filling: [number]",
            &["D0408 sign_filling"],
        ),
        // The old way delivers what the new one does: once for both.
        (
            SERVICE,
            "    writes: { sign_filing: [number] }\n",
            "",
            &["D0203 sign_filing"],
        ),
    ];
    for (path, from, to, expected) in table {
        assert_eq!(told(&checked(&[(path, from, to)])), expected, "{path} {to}");
    }
}
