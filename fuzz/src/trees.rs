//! Definition trees to begin from.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use onething_definition::load::load;
use onething_definition::{SourceSet, compile, new_service};
use onething_engine::Blueprint;

/// A tree of definitions with one service.
pub struct Tree {
    /// The service's folder.
    pub folder: String,
    /// Path below the root and text of each file.
    pub files: Vec<(String, String)>,
    /// What it compiles to.
    pub blueprint: Arc<Blueprint>,
}

impl Tree {
    fn new(folder: &str, files: Vec<(String, String)>) -> Self {
        let sources = SourceSet::from_texts(files);
        let compiled = compile(&sources, folder);
        let service = compiled.service.expect("the tree has no errors");
        // Only what the service depends on: a smaller tree is read faster.
        let files = compiled
            .files
            .iter()
            .map(|file| sources.file(*file))
            .map(|file| (file.path().to_owned(), file.text().to_owned()))
            .collect();
        Self {
            folder: folder.to_owned(),
            files,
            blueprint: Blueprint::new(service.new),
        }
    }
}

/// The small service that `onething new` makes, then the shipped services.
///
/// # Panics
///
/// They do not compile.
pub fn trees() -> &'static [Tree] {
    static TREES: OnceLock<Vec<Tree>> = OnceLock::new();
    TREES.get_or_init(|| {
        let key = "example".parse().expect("a name");
        let mut trees = vec![Tree::new("example", new_service(&key))];
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../workflows");
        let loaded = load(&root);
        let files: Vec<(String, String)> = loaded
            .sources
            .iter()
            .map(|(_, file)| (file.path().to_owned(), file.text().to_owned()))
            .collect();
        trees.extend(
            loaded
                .services
                .iter()
                .map(|folder| Tree::new(folder, files.clone())),
        );
        assert!(trees.len() > 1, "the shipped services are missing");
        trees
    })
}

/// The tree whose service has this name, else the small one.
pub fn tree(name: &str) -> &'static Tree {
    let trees = trees();
    trees
        .iter()
        .find(|tree| tree.folder == name)
        .unwrap_or(&trees[0])
}

/// An input as a tree of definitions, and the tree it began from.
///
/// The input is text: a line `#== PATH` begins a file that replaces the one of
/// the tree, or is added; what stands before the first such line is the name
/// of the tree to begin from. `SERVICE` in a path is the service's folder. Of
/// two files with the same path the first is kept.
#[must_use]
pub fn read(input: &[u8]) -> (SourceSet, &'static Tree) {
    let text = String::from_utf8_lossy(input);
    let mut parts = text.split("#== ");
    let tree = tree(parts.next().unwrap_or_default().trim());
    let written = parts.map(|part| {
        let (path, text) = part.split_once('\n').unwrap_or((part, ""));
        let path = path.trim().replace("SERVICE", &tree.folder);
        (path, text.to_owned())
    });
    let sources = SourceSet::from_texts(written.chain(tree.files.iter().cloned()));
    (sources, tree)
}
