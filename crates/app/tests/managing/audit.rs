//! Who may read which changes.

use bams_app::managing::readable_changes;
use bams_storage::{AuditFilter, Role, Subject};

#[test]
fn editors_read_the_changes_of_what_they_may_change() {
    let of =
        |kind: &str| AuditFilter { subject_kind: Some(kind.to_owned()), ..AuditFilter::default() };
    for kind in Subject::KINDS {
        let readers: Vec<_> = Role::ALL
            .into_iter()
            .filter(|role| readable_changes(*role, of(kind)).is_some())
            .collect();
        let of_admins = ["key", "performance", "conversion", "shared_report"].contains(&kind);
        let expected: &[Role] =
            if of_admins { &[Role::Admin] } else { &[Role::Editor, Role::Admin] };
        assert_eq!(readers, expected, "{kind}");
    }
    let all = readable_changes(Role::Editor, AuditFilter::default()).unwrap();
    assert_eq!(all.kinds.unwrap(), ["campaign", "banner", "campaign_banner", "import"]);
}
