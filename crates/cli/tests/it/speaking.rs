//! Languages, help, usage errors, exit codes, pipes.

use std::io::Read;
use std::process::Stdio;

use crate::tool::{command, finish, run};

#[test]
fn help_comes_in_the_language_of_the_locale_or_the_flag() {
    run(["--help"])
        .exits(0)
        .says("Commands:")
        .says("Check definitions");
    run(["--help", "--lang", "zh"])
        .exits(0)
        .says("命令:")
        .says("检查定义")
        .says("选项");
    let mut chinese = command(["check", "--help"]);
    chinese.env("LANG", "zh_CN.UTF-8");
    finish(&mut chinese).exits(0).says("输出形式（text、json）");
}

#[test]
fn a_wrong_command_line_is_a_usage_error() {
    run(["chekc"]).exits(2).says("unrecognized subcommand");
    run(["chekc", "--lang=zh"])
        .exits(2)
        .says("没有命令 `chekc`")
        .says("check");
    run(["check", "--lang=zh"])
        .exits(2)
        .says("缺少参数")
        .says("用法");
    run(["check", ".", "--format", "xml", "--lang", "zh"])
        .exits(2)
        .says("`xml` 不是")
        .says("text、json");
    run(["check", ".", "--fromat", "json", "--lang", "zh"])
        .exits(2)
        .says("没有参数 `--fromat`")
        .says("--format");
    let bare: [&str; 0] = [];
    run(bare).exits(2);
}

/// Who copies a piece of work where the number of its case is wanted is told which that is.
#[test]
fn a_piece_of_work_is_no_number_of_a_case() {
    let line = |command: &str, case: &str, lang: &str| {
        let args = format!("case {command} {case} --store /nowhere --lang {lang} --by o");
        run(args.split(' '))
    };
    for command in ["draft", "confirm", "withdraw"] {
        line(command, "1/apply/1", "zh")
            .exits(2)
            .says("`1/apply/1` 不是办件编号：应为数字，例如 42")
            .says("它属于办件 1 的环节 `apply`：只写 `1`");
        line(command, "1/apply/1", "en")
            .exits(2)
            .says("`1/apply/1` is no number of a case: it should be a number such as 42")
            .says("of case 1, step `apply`");
        line(command, "one", "zh")
            .exits(2)
            .says("`one` 不是办件编号")
            .says("onething case list");
    }
    run("case show 1/apply/1 --store /nowhere --lang zh".split(' '))
        .exits(2)
        .says("只写 `1`");
    run("case hand-in 1/apply/1 apply --store /nowhere --lang zh --by o".split(' '))
        .exits(2)
        .says("或依次写 `1 apply`（`case hand-in`）");
}

/// What cannot be left out stands in the usage; what samples stand in for says so.
#[test]
fn help_tells_when_a_name_is_needed() {
    for command in [
        "work refuse",
        "work supplement",
        "work retry",
        "case withdraw",
        "work show",
    ] {
        let help = run(format!("{command} --help --lang zh").split(' '));
        let usage = help.out.lines().find(|line| line.starts_with("用法："));
        assert!(usage.unwrap().contains("--by <NAME>"), "{}", help.out);
    }
    for command in ["work complete", "case confirm", "case hand-in"] {
        run(format!("{command} --help --lang zh").split(' ')).says("用 --sample 时可不写");
        let english = run(format!("{command} --help --lang en").split(' '));
        let words: Vec<&str> = english.out.split_whitespace().collect();
        assert!(
            words
                .join(" ")
                .contains("needed unless samples are filled in"),
            "{}",
            english.out
        );
    }
    let nobody = "work complete 1/accept/1 --store /nowhere --lang zh";
    run(nobody.split(' '))
        .exits(2)
        .says("缺少参数：--by <NAME>");
}

#[test]
fn the_version_is_told() {
    run(["--version"]).exits(0).says(env!("CARGO_PKG_VERSION"));
}

#[test]
fn colours_come_when_asked_for_and_not_into_a_pipe() {
    assert!(!run(["check", "/nowhere"]).out.contains('\u{1b}'));
    let coloured = run(["check", "/nowhere", "--color", "always"]);
    assert!(coloured.out.contains('\u{1b}'));
    let mut plain = command(["check", "/nowhere"]);
    plain.env("NO_COLOR", "1");
    assert!(!finish(&mut plain).out.contains('\u{1b}'));
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let mut child = command(["check", "/nowhere"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary can be started");
    drop(child.stdout.take());
    let mut err = String::new();
    let mut stderr = child.stderr.take().expect("it is piped");
    stderr.read_to_string(&mut err).expect("messages are UTF-8");
    let status = child.wait().expect("it ends");
    assert_eq!((status.code(), err.as_str()), (Some(1), ""));
}
