//! Durable steps per second: *intake → {A, B, C} → D → issue*, each step an
//! async no-op that answers 200 bytes of JSON, each completion on disk before
//! the next begins, with 1, 64 and 512 cases in flight.
//!
//! Contract validation, hash chain, index and timers are on. Beside each level
//! the limit of this disk, measured in the same run: the same number of
//! commits of the same bytes, appended and synced with `fdatasync` as one
//! batch per round of writers.
//!
//! Prints one JSON object per level. Each level runs in a process of its own,
//! so that its peak memory is its own. `ONETHING_BENCH_DIR` names the folder
//! to write in (default: the system's folder for temporary files).

// The results are this program's output.
#![allow(clippy::print_stdout)]

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use onething_plan::builder::PlanBuilder;
use onething_plan::{Actor, Plan};
use onething_runtime::{Application, Department, Engine, Fields, HandlerError, Reply, StepRequest};
use onething_store::{EmbeddedStore, Options};

/// How long each level is measured, after the first cases have warmed it up.
const MEASURED: Duration = Duration::from_secs(6);
const WARM_UP: Duration = Duration::from_secs(1);
/// submit, intake, A, B, C, D, issue
const COMMITS_PER_CASE: u64 = 7;
const STEPS_PER_CASE: u64 = 6;

fn main() {
    if let Some(level) = std::env::args().find_map(|arg| arg.strip_prefix("--level=")?.parse().ok())
    {
        run(level);
        return;
    }
    let Ok(this) = std::env::current_exe() else {
        panic!("the bench finds its own binary");
    };
    for level in [1, 64, 512] {
        let status = Command::new(&this).arg(format!("--level={level}")).status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "level {level} failed"
        );
    }
}

fn run(in_flight: usize) {
    let base = std::env::var_os("ONETHING_BENCH_DIR").map_or_else(std::env::temp_dir, Into::into);
    let folder = tempfile::tempdir_in(base).expect("a folder to write in");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let mut latencies = Vec::new();
    let (cases, seconds) = runtime.block_on(measure(folder.path(), in_flight, &mut latencies));
    let peak_mib = peak_mib();
    let journal = bytes_below(&folder.path().join("store/journal"));
    let disk = bytes_below(&folder.path().join("store"));
    let total = latencies.len() as u64;
    let commit_bytes = (journal / (total * COMMITS_PER_CASE).max(1)).max(1) as usize;
    let limit_commits = limit(folder.path(), in_flight, commit_bytes);
    let limit_steps = limit_commits * STEPS_PER_CASE as f64 / COMMITS_PER_CASE as f64;
    let steps_per_s = cases as f64 * STEPS_PER_CASE as f64 / seconds;
    latencies.sort_unstable();
    let at = |share: f64| {
        let rank = ((latencies.len() as f64 * share) as usize).min(latencies.len() - 1);
        (latencies[rank].as_secs_f64() * 1e6).round() / 1e3
    };
    println!(
        "{}",
        serde_json::json!({
            "bench": "durable_steps",
            "in_flight": in_flight,
            "cases_per_s": (cases as f64 / seconds).round(),
            "steps_per_s": steps_per_s.round(),
            "case_p50_ms": at(0.5),
            "case_p99_ms": at(0.99),
            "peak_mib": peak_mib,
            "disk_bytes_per_case": disk / total.max(1),
            "journal_bytes_per_commit": commit_bytes,
            "limit_steps_per_s": limit_steps.round(),
            "ratio": (steps_per_s / limit_steps * 1e3).round() / 1e3,
        })
    );
}

fn plan() -> Arc<Plan> {
    let mut b = PlanBuilder::new("six-steps");
    let paper = b.field("paper");
    let [intake, a, c, e, d, issue] =
        ["intake", "a", "b", "c", "d", "issued"].map(|name| b.field(name));
    let _ = b
        .step("intake-step", Actor::System)
        .reads(paper)
        .writes(intake);
    for (name, made) in [("step-a", a), ("step-b", c), ("step-c", e)] {
        let _ = b.step(name, Actor::System).reads(intake).writes(made);
    }
    let _ = b
        .step("step-d", Actor::System)
        .reads(a)
        .reads(c)
        .reads(e)
        .writes(d);
    let _ = b.step("issue-step", Actor::System).reads(d).writes(issue);
    Arc::new(b.build())
}

/// Answers at once with 200 bytes of JSON.
struct NoOp {
    text: String,
}

#[async_trait]
impl Department for NoOp {
    async fn handle(&self, request: StepRequest) -> Result<Reply, HandlerError> {
        let mut fields = Fields::new();
        for field in request.wanted.iter() {
            fields.push(field.to_string(), self.text.as_str());
        }
        Ok(Reply::Done(fields))
    }
}

/// Runs cases until the time is over; how many ended in the measured part, and
/// how long that was. Every case's latency goes into `latencies`.
async fn measure(folder: &Path, in_flight: usize, latencies: &mut Vec<Duration>) -> (u64, f64) {
    let (store, _) =
        EmbeddedStore::open(&folder.join("store"), &Options::default()).expect("a new store");
    // `{"applicant.a":"…"}` has 200 bytes.
    let text = "x".repeat(200 - r#"{"applicant.a":""}"#.len());
    let (engine, _) = Engine::builder()
        .store(store)
        .plan(plan())
        .any_department(NoOp { text: text.clone() })
        .concurrency("window", in_flight.max(64))
        .start()
        .await
        .expect("an engine");
    let number = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let writers: Vec<_> = (0..in_flight)
        .map(|_| {
            let (engine, number, text) = (engine.clone(), number.clone(), text.clone());
            tokio::spawn(async move {
                let mut done = Vec::new();
                while begun.elapsed() < WARM_UP + MEASURED {
                    let key = format!("bench-{}", number.fetch_add(1, Ordering::Relaxed));
                    let application =
                        Application::new("six-steps", key).value("applicant.paper", text.as_str());
                    let from = Instant::now();
                    let case = engine.submit(application).await.expect("accepted").case;
                    engine.outcome(case).await.expect("an outcome");
                    done.push((from.elapsed(), begun.elapsed()));
                }
                done
            })
        })
        .collect();
    let mut measured = 0;
    for writer in writers {
        for (latency, ended) in writer.await.expect("a writer") {
            latencies.push(latency);
            measured += u64::from(ended >= WARM_UP && ended < WARM_UP + MEASURED);
        }
    }
    engine.shutdown().await.expect("an orderly end");
    (measured, MEASURED.as_secs_f64())
}

/// Commits per second of a plain file: every round, each writer's bytes are
/// appended in one write and synced once.
fn limit(folder: &Path, writers: usize, bytes: usize) -> f64 {
    let mut file = File::create(folder.join("plain")).expect("a file");
    let batch = vec![b'x'; bytes * writers];
    let begun = Instant::now();
    let mut commits = 0;
    while begun.elapsed() < Duration::from_secs(2) {
        file.write_all(&batch).expect("room");
        file.sync_data().expect("a sync");
        commits += writers;
    }
    commits as f64 / begun.elapsed().as_secs_f64()
}

/// The most memory this process ever had resident.
fn peak_mib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024)
}

fn bytes_below(path: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(path) else {
        return 0;
    };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => bytes_below(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .sum()
}
