"""What `rooms.py` finds and what it lets pass."""

import tempfile
import unittest
from pathlib import Path

import rooms


class Rooms(unittest.TestCase):
    def faults(self, heights, **files):
        """What is wrong with a crate; `__` in a name begins a file in a folder."""
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            (folder / "rooms.txt").write_text(heights)
            for name, text in {"lib": "", **files}.items():
                path = folder / "src" / (name.replace("__", "/") + ".rs")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return [it.replace(f"{folder}/src/", "") for it in rooms.faults(folder)]

    def assert_upward(self, **files):
        fault = self.faults("low\nhigh", **files)[0]
        self.assertRegex(fault, "^low.*imports high.*: `low` lies below `high`$")

    def test_a_higher_room_may_import_from_a_lower_one(self):
        self.assertEqual(self.faults("low\nhigh", low="pub struct A;", high="use crate::low::A;"), [])

    def test_a_lower_room_may_not_import_from_a_higher_one(self):
        for text in (
            "use crate::high::A;",
            "use crate::{high::{A as B, C}};",
            "fn f() { let a = crate::high::A; }",
            "use super::high; fn f() { high::A; }",
            "mod tests { use super::super::high::A; }",
            "use crate::high::*;",
            "pub use crate::high::A;",
        ):
            with self.subTest(text):
                self.assert_upward(low=text, high="pub struct A; pub struct C;")

    def test_an_import_leads_to_the_file_that_defines_the_name(self):
        parent = {"high__mod": "mod one; mod two; pub use self::one::A; pub use two::*;"}
        parts = {"high__one": "pub struct A;", "high__two": "pub const B: u8 = 1;"}
        for name, file in (("A", "one"), ("B", "two")):
            text = f"use crate::high::{name};"
            [fault] = self.faults("low\nhigh", low=text, **parent, **parts)
            self.assertIn(f"low.rs:1 imports high/{file}.rs", fault)
        root = {"lib": "mod low; mod high; pub use high::A;"}
        self.assert_upward(low="use crate::A;", **parent, **parts, **root)

    def test_comments_and_texts_are_no_imports(self):
        text = """// use crate::high::A;
            /* use crate::high::A; */
            const TEXT: &str = "\\" use crate::high::A;";
            const RAW: &str = r#"" use crate::high::A;"#;
            fn f<'a>(_: &'a str) { let _ = ('"', b'"'); }
            // "
        """
        self.assertEqual(self.faults("low\nhigh", low=text, high="pub struct A;"), [])

    def test_files_that_import_each_other_are_named_with_their_lines(self):
        found = self.faults(
            "room",
            room__mod="mod a; mod b; mod c; pub use a::A;",
            room__a="use super::b::B;\npub struct A;",
            room__b="\nuse super::c::C;\npub struct B;",
            room__c="use super::A;\npub struct C;",
        )
        self.assertRegex(found[0], "^3 files of .* import each other in a circle:$")
        self.assertEqual(
            [it.strip() for it in found[1:]],
            [
                "room/a.rs:1 imports room/b.rs",
                "room/b.rs:2 imports room/c.rs",
                "room/c.rs:1 imports room/a.rs",
            ],
        )

    def test_the_file_of_the_parent_module_is_no_import(self):
        files = {"room__mod": "mod a; use a::A; pub struct B;", "room__a": "use super::B; pub struct A;"}
        self.assertEqual(self.faults("room", **files), [])

    def test_rooms_on_one_line_may_import_from_each_other(self):
        self.assertEqual(self.faults("one other", one="use crate::other::A;", other="pub struct A;"), [])

    def test_the_list_names_every_room_and_nothing_else(self):
        found = self.faults("low # the lowest\nattic", low="", high="")
        self.assertRegex(found[0], "does not name the room `high`$")
        self.assertRegex(found[1], "names `attic`, which is no room$")


if __name__ == "__main__":
    unittest.main()
