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
