//! What is done with cases: where they are kept, `run`, `work`, `case` and `store`.

use std::path::PathBuf;

use clap::Subcommand;

use super::Format;

/// Where cases are kept.
#[derive(Debug, clap::Args)]
pub(crate) struct StoreArg {
    /// The folder of the store.
    #[arg(long, value_name = "STORE")]
    pub(crate) store: PathBuf,
}

/// What the scripted departments do.
#[derive(Debug, clap::Args)]
pub(crate) struct Script {
    /// A registry that has nothing; may be repeated.
    #[arg(long = "miss", value_name = "REGISTRY")]
    pub(crate) misses: Vec<String>,
}

/// `run`
#[derive(Debug, clap::Args)]
pub(crate) struct Run {
    /// The folder of the service.
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    #[command(flatten)]
    pub(crate) store: StoreArg,
    /// The application, YAML or JSON; without it, open cases go on, or a sample case begins.
    #[arg(long, value_name = "FILE")]
    pub(crate) application: Option<PathBuf>,
    /// The idempotency key; by default the content of the application.
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// Answer to a scenario question of the sample case; may be repeated.
    #[arg(
        long = "answer",
        value_name = "QUESTION=ANSWER",
        conflicts_with = "application"
    )]
    pub(crate) answers: Vec<String>,
    /// Also do the steps of officers and applicants, with sample values: for trying out.
    #[arg(long, conflicts_with = "confirm")]
    pub(crate) all: bool,
    /// File a draft: what registries have is shown to the applicant, who then confirms it.
    #[arg(long)]
    pub(crate) confirm: bool,
    #[command(flatten)]
    pub(crate) script: Script,
    /// How to answer.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}

/// `work`
#[derive(Debug, Subcommand)]
pub(crate) enum Work {
    /// List what waits for officers and outside bodies, what is due first first.
    List(WorkList),
    /// Open a piece of work with all that its step may read; who reads it is on record.
    Show(WorkShow),
    /// Finish a step.
    Complete(WorkComplete),
    /// Refuse a step.
    Refuse(WorkRefuse),
    /// Tell the applicant, once and completely, what is missing.
    Supplement(WorkSupplement),
    /// Try a step again that is stuck.
    Retry(WorkRetry),
}

