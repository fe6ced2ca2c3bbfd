//! Who says so: the source of a figure.

use onething_model::{Digest, Lang, ServiceKey, Text};
use serde::{Serialize, Serializer};

/// The source of a figure. Programs read it as one English sentence part, so
/// that the bytes do not depend on the reader's language.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// The definition of a service.
    Definition {
        /// The service.
        service: ServiceKey,
        /// The version of its definition.
        version: String,
        /// The digest of the definition's sources.
        digest: Digest,
        /// Whether the scenario is the definition's own, and not one of given answers.
        reference: bool,
    },
    /// A study of the lab.
    Lab {
        /// The seed that reproduces it.
        seed: u64,
        /// Cases in each replication and way.
        cases: u64,
        /// Independent replications.
        replications: u64,
        /// The level of the intervals, as a fraction.
        confidence: f64,
    },
    /// Cases that really ran.
    Records {
        /// Finished cases that the figure is a mean of.
        cases: u64,
    },
    /// A publication.
    Publication {
        /// Who published it.
        by: String,
        /// Which place the figure is of.
        place: Text,
        /// The year of publication.
        year: Option<i16>,
    },
    /// In other words.
    Other(Text),
}

impl Source {
    /// No source yet: for tests, and for a figure that is about to get one.
    #[must_use]
    pub fn none() -> Self {
        Self::Other(Text::default())
    }

    /// In words.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        match (self, lang) {
            (
                Self::Definition {
                    service,
                    version,
                    digest,
                    reference,
                },
                lang,
            ) => {
                let digest: String = digest.to_string().chars().take(12).collect();
                let (zh, en) = if *reference {
                    ("基准情形", "reference scenario")
                } else {
                    ("所选情形", "given answers")
                };
                match lang {
                    Lang::Zh => format!("定义 {service} {version}（{digest}）的{zh}"),
                    Lang::En => format!("definition {service} {version} ({digest}), {en}"),
                }
            }
            (
                Self::Lab {
                    seed,
                    cases,
                    replications,
                    confidence,
                },
                lang,
            ) => {
                let percent = libm::round(confidence * 10_000.0) / 100.0;
                match lang {
                    Lang::Zh => format!(
                        "仿真：种子 {seed}，{replications} 次重复，每次 {cases} 件，{percent} % 置信区间"
                    ),
                    Lang::En => format!(
                        "lab: seed {seed}, {replications} replications of {cases} cases, \
                         {percent} % intervals"
                    ),
                }
            }
            (Self::Records { cases }, Lang::Zh) => format!("{cases} 件真实办结的办件"),
            (Self::Records { cases }, Lang::En) => format!("{cases} cases that really ended"),
            (Self::Publication { by, place, year }, lang) => {
                let parts = [place.get(lang).to_owned(), year_text(*year), by.clone()];
                let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
                parts.join(match lang {
                    Lang::Zh => "，",
                    Lang::En => ", ",
                })
            }
            (Self::Other(text), lang) => text.get(lang).to_owned(),
        }
    }
}

fn year_text(year: Option<i16>) -> String {
    year.map_or(String::new(), |year| year.to_string())
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text(Lang::En))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_publication_says_place_year_and_publisher() {
        let source = Source::Publication {
            by: "四川省人民政府".into(),
            place: Text::new("四川", "Sichuan"),
            year: Some(2025),
        };
        assert_eq!(source.text(Lang::Zh), "四川，2025，四川省人民政府");
        assert_eq!(source.text(Lang::En), "Sichuan, 2025, 四川省人民政府");
        assert_eq!(
            serde_json::to_value(&source).unwrap(),
            "Sichuan, 2025, 四川省人民政府"
        );
    }

    #[test]
    fn a_study_says_how_to_run_it_again() {
        let source = Source::Lab {
            seed: 7,
            cases: 1_000,
            replications: 20,
            confidence: 0.95,
        };
        assert_eq!(
            source.text(Lang::En),
            "lab: seed 7, 20 replications of 1000 cases, 95 % intervals"
        );
    }
}
