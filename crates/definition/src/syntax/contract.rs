//! `contracts/<name>.yaml`: what is known of a kind of subject.

use onething_model::{ContractKey, DepartmentKey, FieldKey, Limit, RegistryKey, Text};

use super::values::{AllOr, AnyValue, Bytes, Language, Name, Named, Whole};
use super::{record, words};
use crate::yaml::read::Spanned;
use crate::yaml::scalar::Version;

record! {
    /// A data contract (共享数据约定).
    pub struct ContractFile "contract" "共享数据约定" "a data contract" {
        contract "contract" required ContractKey: "名称，与文件名相同" "its name, that of the file";
        version "version" required Version: "版本" "its version";
        language "language" optional Language: "文件的语言" "the language of plain texts in this file; `zh` by default";
        title "title" required Text: "标题" "what people call it";
        owner "owner" optional DepartmentKey: "数据的主管部门" "the department that answers for the data";
        identified_by "identified_by" optional Vec<Spanned<FieldKey>>: "哪些字段能确定一个对象" "the fields that identify a subject";
        fields "fields" required Named<FieldKey, FieldDef>: "字段" "its fields";
        providers "providers" optional Vec<Spanned<ProviderDef>>: "可以代替申请人提供数据的数据库" "registries that can answer instead of the applicant";
        grants "grants" optional Vec<Spanned<GrantDef>>: "哪些部门可以读取、用途和依据" "who may read what, what for and on which basis";
    }
}

record! {
    /// A field of a contract; documents are fields too.
    pub struct FieldDef "field" "字段" "a field" {
        title "title" required Text: "名称" "what people call it";
        kind "type" required FieldKind: "类型" "what a value is";
        max_chars "max_chars" optional Whole<1, 100_000>: "最多字符数（`text`）" "most characters (`text`)";
        pattern "pattern" optional String: "编码的格式，正则表达式（`code`）" "the form of the code, a regular expression (`code`)";
        unit "unit" optional String: "计量单位（`number`）" "the unit (`number`)";
        min "min" optional f64: "最小值（`number`）" "the least value (`number`)";
        max "max" optional f64: "最大值（`number`）" "the largest value (`number`)";
        whole "whole" optional bool: "只能是整数（`number`）" "whole numbers only (`number`)";
        options "options" optional Named<Name, Text>: "选项（`choice`）" "the options (`choice`)";
        accepts "accepts" optional Vec<Spanned<Name>>: "接受的文件格式（`document`）" "accepted file types (`document`)";
        up_to "up_to" optional Bytes: "文件大小上限（`document`）" "largest file (`document`)";
        sensitivity "sensitivity" optional SensitivityWord: "敏感程度，默认 `public`；身份证号码和手机号码默认 `personal`" "who may see it; `public` by default, of identity and phone numbers `personal`";
        derived "derived" optional DerivedDef: "由同一对象的另一字段得出，不询问、不查询" "that it follows from another field of the subject, and is neither asked nor looked up";
        example "example" optional AnyValue: "示例，必须符合类型" "a valid value for trying things out";
    }
}

record! {
    /// What a field follows from.
    pub struct DerivedDef "derived" "由哪个字段得出" "what a field follows from" {
        from "from" required FieldKey: "从本约定的哪个字段得出" "the field of this contract that it follows from";
        by "as" required DerivationWord: "得出的是什么" "what of it";
    }
}

words! {
    /// What follows from a number, by the standard that defines it.
    pub enum DerivationWord {
        DateOfBirth "date-of-birth" "出生日期：公民身份号码第 7 至 14 位（GB 11643-1999），得到 `date`" "the date of birth: digits 7 to 14 of an identity number (GB 11643-1999), a `date`";
        Sex "sex" "性别：公民身份号码第 17 位，单数为 `male`、双数为 `female`（GB 11643-1999），得到 `choice`" "the sex: digit 17 of an identity number, odd for `male`, even for `female` (GB 11643-1999), a `choice`";
        FirstRegistrationDivision "first-registration-division" "首次登记户籍的行政区划代码：公民身份号码第 1 至 6 位（GB 11643-1999），不是现住址，得到 `code` 或 `text`" "the division code of the first household registration: digits 1 to 6 of an identity number (GB 11643-1999), not the present address, a `code` or `text`";
        RegistrationDivision "registration-division" "登记管理机关的行政区划代码：统一社会信用代码第 3 至 8 位（GB 32100-2015），得到 `code` 或 `text`" "the division code of the registering authority: characters 3 to 8 of a credit code (GB 32100-2015), a `code` or `text`";
        OrganisationCode "organisation-code" "组织机构代码（GB 11714-1997，不带连字符）：统一社会信用代码第 9 至 17 位（GB 32100-2015），得到 `code` 或 `text`" "the organisation code (GB 11714-1997, without hyphen): characters 9 to 17 of a credit code (GB 32100-2015), a `code` or `text`";
    }
}

words! {
    /// What a value of a field is.
    pub enum FieldKind {
        Text "text" "文本" "text";
        Code "code" "编码" "a code";
        Number "number" "数字" "a number";
        YesNo "yes-no" "是或否" "yes or no";
        Date "date" "日期" "a date";
        Money "money" "金额" "an amount of money";
        Choice "choice" "选项之一" "one of several options";
        Address "address" "地址" "an address";
        IdentityNumber "identity-number" "公民身份号码" "a resident identity number";
        CreditCode "credit-code" "统一社会信用代码" "a unified social credit code";
        Phone "phone" "电话号码" "a telephone number";
        Document "document" "材料" "a document, that is a material";
    }
}

words! {
    /// Who may see a field.
    pub enum SensitivityWord {
        Public "public" "可公开" "anyone";
        Personal "personal" "个人信息" "personal data: only on a grant";
        Sensitive "sensitive" "敏感个人信息" "sensitive personal data: only on a grant";
    }
}

record! {
    /// A registry that can provide fields.
    pub struct ProviderDef "provider" "提供数据的数据库" "a registry that provides fields" {
        registry "registry" required RegistryKey: "数据库的名称" "the registry's name";
        title "title" optional Text: "标题" "what people call it";
        department "department" required DepartmentKey: "哪个部门的数据库" "whose registry it is";
        with "with" required Vec<Spanned<FieldKey>>: "查询条件" "what identifies the subject";
        gives "gives" required Vec<Spanned<FieldKey>>: "返回的字段" "what it gives";
        fresh "fresh" optional Limit: "数据最多可以有多旧" "how old an answer may be";
        basis "basis" optional String: "共享依据" "the legal basis of the look-up";
    }
}

record! {
    /// A department's right to read fields.
    pub struct GrantDef "grant" "读取授权" "a right to read" {
        to "to" required DepartmentKey: "授权给哪个部门" "the department";
        fields "fields" required AllOr<FieldKey>: "哪些字段" "which fields";
        purpose "purpose" required String: "用途" "what for";
        basis "basis" required String: "法律依据" "the legal basis";
    }
}
