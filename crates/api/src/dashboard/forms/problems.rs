//! What is wrong with a form, in sentences about its fields.

use bams_app::Violation;
use bams_app::managing::ManagingError;

use crate::dashboard::sentences::begun;
use crate::problem::ApiError;

/// The fields of a form with the words above them.
pub(super) type Labels = &'static [(&'static str, &'static str)];

/// Something that is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FieldProblem {
    pub(super) field: String,
    pub(super) text: String,
}

/// Everything that is wrong with a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FormProblems {
    pub(super) all: Vec<FieldProblem>,
    /// True if somebody else changed the thing meanwhile.
    pub(super) is_outdated: bool,
}

impl FormProblems {
    /// Returns what people can mend. Fails with an error that they cannot.
    pub(super) fn of(error: ManagingError, labels: Labels) -> Result<Self, ApiError> {
        match error {
            ManagingError::Invalid(violations) => Ok(Self {
                all: violations.iter().map(|it| problem(it, labels)).collect(),
                is_outdated: false,
            }),
            ManagingError::Outdated { .. } => Ok(Self { all: Vec::new(), is_outdated: true }),
            error => Err(error.into()),
        }
    }

    /// Returns what is wrong with a field.
    pub(super) fn with(&self, field: &str) -> Option<&str> {
        self.all.iter().find(|it| it.field == field).map(|it| it.text.as_str())
    }

    /// Returns the heading of the summary.
    pub(super) fn heading(&self) -> String {
        match self.all.len() {
            1 => "One thing to mend".to_owned(),
            many => format!("{many} things to mend"),
        }
    }
}

/// What became of images that were uploaded together, if some were refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RefusedImages {
    /// Why each one was refused, with its name.
    pub(super) reasons: Vec<String>,
    /// What is wrong with the fields that stand for all of them, so that none was taken.
    pub(super) problems: FormProblems,
    /// How many others were taken, in words; empty if none was.
    pub(super) taken: String,
}

impl RefusedImages {
    /// Returns true if everything was taken.
    pub(super) fn is_empty(&self) -> bool {
        self.reasons.is_empty() && self.problems.all.is_empty()
    }

    /// Returns the heading of the summary.
    pub(super) const fn heading(&self) -> &'static str {
        if self.taken.is_empty() { "Nothing was taken" } else { "Not everything was taken" }
    }
}

fn problem(violation: &Violation, labels: Labels) -> FieldProblem {
    let place = violation.pointer.trim_start_matches('/');
    let field = place.split('/').next().unwrap_or(place);
    let label = labels.iter().find(|it| it.0 == field).map_or(field, |it| it.1);
    let detail = violation.detail.as_str();
    let text = match violation.code {
        "missing" => format!("{label} is empty"),
        "before_start" => "The end lies before the start".to_owned(),
        _ => match detail.strip_prefix(&format!("`{field}` ")) {
            Some(rest) => format!("{label} {rest}"),
            None if detail.starts_with("a ") => begun(detail),
            None if detail.starts_with(char::is_lowercase) => format!("{label} {detail}"),
            None => detail.to_owned(),
        },
    };
    FieldProblem { field: field.to_owned(), text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn violations_become_sentences_about_what_people_see() {
        let labels: Labels = &[("name", "Name"), ("ends_at", "Ends"), ("tags", "Tags")];
        let violations = vec![
            Violation::of("name", "missing", "`name` is needed"),
            Violation::of("ends_at", "before_start", "`ends_at` is after `starts_at`"),
            Violation::of("landing_url", "invalid_value", "a landing URL begins with http"),
            Violation::of("tags/2", "out_of_range", "has 1 to 50 characters"),
            Violation::of(
                "page_size",
                "out_of_range",
                "`page_size` is a whole number from 1 to 50",
            ),
        ];
        let problems = FormProblems::of(ManagingError::Invalid(violations), labels).unwrap();
        let texts: Vec<&str> = problems.all.iter().map(|it| it.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "Name is empty",
                "The end lies before the start",
                "A landing URL begins with http",
                "Tags has 1 to 50 characters",
                "page_size is a whole number from 1 to 50",
            ]
        );
        assert_eq!(problems.with("tags"), Some("Tags has 1 to 50 characters"));
        assert_eq!(problems.heading(), "5 things to mend");
    }
}
