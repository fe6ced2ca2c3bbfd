//! Errors in both languages. The English is that of the errors themselves; the Chinese stands
//! here, for those who state a workload.

use onething_model::Text;

use crate::distribution::{self, MAX};
use crate::{setting, simulate, study};

impl study::Error {
    /// In words, for both languages.
    #[must_use]
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::NoOldWay => "没有改革前的办法，无从比较：请写在 `before.yaml` 中".to_owned(),
            Self::NoWorkload => "没有业务量：请写在 `workload.yaml` 中".to_owned(),
            Self::TooFewReplications(count) => {
                format!("重复 {count} 次：至少 2 次，区间要有意义最好 10 次以上")
            }
            Self::NoCases => "办件数为 0：至少为 1".to_owned(),
            Self::Confidence(level) => {
                format!("置信水平是 {level}：应在 0 和 1 之间，例如 0.95")
            }
            Self::Setting(error) => return error.text(),
            Self::Simulation(error) => return error.text(),
        };
        Text::new(zh, self.to_string())
    }
}

impl setting::Error {
    /// In words, for both languages.
    #[must_use]
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::NoArrivals => {
                "业务量没有写明有多少人申请：请写 `arrivals: { per_year: … }`".to_owned()
            }
            Self::Arrivals(number) => {
                format!("`arrivals: per_year` 是 {number}：应为大于 0 的数")
            }
            Self::Distribution { what, source } => {
                format!("业务量的 `{what}`：{}", source.text().zh())
            }
            Self::Refusal(step) => format!(
                "业务量的 `refusals: {step}`：只有部门和外部机构能作出不予许可，而 `{step}` 不是它们的环节；请写作出决定的环节"
            ),
            Self::Probability { what, value } => {
                format!("业务量的 `{what}` 是 {value}：应为 0 到 1 之间的比例，例如 `5%`")
            }
        };
        Text::new(zh, self.to_string())
    }
}

impl simulate::Error {
    /// In words, for both languages.
    #[must_use]
    pub fn text(&self) -> Text {
        let (number, reason) = (self.number, &self.rejection);
        let zh = format!(
            "仿真的第 {number} 件（从 0 数起）：rejected[{}]：{}",
            reason.code,
            reason.message.zh()
        );
        Text::new(zh, self.to_string())
    }
}

impl distribution::Error {
    /// In words, for both languages.
    #[must_use]
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::NotFinite { parameter, value } => {
                format!("`{parameter}` 是 {value}：应为不超过 {MAX:e} 的有限数")
            }
            Self::Negative { parameter, value } => {
                format!("`{parameter}` 是 {value}：用时和数量不能是负数")
            }
            Self::Zero { parameter } => format!("`{parameter}` 是 0：应为大于 0 的数"),
            Self::MeanZero { sd } => format!(
                "`mean` 是 0，而 `sd` 是 {sd}：不会为负的数不能围绕 0 变动；请写大于 0 的均值，或把 sd 写成 0"
            ),
            Self::Order {
                smaller,
                low,
                larger,
                high,
            } => format!("`{smaller}`（{low}）大于 `{larger}`（{high}）：应不大于它"),
            Self::Spread { ratio, most } => format!(
                "sd 与均值之比是 {ratio:.2e}：应在 0.001 和 {most} 之间；固定不变的用时，sd 写 0"
            ),
            Self::Empty => "没有一个值的权重大于 0：至少要有一个".to_owned(),
        };
        Text::new(zh, self.to_string())
    }
}