/// `work list`
#[derive(Debug, clap::Args)]
pub(crate) struct WorkList {
    #[command(flatten)]
    pub(crate) store: StoreArg,
    /// Only the work of this department.
    #[arg(long, value_name = "DEPARTMENT")]
    pub(crate) department: Option<String>,
    /// How to answer.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}

/// `work show`
#[derive(Debug, clap::Args)]
pub(crate) struct WorkShow {
    /// The work, as `work list` names it: CASE/STEP/ROUND.
    #[arg(value_name = "EFFECT")]
    pub(crate) effect: String,
    #[command(flatten)]
    pub(crate) store: StoreArg,
    /// Who looks; personal data is shown to nobody without a name.
    #[arg(long, value_name = "NAME")]
    pub(crate) by: String,
    /// How to answer.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}

/// What all commands on a piece of work need.
#[derive(Debug, clap::Args)]
pub(crate) struct WorkOn {
    /// The work, as `work list` names it: CASE/STEP/ROUND.
    #[arg(value_name = "EFFECT")]
    pub(crate) effect: String,
    #[command(flatten)]
    pub(crate) store: StoreArg,
    #[command(flatten)]
    pub(crate) script: Script,
    /// How to answer.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}

/// `work complete`
#[derive(Debug, clap::Args)]
pub(crate) struct WorkComplete {
    #[command(flatten)]
    pub(crate) on: WorkOn,
    /// Who does it, for the record; needed unless samples are filled in.
    #[arg(long, value_name = "NAME", required_unless_present = "sample")]
    pub(crate) by: Option<String>,
    /// What the step makes: a file, or `role.field=value`; may be repeated.
    #[arg(long, value_name = "FILE|FIELD=VALUE")]
    pub(crate) values: Vec<String>,
    /// Fill in what is not given with sample values: for trying out.
    #[arg(long)]
    pub(crate) sample: bool,
}

/// `work refuse`
#[derive(Debug, clap::Args)]
pub(crate) struct WorkRefuse {
    #[command(flatten)]
    pub(crate) on: WorkOn,
    /// Who does it, for the record.
    #[arg(long, value_name = "NAME")]
    pub(crate) by: String,
    /// Why; the applicant is told.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
}

/// `work supplement`
#[derive(Debug, clap::Args)]
pub(crate) struct WorkSupplement {
    #[command(flatten)]
    pub(crate) on: WorkOn,
    /// Who does it, for the record.
    #[arg(long, value_name = "NAME")]
    pub(crate) by: String,
    /// What is missing and why; the applicant is told.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// A field to hand in again; may be repeated.
    #[arg(long = "field", value_name = "FIELD", required = true)]
    pub(crate) fields: Vec<String>,
}

/// `work retry`
#[derive(Debug, clap::Args)]
pub(crate) struct WorkRetry {
    #[command(flatten)]
    pub(crate) on: WorkOn,
    /// Who does it, for the record.
    #[arg(long, value_name = "NAME")]
    pub(crate) by: String,
}

/// `case`
#[derive(Debug, Subcommand)]
pub(crate) enum Case {
    /// List cases.
    List(CaseList),
    /// Show a case: where it stands, what it waits for, what happened.
    Show(CaseShow),
    /// Look at a draft: what registries had, what is missing, what can be corrected.
    Draft(CaseDraft),
    /// Hand a draft in once it has been looked at: one submission.
    Confirm(CaseConfirm),
    /// Hand in for the applicant what a case asks for, or report an errand done.
    HandIn(CaseHandIn),
    /// Withdraw a case for the applicant.
    Withdraw(CaseWithdraw),
}

/// `case list`
#[derive(Debug, clap::Args)]
pub(crate) struct CaseList {
    #[command(flatten)]
    pub(crate) store: StoreArg,
    /// Only cases that are not over.
    #[arg(long)]
    pub(crate) open: bool,
    /// How to answer.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}

/// `case show`
#[derive(Debug, clap::Args)]
pub(crate) struct CaseShow {
    /// The number of the case.
    #[arg(value_name = "CASE")]
    pub(crate) case: String,
    #[command(flatten)]
    pub(crate) store: StoreArg,
    /// Tell what happened, record by record, and what the case waited for in between.
    #[arg(long)]
    pub(crate) history: bool,
    /// Tell who was shown which personal field, when, what for and on which basis.
    #[arg(long)]
    pub(crate) readings: bool,
    /// Only the readings of this field: `role.field`.
    #[arg(long, value_name = "FIELD", requires = "readings")]
    pub(crate) field: Option<String>,
    /// Tell what is known, where it came from and since when.
    #[arg(long, group = "personal")]
    pub(crate) data: bool,
    /// Who looks; what is personal is shown to nobody without a name.
    #[arg(long, value_name = "NAME", requires = "personal")]
    pub(crate) by: Option<String>,
    /// On whose grants; by default those of the department in charge.
    #[arg(long, value_name = "DEPARTMENT", requires_all = ["by", "data"])]
    pub(crate) department: Option<String>,
    /// What for, as a grant names its purpose; needed where the department has several grants on a field.
    #[arg(long, value_name = "PURPOSE", requires_all = ["by", "data"])]
    pub(crate) purpose: Option<String>,
    /// Show it to the applicant, or to who helps them: reasons as they were written, on record where something
    /// personal stands in them. Others read them without what is personal.
    #[arg(long, group = "personal", requires = "by")]
    pub(crate) applicant: bool,
    /// How to answer.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}

/// `case draft`
#[derive(Debug, clap::Args)]
pub(crate) struct CaseDraft {
    /// The number of the case.
    #[arg(value_name = "CASE")]
    pub(crate) case: String,
    #[command(flatten)]
    pub(crate) store: StoreArg,
    /// Who looks, the applicant or who helps them; personal data is shown to nobody without a name.
    #[arg(long, value_name = "NAME")]
    pub(crate) by: String,
    #[command(flatten)]
    pub(crate) script: Script,
    /// How to answer.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}

/// `case confirm`
#[derive(Debug, clap::Args)]
pub(crate) struct CaseConfirm {
    /// The number of the case.
    #[arg(value_name = "CASE")]
    pub(crate) case: String,
    #[command(flatten)]
    pub(crate) store: StoreArg,
    /// Who confirms, the applicant or who helps them, for the record; needed unless samples
    /// are filled in.
    #[arg(long, value_name = "NAME", required_unless_present = "sample")]
    pub(crate) by: Option<String>,
    /// What was missing, and corrections: a file, or `role.field=value`; may be repeated.
    #[arg(long, alias = "set", value_name = "FILE|FIELD=VALUE")]
    pub(crate) values: Vec<String>,
    /// Fill in what is missing with sample values: for trying out.
    #[arg(long)]
    pub(crate) sample: bool,
    #[command(flatten)]
    pub(crate) script: Script,
    /// How to answer.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}

/// `case hand-in`
#[derive(Debug, clap::Args)]
pub(crate) struct CaseHandIn {
    /// The number of the case.
    #[arg(value_name = "CASE")]
    pub(crate) case: String,
    /// The step that asks for it.
    #[arg(value_name = "STEP")]
    pub(crate) step: String,
    #[command(flatten)]
    pub(crate) store: StoreArg,
    /// Who hands it in, the applicant or who helps them, for the record; needed unless
    /// samples are filled in.
    #[arg(long, value_name = "NAME", required_unless_present = "sample")]
    pub(crate) by: Option<String>,
    /// What is handed in: a file, or `role.field=value`; may be repeated.
    #[arg(long, value_name = "FILE|FIELD=VALUE")]
    pub(crate) values: Vec<String>,
    /// Fill in what is not given with sample values: for trying out.
    #[arg(long)]
    pub(crate) sample: bool,
    #[command(flatten)]
    pub(crate) script: Script,
    /// How to answer.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}

/// `case withdraw`
#[derive(Debug, clap::Args)]
pub(crate) struct CaseWithdraw {
    /// The number of the case.
    #[arg(value_name = "CASE")]
    pub(crate) case: String,
    #[command(flatten)]
    pub(crate) store: StoreArg,
    /// Who withdraws it, the applicant or who helps them, for the record.
    #[arg(long, value_name = "NAME")]
    pub(crate) by: String,
    /// Why, if said.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) reason: String,
    /// How to answer.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}

/// `store`
#[derive(Debug, Subcommand)]
pub(crate) enum Store {
    /// Read everything of a store and tell what is damaged, which cases that hits, and what to do.
    Verify(StoreVerify),
}

/// `store verify`
#[derive(Debug, clap::Args)]
pub(crate) struct StoreVerify {
    #[command(flatten)]
    pub(crate) store: StoreArg,
    /// How to answer.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}
