//! However a personal value is written in a reason, whoever has no grant does not read it.

use std::sync::Arc;

use onething_engine::{Audience, Blueprint, Case, Opening};
use onething_model::Timestamp;
use onething_plan::FieldType;
use onething_plan::builder::PlanBuilder;
use onething_plan::random::Dice;
use onething_plan::{Actor, Sensitivity};
use proptest::prelude::*;

/// A case of one person, each value of it personal.
fn case(values: &[(FieldType, &str)]) -> Case {
    let mut b = PlanBuilder::new("shop");
    let mut given = Vec::new();
    for (at, (kind, value)) in values.iter().enumerate() {
        let field = b.typed_field(&format!("value-{at}"), kind.clone());
        b.plan_mut().fields[field.index()].sensitivity = Sensitivity::Personal;
        given.push((field, (*value).into()));
    }
    let mut step = b.step("review", Actor::Officer);
    for (field, _) in &given {
        step = step.reads(*field);
    }
    let plan = Arc::new(b.build());
    let opening = Opening::new(&plan, "key", vec![], given);
    let blueprint = Blueprint::new(plan);
    let mut events = Vec::new();
    let case = Case::open(&blueprint, Arc::new(opening), Timestamp(0), &mut events);
    assert!(case.opening().is_some(), "{events:?}");
    case
}

fn text() -> FieldType {
    FieldType::Text { max_chars: 100 }
}

