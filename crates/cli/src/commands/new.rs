//! `onething new`: a small service to begin with.

use std::path::Path;

use onething_definition::new_service;
use onething_definition::yaml::scalar::name_fault;
use onething_model::ServiceKey;

use crate::args;
use crate::exit::Exit;
use crate::failure::{Failure, FileAct};
use crate::output::Output;
use crate::say::both;

/// The file that marks the root of a definition tree.
const ROOT: &str = "departments.yaml";

/// Writes a small service into a new folder. Inside a tree of definitions
/// only what the tree does not have yet is added beside it.
pub(crate) fn run(args: &args::New, out: &mut Output) -> Result<Exit, Failure> {
    let dir = &args.dir;
    let shown = dir.display();
    let name = dir
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let key: ServiceKey = name.parse().map_err(|error| {
        let fault = name_fault(name, &error);
        Failure::usage(both!(
            "文件夹名不能作一件事的名称：{fault}",
            "the folder's name cannot name a service: {fault}"; fault
        ))
        .help(both!(
            "用小写字母、数字、`-` 命名，例如 `open-bookshop`",
            "use lowercase letters, digits and `-`, as in `open-bookshop`",
        ))
    })?;
    let taken = std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
    if taken || dir.is_file() {
        return Err(Failure::no(both!(
            "`{shown}` 已存在，未作任何改动",
            "`{shown}` is there already; nothing was changed",
        ))
        .help(both!("换一个名称", "choose another name")));
    }
    // A tree of its own, unless the folder lies within one.
    let within = dir
        .ancestors()
        .skip(1)
        .map(|above| {
            if above.as_os_str().is_empty() {
                Path::new(".")
            } else {
                above
            }
        })
        .find(|above| above.join(ROOT).is_file());
    if let Some(root) = within {
        let root = root.display();
        return Err(Failure::no(both!(
            "`{shown}` 位于定义树 `{root}` 之内；示例自带部门和数据约定，会与已有的混淆",
            "`{shown}` lies within the definition tree `{root}`; the sample brings departments and contracts of its own",
        ))
        .help(both!(
            "在别处新建，看懂后把 `service.yaml` 复制过来，改用本树的部门和数据约定",
            "make it elsewhere, then copy its `service.yaml` here and use this tree's departments and contracts",
        )));
    }
    for (path, text) in new_service(&key) {
        let path = dir.join(path);
        let write = || {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::write(&path, &text)
        };
        write().map_err(|error| Failure::file(FileAct::Write, &path, &error))?;
        out.line(&path.display().to_string());
    }
    let service = dir.join(key.as_str());
    let service = service.display();
    out.note(&both!(
        "接下来：`onething check {shown}`，`onething compare {service}`",
        "next: `onething check {shown}`, `onething compare {service}`",
    ));
    Ok(Exit::Fine)
}
