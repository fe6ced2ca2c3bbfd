//! `departments.yaml`: who takes part, and where applicants come in.

use onething_model::{DepartmentKey, Text};

use super::values::{AllOr, Language, Name, Named};
use super::{record, words};
use crate::yaml::read::Spanned;

record! {
    /// The root of a definition tree.
    pub struct DepartmentsFile "departments" "部门和窗口" "departments and windows" {
        language "language" optional Language: "文件的语言" "the language of plain texts in this file; `zh` by default";
        departments "departments" required Named<DepartmentKey, DepartmentDef>: "各部门和外部机构" "departments and outside bodies";
        windows "windows" optional Named<Name, WindowDef>: "窗口：从哪里、以哪些渠道受理" "windows: where and how applicants come in";
        purposes "purposes" optional Named<Name, Text>: "约定中各项用途（`purpose`）的名称，供显示" "what people call the purposes that grants name, for showing them";
    }
}

record! {
    /// A department or an outside body.
    pub struct DepartmentDef "department" "部门" "a department" {
        title "title" required Text: "名称" "what people call it";
        kind "kind" optional BodyKind: "类别，默认 `government`" "what it is; `government` by default";
    }
}

words! {
    /// What a body is.
    pub enum BodyKind {
        Government "government" "政府部门" "a department";
        Outside "outside" "外部机构：银行、水电气热、公证等" "an outside body: a bank, a utility, a notary";
    }
}

record! {
    /// A window.
    pub struct WindowDef "window" "窗口" "a window" {
        title "title" required Text: "名称" "what people call it";
        departments "departments" optional AllOr<DepartmentKey>: "为哪些部门受理，默认全部" "for which departments it takes applications in; all by default";
        channels "channels" optional Vec<Spanned<Channel>>: "渠道" "channels";
    }
}

words! {
    /// How applicants come in.
    pub enum Channel {
        Window "window" "现场窗口" "a counter";
        Online "online" "网上大厅" "a web site";
        App "app" "移动端" "an app";
        Terminal "terminal" "自助终端" "a self-service terminal";
        Hotline "hotline" "热线" "a hotline";
    }
}
