//! Which files of a folder are imported.

use std::fs;
use std::path::Path;

use bams_storage::{ImportError, left_out, plan};
use tempfile::TempDir;

/// A folder with files; `name=content` gives one content.
fn folder(files: &[&str]) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    for file in files {
        let (name, content) = file.split_once('=').unwrap_or((file, ""));
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, content).expect("a file");
    }
    folder
}

fn check(folder: &TempDir, paths: &[&Path], expected: &[&str]) {
    let files = plan(paths).expect("a plan");
    let found: Vec<_> = files
        .iter()
        .map(|it| {
            let path = it.path.strip_prefix(folder.path()).expect("a path in the folder");
            let kind = it.kind.map_or("-".to_owned(), |it| it.to_string());
            let quarter = it.quarter.map_or("-".to_owned(), |it| it.to_string());
            format!("{} {kind} {quarter}", path.display())
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_folder_is_planned_so_that_every_conversion_finds_its_click() {
    let folder = folder(&[
        "2/clicks_2.csv",
        "2/conversions_2.csv",
        "1/conversions_1.csv",
        "1/impressions_1.csv",
        "1/clicks_1.csv",
        "1/clicks_2.csv",
        "4/impressions_4.csv",
        "5/clicks_5.csv",
        "images.csv",
        "clicks_3.csv",
        "README.md",
    ]);
    check(
        &folder,
        &[folder.path()],
        &[
            "images.csv images -",
            "1/impressions_1.csv impressions 1",
            "4/impressions_4.csv impressions 4",
            "1/clicks_1.csv clicks 1",
            "2/clicks_2.csv clicks 2",
            "1/conversions_1.csv conversions 1",
            "2/conversions_2.csv conversions 2",
        ],
    );
    check(
        &folder,
        &[&folder.path().join("1")],
        &[
            "1/impressions_1.csv impressions 1",
            "1/clicks_1.csv clicks 1",
            "1/clicks_2.csv clicks 2",
            "1/conversions_1.csv conversions 1",
        ],
    );
}

#[test]
fn files_are_told_by_their_columns_if_not_by_their_names() {
    let folder = folder(&[
        "a.csv=conversation_id,click_id,revenue\n",
        "b.csv=campaign_id,banner_id,click_id\n",
        "c.csv=campaign_id,banner_id\n",
        "d.csv=url\n",
        "e.csv=nothing\n",
    ]);
    let path = |name: &str| folder.path().join(name);
    let paths = ["a.csv", "e.csv", "b.csv", "d.csv", "c.csv"].map(path);
    let paths: Vec<&Path> = paths.iter().map(AsRef::as_ref).collect();
    check(
        &folder,
        &paths,
        &[
            "d.csv images -",
            "c.csv impressions -",
            "b.csv clicks -",
            "a.csv conversions -",
            "e.csv - -",
        ],
    );
}

#[test]
fn a_folder_without_files_is_an_error() {
    let folder = folder(&["README.md", "1/notes.txt"]);
    let error = plan([folder.path()]).unwrap_err();
    assert!(matches!(error, ImportError::NothingToImport { .. }));
    assert!(error.to_string().contains(&folder.path().display().to_string()));
    let missing = plan([folder.path().join("clicks_1.csv")]).unwrap_err();
    assert!(matches!(missing, ImportError::Read { .. }));
}

#[test]
fn what_a_plan_leaves_out_is_named() {
    let folder = folder(&["1/clicks_1.csv", "1/imprssions_1.csv", "5/clicks_5.csv", "1/notes.txt"]);
    let planned = plan([folder.path()]).expect("a plan");
    let left_out = left_out(folder.path(), &planned).expect("a list");
    let expected = ["1/imprssions_1.csv", "5/clicks_5.csv"].map(|it| folder.path().join(it));
    assert_eq!(left_out, expected);
}