fn check(case: &Case, table: &[(&str, &str)]) {
    let told = |written: &str| case.told(written, Audience::Anybody);
    let wrong: Vec<_> = table
        .iter()
        .filter(|(written, wanted)| told(written) != *wanted)
        .map(|(written, wanted)| format!("{written}\n  is    {}\n  not   {wanted}", told(written)))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn telephone_numbers() {
    let mobile = case(&[(FieldType::Phone, "13900007777")]);
    check(
        &mobile,
        &[
            ("电话+8613900007777打不通", "电话+▇▇打不通"),
            ("+86 139 0000 7777、0086-139-0000-7777", "+▇▇、▇▇"),
            ("(86)13900007777", "(▇▇"),
            ("（86）139-0000-7777，空号", "（▇▇，空号"),
            ("86-13900007777", "▇▇"),
            ("+８６　１３９　００００　７７７７", "+▇▇"),
            ("(+86) 139 0000 7777", "(+▇▇"),
            ("139,0000,7777 / 139、0000、7777", "▇▇ / ▇▇"),
            ("1 3 9 0 0 0 0 7 7 7 7", "▇▇"),
            ("139*0000*7777", "▇▇"),
            ("139 zero zero zero zero 7777", "▇▇"),
            ("139 零零零零 7777，139四个0", "▇▇，139四个0"),
            ("幺三九零零零零七七七七", "▇▇"),
            (
                "one three nine double zero double zero triple seven 7",
                "▇▇",
            ),
            ("壹叁玖零零零零柒柒柒柒", "▇▇"),
            // What is no number of anybody.
            (
                "第139条、金额 7777 元、2026 年 1 月 3 日",
                "第139条、金额 7777 元、2026 年 1 月 3 日",
            ),
        ],
    );
    let fixed = case(&[(FieldType::Phone, "010-65123456")]);
    check(
        &fixed,
        &[
            ("(010) 6512 3456", "(▇▇"),
            ("（010） 6512-3456", "（▇▇"),
            ("+86 10 6512 3456、+861065123456", "+▇▇、+▇▇"),
            ("0086 10 65123456、+86 (0)10 65123456", "▇▇、+▇▇"),
            ("86-10-65123456", "▇▇"),
            ("请打 65123456", "请打 ▇▇"),
            ("6512 3456、6512－3456", "▇▇、▇▇"),
            ("010-65123456转8，ext. 8", "▇▇，ext. 8"),
            ("65123456转分机8001、65123456 分机 8001", "▇▇、▇▇"),
            ("010 65123456 ext. 8 or 65123456 x8", "▇▇ or ▇▇"),
            ("010-65123456-8001、65123456#8", "▇▇、▇▇"),
            ("零一零六五一二三四五六", "▇▇"),
            ("65123456转给经办人，6512345", "▇▇转给经办人，6512345"),
        ],
    );
    let four = case(&[(FieldType::Phone, "0755-23456789")]);
    check(
        &four,
        &[
            ("(0755) 2345 6789", "(▇▇"),
            ("+86 755 2345 6789、2345-6789", "+▇▇、▇▇"),
        ],
    );
    // Of somebody else: what looks like one is known by its form.
    let other = case(&[(text(), "示例")]);
    check(
        &other,
        &[
            ("(010) 6512 3456、（0755） 2345-6789", "(▇▇、（▇▇"),
            ("+86 10 6512 3456、+86 755 2345 6789", "+▇▇、+▇▇"),
            ("（86）138-1234-5678、幺三八一二三四五六七八", "（▇▇、▇▇"),
            ("010-65123456转8", "▇▇"),
            (
                "注册资本一百三十八亿元、13,812,345,678元",
                "注册资本一百三十八亿元、13,812,345,678元",
            ),
            (
                "请于 2026-01-05 (09:30 - 11:30) 到 3 号窗口",
                "请于 2026-01-05 (09:30 - 11:30) 到 3 号窗口",
            ),
            (
                "国发〔2023〕15号第十二条第（三）项",
                "国发〔2023〕15号第十二条第（三）项",
            ),
        ],
    );
}

#[test]
fn dates() {
    let born = case(&[(FieldType::Date, "1949-12-31")]);
    check(
        &born,
        &[
            ("the 31st of December 1949", "the ▇▇"),
            ("the 31st Dec., 1949; 31-Dec-1949", "the ▇▇; ▇▇"),
            ("December 31st, on Dec 31, 31 December", "▇▇, on ▇▇, ▇▇"),
            ("December the 31st, 1949", "▇▇"),
            ("the thirty-first day of December 1949", "the ▇▇"),
            ("thirty-first of December nineteen forty-nine", "▇▇"),
            ("1949 December 31, 31 Dec '49, 31 Dec 49", "▇▇, ▇▇, ▇▇"),
            ("一九四九年十二月三十一日出生", "▇▇出生"),
            ("49年12月31日、四九年十二月卅一日", "▇▇、▇▇"),
            ("１９４９年１２月３１日", "▇▇"),
            ("12月31日生，十二月三十一号，12 月 31 日", "▇▇生，▇▇，▇▇"),
            ("12月31日（1949年）出生", "▇▇）出生"),
            ("生于1949年，12月31日", "生于▇▇"),
            ("1949.12.31、19491231、1949 12 31", "▇▇、▇▇、▇▇"),
            ("1949．12．31，1949、12、31，1949~12~31", "▇▇，▇▇，▇▇"),
            ("31/12/49、49-12-31、12.31.49", "▇▇、▇▇、▇▇"),
            ("491231、311249", "▇▇、▇▇"),
            ("生日12/31，12.31，31-12", "生日▇▇，▇▇，▇▇"),
            // Other days, and what is no date.
            ("2026年12月31日前补交", "2026年12月31日前补交"),
            (
                "by 31 December 2026, by Dec 31 2026",
                "by 31 December 2026, by Dec 31 2026",
            ),
            (
                "2026-12-31、31.12.2026、26-12-31",
                "2026-12-31、31.12.2026、26-12-31",
            ),
            (
                "12月30日、1月31日、11 December",
                "12月30日、1月31日、11 December",
            ),
            ("1949年、12月、31日内", "1949年、12月、31日内"),
            ("第12条、第十二条第三十一项", "第12条、第十二条第三十一项"),
            (
                "12月31人到场，￥12.31，12.31元，12-31页",
                "12月31人到场，￥12.31，12.31元，12-31页",
            ),
            (
                "地址 10.12.31.5，编号 491231-22",
                "地址 10.12.31.5，编号 491231-22",
            ),
            ("may 31 people, 31 of May", "may 31 people, 31 of May"),
        ],
    );
    let may = case(&[(FieldType::Date, "2001-01-05")]);
    check(
        &may,
        &[
            ("元月五日、1月5日、01月05日、一月五号", "▇▇、▇▇、▇▇、▇▇"),
            ("5 Jan; the fifth of January; Jan. 05", "▇▇; the ▇▇; ▇▇"),
            ("01年1月5日、2001/1/5、5.1.2001", "▇▇、▇▇、▇▇"),
            (
                "第1.5条，1.5倍，1.5万元，1-5人",
                "第1.5条，1.5倍，1.5万元，1-5人",
            ),
        ],
    );
}

#[test]
fn addresses_and_names() {
    let home = case(&[(FieldType::Address, "示例市示例区示例路18号3栋201室")]);
    check(
        &home,
        &[
            ("住示例路18号", "住▇▇"),
            ("示例区示例路18号3栋201室查无此人", "▇▇查无此人"),
            ("示例路１８号、示例路十八号、示例路一十八号", "▇▇、▇▇、▇▇"),
            ("示例区，示例路 18 号，3 栋 201 室", "▇▇"),
            ("示例路18号5栋", "▇▇5栋"),
            ("示例市示例区示例路 18 号", "▇▇"),
            // Another house, and no house.
            (
                "示例路1号、示例路118号、示例区、第18号",
                "示例路1号、示例路118号、示例区、第18号",
            ),
        ],
    );
    let village = case(&[(FieldType::Address, "示例省示例县示例镇上河村三组12号")]);
    check(
        &village,
        &[
            ("上河村3组12号、上河村三组", "▇▇、▇▇"),
            ("三组12号、示例镇", "三组12号、示例镇"),
        ],
    );
    let estate = case(&[(FieldType::Address, "示例市示例小区12-301")]);
    check(
        &estate,
        &[
            ("示例小区12-301、示例小区 12。", "▇▇、▇▇。"),
            ("示例小区 12 不存在", "▇▇ 不存在"),
            ("示例小区13-301", "示例小区13-301"),
        ],
    );
    let english = case(&[(FieldType::Address, "Flat 2, 8 Sample Road, Sample District")]);
    check(
        &english,
        &[
            ("at 8 Sample Road", "at ▇▇"),
            (
                "18 Sample Road, 8 Sample Street",
                "18 Sample Road, 8 Sample Street",
            ),
        ],
    );
    let name = case(&[(text(), "张三")]);
    check(
        &name,
        &[
            ("张 三、张　三、张·三", "▇▇、▇▇、▇▇"),
            (
                "一张，三份；张贴三日；3张3份",
                "一张，三份；张贴三日；3张3份",
            ),
        ],
    );
    let name = case(&[(text(), "Li Xiaoming")]);
    check(
        &name,
        &[
            ("LI Xiaoming, Xiaoming Li, Li, Xiao-ming", "▇▇, ▇▇, ▇▇"),
            ("Xiaoming Limited", "Xiaoming Limited"),
        ],
    );
    let number = case(&[(FieldType::IdentityNumber, "11010519491231002X")]);
    check(
        &number,
        &[
            ("110105,19491231,002X", "▇▇"),
            ("一一〇一〇五一九四九一二三一〇〇二X", "▇▇"),
            ("旧号110105-491231-002", "旧号▇▇"),
            ("12月31日生", "▇▇生"),
        ],
    );
}

#[test]
fn amounts() {
    let income = case(&[(FieldType::Money, "CNY 35000.50")]);
    check(
        &income,
        &[
            ("3万5千元、三万五千元、三万五、3.5万", "▇▇、▇▇、▇▇、▇▇"),
            ("３５，０００．５０元", "▇▇"),
            ("叁万伍仟元整", "▇▇"),
            ("3.6万、35000年、第35000号", "3.6万、35000年、第35000号"),
        ],
    );
}

/// Whoever writes: in figures, in words, with anything between.
fn figures(text: &str, dice: &mut Dice) -> String {
    let mut written = String::new();
    let english = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    ];
    let between = [" ", "-", "", "\u{3000}", "－", ".", "—", "\u{AD}", " - "];
    let mut word = false;
    for c in text.chars() {
        let Some(digit) = c.to_digit(10) else {
            written += if word { " " } else { "" };
            written.push(c);
            word = false;
            continue;
        };
        let digit = digit as usize;
        if word || (!written.is_empty() && dice.chance(20)) {
            written += if word {
                " "
            } else {
                between[dice.below(between.len())]
            };
        }
        let from = |digits: &str| digits.chars().nth(digit).unwrap();
        word = false;
        match dice.below(8) {
            0 => written.push(from("０１２３４５６７８９")),
            1 => written.push(from("〇一二三四五六七八九")),
            2 => written.push(from("零幺两叁肆伍陆柒捌玖")),
            3 => {
                if written.ends_with(|c: char| c.is_ascii_alphabetic()) {
                    written.push(' ');
                }
                written += english[digit];
                word = true;
            }
            _ => written.push(from("0123456789")),
        }
    }
    written
}

