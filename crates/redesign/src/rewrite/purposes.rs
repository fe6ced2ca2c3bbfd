//! What whoever takes the one application in has its fields for.

use onething_definition::design::{Intake, Setting};
use onething_model::Text;
use onething_plan::Sensitivity;

use super::draft::Draft;
use super::proof::Proof;

/// The one application with the purposes that its intake names, now that the department in
/// charge takes it in: none where that has one grant at most on each field; else one for
/// each field, one that fits several before one for each, and one that a form named before
/// any other. Where none does for all, `check` refuses the design.
pub(super) fn of_one(
    setting: &Setting,
    intakes: &[Intake],
    next: Draft,
    proof: &mut Proof,
) -> Draft {
    let asked = next.design.intakes.iter().flat_map(|one| &one.asks);
    let asked = asked.filter_map(|ask| setting.field(&ask.field));
    let personal = asked.filter(|fact| fact.sensitivity != Sensitivity::Public);
    let granted = personal.map(|fact| fact.purposes_of(&setting.owner).collect());
    let (several, single): (Vec<Vec<&str>>, Vec<Vec<&str>>) =
        granted.partition(|purposes: &Vec<&str>| purposes.len() > 1);
    if several.is_empty() {
        return next;
    }
    let named_before = |purpose: &str| {
        let mut named = intakes.iter().flat_map(|intake| &intake.purposes);
        named.any(|named| named == purpose)
    };
    let mut named: Vec<&str> = Vec::new();
    for purpose in single.into_iter().flatten() {
        if !named.contains(&purpose) {
            named.push(purpose);
        }
    }
    for purposes in several {
        if !purposes.iter().any(|purpose| named.contains(purpose)) {
            let before = purposes.iter().find(|purpose| named_before(purpose));
            named.extend(before.or(purposes.first()));
        }
    }
    let words = named.join("、");
    proof.confirm(Text::new(
        format!("牵头部门受理时为什么用途要这些字段，它有几项授权：机器取 {words}"),
        format!(
            "what the department in charge has the fields of the form for, on which it has several grants: the machine takes {}",
            named.join(", ")
        ),
    ));
    let named = named.into_iter().map(str::to_owned).collect();
    let mut design = (*next.design).clone();
    design.intakes[0].purposes = named;
    Draft::new(design)
}
