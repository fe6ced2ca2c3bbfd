//! The `onething` command line.
//!
//! Reading order: [`args`] (what can be asked), [`commands`] (one module per
//! command), [`output`] (the one place that writes), [`failure`] and [`exit`]
//! (how it ends).

mod args;
mod cause;
mod commands;
mod exit;
mod failure;
mod given;
mod help;
mod lang;
mod numbers;
mod output;
mod report;
mod say;
mod scripted;
mod sentences;
mod session;
mod show;
mod wire;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use onething_model::Lang;

use crate::args::{Args, Language, When};
use crate::exit::Exit;
use crate::output::Output;
use crate::say::both;

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    let lang = lang::choose(&args);
    announce_bugs(lang);
    let ended = std::panic::catch_unwind(|| start(args, lang));
    ended.unwrap_or(Exit::Ours).into()
}

fn start(args: Vec<OsString>, lang: Lang) -> Exit {
    let command = help::localised(Args::command(), lang);
    let parsed = command
        .try_get_matches_from(args)
        .and_then(|matches| Args::from_arg_matches(&matches));
    let args = match parsed {
        Ok(args) => args,
        Err(error) => return not_parsed(&error, lang),
    };
    match args.color {
        When::Auto => {}
        When::Always => anstream::ColorChoice::Always.write_global(),
        When::Never => anstream::ColorChoice::Never.write_global(),
    }
    tell_what_happens(args.verbose);
    let lang = args.lang.map_or(lang, |lang| match lang {
        Language::Zh => Lang::Zh,
        Language::En => Lang::En,
    });
    let mut out = Output::new(lang, args.quiet);
    let exit = commands::run(&args.command, &mut out).unwrap_or_else(|failure| {
        out.failure(&failure);
        failure.exit
    });
    out.finish(exit)
}

fn not_parsed(error: &clap::Error, lang: Lang) -> Exit {
    let mut out = Output::new(lang, false);
    let exit = if error.use_stderr() {
        let text = help::message(error, lang, out.colour_on_stderr());
        out.coloured_aside(text.trim_end());
        Exit::Usage
    } else {
        let text = help::message(error, lang, out.colour());
        out.coloured(&text);
        Exit::Fine
    };
    out.finish(exit)
}

/// A panic is a bug of ours: say so, once, and how to report it.
fn announce_bugs(lang: Lang) {
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map_or(String::new(), |place| {
            format!(" ({}:{})", place.file(), place.line())
        });
        let what = panic.payload_as_str().unwrap_or("?");
        let text = both!(
            "程序内部错误{place}：{what}\n  办法：这是 onething 的缺陷，请连同命令和上面这一行一起报告；已记录的办件不受影响",
            "internal error{place}: {what}\n  help: this is a defect of onething; please report it with the command and the line above. Recorded cases are not affected",
        );
        Output::new(lang, false).aside(text.get(lang));
    }));
}

/// Logs to standard error: `-v` what is done, `-vv` in detail; `ONETHING_LOG` says it finer.
fn tell_what_happens(verbose: u8) {
    let level = match verbose {
        0 => "error",
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("ONETHING_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    // A second subscriber can only be set by a test; the first one serves.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never)
        .try_init();
}
