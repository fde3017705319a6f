//! How checks add up to a conclusion: in the order in which they are put, the first that fails decides.

use std::borrow::Cow;

use super::conclusion::Conclusion;
use super::policy::Level;
use super::report::{Constraint, ConstraintStatus};

/// The checks made on one signer so far, and what they amount to.
#[derive(Debug, Clone)]
pub(super) struct Judgement {
    constraints: Vec<Constraint>,
    conclusion: Conclusion,
}

impl Judgement {
    /// Nothing has been checked.
    pub(super) fn new() -> Self {
        Self { constraints: Vec::with_capacity(16), conclusion: Conclusion::TotalPassed }
    }

    /// A check that holds.
    pub(super) fn holds(&mut self, id: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) {
        self.push(id.into(), ConstraintStatus::Passed, detail.into());
    }

    /// A check that does not hold; decides unless an earlier one did.
    pub(super) fn fails(
        &mut self,
        id: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
        conclusion: impl Into<Conclusion>,
    ) {
        self.push(id.into(), ConstraintStatus::Failed, detail.into());
        if self.conclusion.is_passed() {
            self.conclusion = conclusion.into();
        }
    }

    /// A check that does not hold, at the level that the policy gives it.
    pub(super) fn violates(
        &mut self,
        level: Level,
        id: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
        conclusion: impl Into<Conclusion>,
    ) {
        let status = match level {
            Level::Fail => return self.fails(id, detail, conclusion),
            Level::Warn => ConstraintStatus::Warning,
            Level::Inform => ConstraintStatus::Information,
            Level::Ignore => ConstraintStatus::NotChecked,
        };
        self.constraints.push(Constraint { id: id.into(), status, detail: detail.into(), level });
    }

    /// A check that could not or need not be made.
    pub(super) fn skips(&mut self, id: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) {
        self.push(id.into(), ConstraintStatus::NotChecked, detail.into());
    }

    /// What the checks amount to.
    pub(super) fn conclusion(&self) -> Conclusion {
        self.conclusion
    }

    /// What the check that decided has found, `id: detail`; `None` when all passed.
    pub(super) fn first_failure(&self) -> Option<String> {
        let failed = self.constraints.iter().find(|each| each.status == ConstraintStatus::Failed)?;
        Some(format!("{}: {}", failed.id, failed.detail))
    }

    /// The checks in their order.
    pub(super) fn into_constraints(self) -> Vec<Constraint> {
        self.constraints
    }

    fn push(&mut self, id: Cow<'static, str>, status: ConstraintStatus, detail: Cow<'static, str>) {
        self.constraints.push(Constraint { id, status, detail, level: Level::Fail });
    }
}
