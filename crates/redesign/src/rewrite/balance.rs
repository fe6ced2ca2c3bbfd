//! What applicants are asked in the end against what they were asked at first, whichever
//! rules did it together: what is newly asked, and what is gone without a rule that names it.

use onething_model::{FieldPath, Text};

use super::Ground;
use super::by_class::Known;
use super::collected::fields_of;
use super::for_whom::{Applicants, Claim, What, by_scope};
use super::forms::Forms;
use super::kept::Way;
use super::proof::{Proof, Rule, Site, fields_in_words};

/// Has the proof of the rule that brings it say what is newly asked; returns what every
/// applicant was asked, some are not asked any more, and nobody knows.
pub(super) fn told_by(
    ground: &Ground<'_>,
    (first, now): (&Forms<'_>, &Forms<'_>),
    ways: [Way<'_>; 2],
    applied: &mut [Proof],
) -> Option<Text> {
    let asked = now.of.values().flatten();
    let mut more: Vec<FieldPath> = asked
        .filter(|field| !first.asks(field))
        .map(|field| (*field).clone())
        .collect();
    more.sort();
    more.dedup();
    let brings = |rule| move |proof: &Proof| proof.rule == rule;
    let at = applied
        .iter()
        .position(brings(Rule::OnceOnly))
        .or_else(|| applied.iter().position(brings(Rule::AskOnce)));
    if let Some(at) = at.filter(|_| !more.is_empty()) {
        let claims = newly(ways, &more);
        for (scope, claims) in by_scope(&claims) {
            let (words, of) = (
                fields_in_words(ground.setting, &fields_of(&claims)),
                scope.told(),
            );
            applied[at].confirm(Text::new(
                format!(
                    "是否可以要求申请人填写以下内容（原来不填；用来查询数据库，或者由它得出其他内容）{}：{}",
                    of.zh(),
                    words.zh()
                ),
                format!(
                    "applicants may be asked for what they were not asked before{}: {} (registries are asked with it, or something else follows from it)",
                    of.en(),
                    words.en()
                ),
            ));
        }
        applied[at].claims.extend(claims);
    }
    let dropped = |field: &FieldPath| {
        let site = Site::Field(field.clone());
        let mut proofs = applied.iter();
        proofs.any(|proof| proof.rule == Rule::DeadData && proof.sites.contains(&site))
    };
    let were = first.of_everybody.keys();
    let lost = were.filter(|field| !now.of_all.contains(*field) && !dropped(field));
    let lost: Vec<FieldPath> = lost.map(|field| (*field).clone()).collect();
    if lost.is_empty() {
        return None;
    }
    let words = fields_in_words(ground.setting, &lost);
    Some(Text::new(
        format!(
            "原来每份申请都要填写，现在有的情形不再询问、也无处可查：{}。那时没有环节需要它；受理时确需的，写进 `intake` 的 `asks`；有数据库可查的，写进读取它的环节",
            words.zh()
        ),
        format!(
            "every applicant was asked for it, and for some answers nobody asks for it or knows it any more: {}. No step needs it then; where who takes the application in does, write it under `asks` of `intake`, or, where a registry has it, let a step read it",
            words.en()
        ),
    ))
}

/// For whom fields are newly asked.
fn newly([was, is]: [Way<'_>; 2], fields: &[FieldPath]) -> Vec<Claim> {
    let all = Applicants::of([was, is]);
    let answers = all.answers.iter();
    let asked = answers.map(|answers| Known::at(is, answers).asked);
    let asked: Vec<Vec<bool>> = asked.collect();
    let claims = fields.iter().filter_map(|field| {
        let at = is.plan.find_field(field)?;
        let scope = all.scope(|number, _| asked[number][at.index()])?;
        let what = What::Newly(field.clone());
        Some(Claim { what, scope })
    });
    claims.collect()
}