/// A numeral below a hundred, as it is counted.
fn counted(number: u32) -> String {
    let one = |digit: u32| "〇一二三四五六七八九".chars().nth(digit as usize).unwrap();
    let mut text = String::new();
    if number >= 20 {
        text.push(one(number / 10));
    }
    if number >= 10 {
        text.push('十');
    }
    if !number.is_multiple_of(10) {
        text.push(one(number % 10));
    }
    text
}

fn a_phone(dice: &mut Dice) -> (String, String) {
    let code = [
        "",
        "+86",
        "+86 ",
        "0086",
        "0086-",
        "(86)",
        "（86） ",
        "86-",
        "+８６　",
    ][dice.below(9)];
    let extension = ["", "转8", " ext. 8", "-8001", " 分机 8"][dice.below(5)];
    let mut digits = |count: usize| -> String {
        (0..count)
            .map(|_| char::from(b'0' + dice.below(10) as u8))
            .collect()
    };
    let number = digits(8);
    if dice.chance(50) {
        let value = format!("1{}{}", 3 + dice.below(7), &format!("{number}12345")[..9]);
        let written = figures(&value, dice);
        return (value, format!("{code}{written}"));
    }
    let area = ["010", "021", "0755", "0351"][dice.below(4)];
    let local = figures(&number, dice);
    let written = match dice.below(5) {
        0 => format!("({area}) {local}"),
        1 => format!("（{area}）{local}"),
        2 if !code.is_empty() => format!("{code}{} {local}", &area[1..]),
        3 => local,
        _ => format!("{code}{area}-{local}"),
    };
    (format!("{area}-{number}"), format!("{written}{extension}"))
}

