//! `onething contract`: versions of data contracts.

use std::path::Path;
use std::sync::Arc;

use onething_definition::SourceSet;
use onething_definition::contract_diff::{Contracts, Usage};
use onething_definition::diagnostic::Report;
use onething_definition::load::{load, load_contracts};
use onething_model::Text;

use crate::args::ContractDiff;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::say::both;

/// Compares two versions. The answer is no where a new version promises more than is true.
pub(crate) fn diff(args: &ContractDiff, out: &mut Output) -> Result<Exit, Failure> {
    let (old_version, new_version) = (both!("旧版本", "OLD"), both!("新版本", "NEW"));
    let old = contracts(&args.old, &old_version)?;
    let new = contracts(&args.new, &new_version)?;
    if args.old.is_file() && args.new.is_file() {
        same_contract((&args.old, &old), (&args.new, &new))?;
    }
    let looked_at = services(args)?;
    let usage = looked_at.as_ref().map(|(_, usage)| usage);
    let mut found = onething_definition::contract_diff::diff(&old, &new, usage);
    if let Some((tree, _)) = &looked_at {
        found = found.tried_on(tree, &old, &new);
    }
    if out.json {
        let mut answer = serde_json::to_value(&found).unwrap_or_default();
        answer["holds"] = found.holds().into();
        out.json(&answer);
    } else {
        out.text(&found.text(out.lang));
    }
    Ok(if found.holds() { Exit::Fine } else { Exit::No })
}

/// The contracts at a path, which are this version.
///
/// # Errors
/// One of them has errors: what it says is not known.
fn contracts(path: &Path, version: &Text) -> Result<Contracts, Failure> {
    let (sources, mut found) = load_contracts(path);
    let (contracts, wrong) = Contracts::read(&sources);
    found.extend(wrong);
    if found.has_errors() {
        let report = Report::new(sources, found);
        let (errors, path) = (report.errors(), path.display());
        let (zh, en) = (version.zh(), version.en());
        let message = both!(
            "{zh} `{path}` 的数据约定有 {errors} 个错误，无法比较",
            "the contracts of {en} (`{path}`) have {errors} error(s) and cannot be compared",
        );
        return Err(Failure::definition(report.into()).saying(message));
    }
    Ok(contracts)
}

/// Refuses two files of which neither is a version of the other: of one contract all that is in a
/// tree would be told as gone, and of the other, which may be there as well, as new.
///
/// # Errors
/// They define different contracts.
fn same_contract(
    (old_path, old): (&Path, &Contracts),
    (new_path, new): (&Path, &Contracts),
) -> Result<(), Failure> {
    let (Some(was), Some(is)) = (old.names().next(), new.names().next()) else {
        return Ok(());
    };
    if was == is {
        return Ok(());
    }
    let (old_path, new_path) = (old_path.display(), new_path.display());
    let failure = Failure::usage(both!(
        "这是两个不同的数据约定：`{old_path}` 是 `{was}`，`{new_path}` 是 `{is}`，无法比较新旧版本",
        "these are two different contracts, not two versions of one: `{old_path}` is `{was}`, `{new_path}` is `{is}`",
    ));
    Err(failure.help(both!(
        "请给出同一数据约定的旧文件和新文件；如果是改名，请比较新旧两个文件夹",
        "give the old and the new file of the same contract; where it is called otherwise now, compare the two folders",
    )))
}

/// The tree and what its services use; none where there is no tree.
///
/// # Errors
/// The tree that was asked for is none.
fn services(args: &ContractDiff) -> Result<Option<(Arc<SourceSet>, Usage)>, Failure> {
    let loaded = load(args.tree.as_deref().unwrap_or(&args.old));
    let Some(root) = &loaded.root else {
        return match args.tree {
            Some(_) => {
                let report = Report::new(loaded.sources, loaded.diagnostics);
                Err(Failure::definition(report.into()))
            }
            None => Ok(None),
        };
    };
    // All services of the tree, not only those below the path.
    let loaded = load(root);
    let sources = Arc::clone(&loaded.sources);
    let checked = onething_definition::check(loaded.sources, &loaded.services, loaded.diagnostics);
    Ok(Some((sources, Usage::of(&checked))))
}
