//! How changes are told to people.

use super::*;

/// Sizes are told as contracts write them, and in Chinese sensitivity by its words.
#[test]
fn what_changes_is_told_in_words() {
    let told = |from: &str, to: &str| {
        let (old, new) = (
            contracts(&replaced(from, from)),
            contracts(&replaced(from, to)),
        );
        let found = diff(&old, &new, None);
        let changes = found.contracts.iter().flat_map(|one| &one.changes);
        changes
            .map(|change| format!("{} | {}", change.message.zh(), change.message.en()))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let sizes = told("20MiB", "500kB");
    assert!(sizes.contains("20MiB → 500kB | "), "{sizes}");
    let personal = told("max_chars: 100", "max_chars: 100, sensitivity: personal");
    assert!(
        personal.contains("敏感程度：公开信息 → 个人信息 | ")
            && personal.contains("public → personal"),
        "{personal}"
    );
    let public = told(
        "type: phone, sensitivity: personal",
        "type: phone, sensitivity: public",
    );
    assert!(public.contains("由个人信息改为公开信息："), "{public}");
    let moved = told("department: urban, with", "department: market, with");
    assert!(
        moved.contains("`urban` → `market`。此后查询条件（`estate`）告知后者")
            && moved.contains("`urban` → `market`; from now on the latter is told"),
        "{moved}"
    );
    let less = told("gives: [area, kind]", "gives: [name]");
    assert!(
        less.contains("不再提供 `area`、`kind`") && less.contains("no longer gives `area`, `kind`"),
        "lists are joined as each language joins them: {less}"
    );
    // A field that is gone, and a new one of the same title and type; or of another type.
    let renamed = told(
        "  name: { title: 名称, type: text, max_chars: 100 }",
        "  label: { title: 名称, type: text, max_chars: 100 }",
    );
    assert!(
        renamed.contains("删除字段 `name`；新字段 `label` 的标题和类型与它相同，可能是改名 | ")
            && renamed.contains("`name` is removed; the new field `label` has the same title"),
        "{renamed}"
    );
    let other = told(
        "  name: { title: 名称, type: text, max_chars: 100 }",
        "  label: { title: 名称, type: text, max_chars: 50 }",
    );
    assert!(other.contains("删除字段 `name` | "), "{other}");
}