fn a_date(dice: &mut Dice) -> (String, String) {
    let (year, month, day) = (
        1930 + dice.below(80) as u32,
        1 + dice.below(12) as u32,
        1 + dice.below(28) as u32,
    );
    let value = format!("{year}-{month:02}-{day:02}");
    let names = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let name = names[month as usize - 1];
    let name = [name, &name[..3]][dice.below(2)];
    let nth = match day {
        1 | 21 => format!("{day}st"),
        2 | 22 => format!("{day}nd"),
        3 | 23 => format!("{day}rd"),
        _ => format!("{day}th"),
    };
    let pick = |dice: &mut Dice, number: u32| match dice.below(3) {
        0 => format!("{number}"),
        1 => format!("{number:02}"),
        _ => counted(number),
    };
    let (m, d) = (pick(dice, month), pick(dice, day));
    let short = year % 100;
    let sign = ["-", "/", ".", " - ", "．"][dice.below(5)];
    let written = match dice.below(14) {
        0 => format!("{year}年{m}月{d}日"),
        1 => format!("{short:02}年{m}月{d}号"),
        2 => format!("{m}月{d}日"),
        3 => format!("{year}{sign}{month}{sign}{day}"),
        4 => format!("{day:02}{sign}{month:02}{sign}{year}"),
        5 => format!("{month}{sign}{day}{sign}{year}"),
        6 => format!("{year}{month:02}{day:02}"),
        7 => format!("{nth} of {name} {year}"),
        8 => format!("{nth} {name}., {year}"),
        9 => format!("{name} {nth}"),
        10 => format!("{day}-{name}-{year}"),
        11 => format!("{name} {day}, {year}"),
        12 => format!("{day} {name}"),
        _ => format!("{short:02}{sign}{month:02}{sign}{day:02}"),
    };
    (value, written)
}

fn an_address(dice: &mut Dice) -> (String, String) {
    let street = ["示例路", "和平大街", "青年巷", "长江道", "三里屯路"][dice.below(5)];
    let (house, flat) = (1 + dice.below(300), 1 + dice.below(30));
    let value = format!("示例市示例区{street}{house}号{flat}栋");
    let number = match dice.below(3) {
        0 if house < 100 => counted(house as u32),
        1 => figures(&house.to_string(), dice),
        _ => house.to_string(),
    };
    let before = ["", "示例区", "示例市示例区", "示例市，示例区，"][dice.below(4)];
    let after = match dice.below(2) {
        0 => format!("{flat}栋"),
        _ => String::new(),
    };
    (value, format!("{before}{street}{number}号{after}"))
}

fn a_number(dice: &mut Dice) -> (String, String) {
    let of = ["110105", "350100", "659001"][dice.below(3)];
    // Nobody is born after the day of the case, which is of 1970.
    let (year, month, day) = (
        1930 + dice.below(40),
        1 + dice.below(12),
        1 + dice.below(28),
    );
    let body = format!("{of}{year}{month:02}{day:02}{:03}", 1 + dice.below(999));
    let with_check = "0123456789X".chars().map(|check| format!("{body}{check}"));
    let valid = |number: &String| onething_plan::check::is_identity_number(number);
    let value = with_check.into_iter().find(valid).unwrap();
    let written = match dice.below(4) {
        0 => format!("{}{}", &value[..6], &value[8..17]),
        1 => format!("{} {} {}", &value[..6], &value[6..14], &value[14..]),
        _ => figures(&value, dice).to_lowercase(),
    };
    (value, written)
}

fn a_name(dice: &mut Dice) -> (String, String) {
    let chinese = ["张三", "古丽·阿依", "欧阳示例", "陆一鸣"];
    let value = chinese[dice.below(4)];
    if dice.chance(50) {
        let between = ["", " ", "　", "·", "-"][dice.below(5)];
        let chars: Vec<String> = value
            .chars()
            .filter(|c| *c != '·')
            .map(String::from)
            .collect();
        return (value.to_owned(), chars.join(between));
    }
    let (family, given) = (
        ["Li", "Ouyang", "Smith"][dice.below(3)],
        ["Lei", "Xiaoming"][dice.below(2)],
    );
    let written = match dice.below(4) {
        0 => format!("{family} {given}"),
        1 => format!("{given} {family}"),
        2 => format!("{}, {given}", family.to_uppercase()),
        _ => format!("{given}·{family}"),
    };
    (format!("{family} {given}"), written)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// What is left of a text is what stood around the value; of a text without it, all.
    #[test]
    fn no_spelling_shows_a_value(seed in any::<u64>()) {
        let mut dice = Dice::new(seed);
        let (kind, (value, written)) = match dice.below(6) {
            0 | 1 => (FieldType::Phone, a_phone(&mut dice)),
            2 => (FieldType::Date, a_date(&mut dice)),
            3 => (FieldType::IdentityNumber, a_number(&mut dice)),
            4 => (text(), a_name(&mut dice)),
            _ => (FieldType::Address, an_address(&mut dice)),
        };
        let around = [
            ("经核对，", "，请补正"),
            ("按第十二条，", "。另缴 1,200.50 元"),
            ("the record says: ", "; please correct"),
            ("于2026年1月5日在3号窗口，", "，国发〔2023〕15号"),
        ];
        let (before, after) = around[dice.below(around.len())];
        let case = case(&[(kind, &value)]);
        let told = case.told(&format!("{before}{written}{after}"), Audience::Anybody);
        let left = told.strip_prefix(before).and_then(|told| told.strip_suffix(after));
        let left = left.map(|left| left.replace("▇▇", ""));
        let left = left.map(|left| left.trim_matches(['+', '(', '（', ' ', '　']).to_owned());
        prop_assert_eq!(left.as_deref(), Some(""), "{} as {}: {}", value, written, told);
        let without = format!("{before}{after}");
        let born = value.ends_with("-01-05");
        prop_assert!(born || case.told(&without, Audience::Anybody) == without);
    }

    /// A date, a sum or an article that is no value of the case is read by everybody.
    #[test]
    fn what_is_no_value_is_left(seed in any::<u64>()) {
        let mut dice = Dice::new(seed);
        let (born, other) = loop {
            let (one, other) = (a_date(&mut dice), a_date(&mut dice));
            if one.0[5..] != other.0[5..] && one.0[2..4] != other.0[2..4] {
                break (one.0, other);
            }
        };
        let home = an_address(&mut dice).0;
        let case = case(&[(FieldType::Date, &born), (FieldType::Address, &home), (text(), "张三"), (FieldType::Money, "CNY 3600.00")]);
        let article = counted(1 + dice.below(99) as u32);
        let sum = format!("{},{:03}.50", 4 + dice.below(90), dice.below(1_000));
        // 01/02/03 may be any of six days.
        let ambiguous = other.1.len() < 10 && !other.1.contains('月') && other.1.is_ascii();
        let date = if ambiguous { &other.0 } else { &other.1 };
        let written = format!("按第{article}条，{date}起，缴 {sum} 元，第 3600 号，一张、三份，示例市示例区");
        prop_assert_eq!(case.told(&written, Audience::Anybody), written, "{} {}", born, home);
    }

    /// Whatever is written is told, or taken out.
    #[test]
    fn anything_can_be_written(seed in any::<u64>(), more in ".{0,20}") {
        let mut dice = Dice::new(seed);
        let case = case(&[
            (FieldType::Phone, "13900007777"),
            (FieldType::Phone, "010-65123456"),
            (FieldType::Date, "1949-12-31"),
            (FieldType::Address, "示例市示例区示例路18号3栋201室"),
            (FieldType::IdentityNumber, "11010519491231002X"),
            (FieldType::Money, "CNY 35000.50"),
            (text(), "Li Xiaoming"),
        ]);
        let parts = [
            "139", "0000", "777", "七", "seventy", "-seven", " seven", "th", "st", "31", "三十一", "十二", "1949", "年", "月", "日",
            "December", "of the", ",", "，", "、", " ", "-", "/", ".", "(", "）", "+", "86", "0086", "010", "6512", "3456", "0", "转", "ext",
            "示例路", "18", "号", "3栋", "万", "亿", "3.5", "double", "0", "110105", "002X", "十", "百", "千", "\u{AD}", "\u{301}", "é", "😀", &more,
        ];
        let written: String = (0..dice.below(30)).map(|_| parts[dice.below(parts.len())]).collect();
        let told = case.told(&written, Audience::Anybody);
        let mut left = written.chars();
        // What is left stands in the order in which it was written.
        for c in told.chars().filter(|c| *c != '▇') {
            prop_assert!(left.any(|written| written == c), "{written}: {told}");
        }
    }
}
