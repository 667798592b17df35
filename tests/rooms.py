"""Fails when files of a crate import each other in a circle, or a room imports from a higher one.

Each crate has a `rooms.txt` beside its `Cargo.toml`. It names the crate's rooms, which are the files and folders of `src`, from the lowest to the highest. Rooms on one line are of
one height: they may import from each other, as long as their files make no circle.

An import is whatever names another file: `use`, and paths within the code. It leads to the file
that defines the name, also where others re-export it. No imports are the re-exports (`pub use`) of
what lies in the own folder, and what a file takes from the file of its parent module.
"""

import re
import sys
from pathlib import Path

TOKEN = re.compile(
    r"""//[^\n]* | /\*.*?\*/ | r(?P<hashes>\#*)".*?"(?P=hashes) | b?"(?:\\.|[^"\\])*"
      | b?'(?:\\(?:u\{[^}]*\}|x..|.)|[^'\\])' | '\w+ | \s+
      | (?P<token>[^\W\d]\w* | :: | .)""",
    re.VERBOSE | re.DOTALL,
)
ITEMS = {"struct", "enum", "union", "trait", "type", "fn", "const", "static"}
ROOTS = {"crate", "self", "super"}


def tokens_of(text):
    """The words and signs of a file with their lines, without comments, texts and lifetimes."""
    found, line = [], 1
    for match in TOKEN.finditer(text):
        if match["token"]:
            found.append((match["token"], line))
        line += match[0].count("\n")
    return found


def leaves(words, prefix=()):
    """The paths of a `use`, each with the name it gets; takes its words from the list."""
    path, name = prefix, ""
    while words:
        word = words.pop(0)
        if word == "{":
            while words and words[0] != "}":
                yield from leaves(words, path)
                if words and words[0] == ",":
                    words.pop(0)
            words[:1] = []
            return
        if word == "as":
            name = words.pop(0)
        elif word == "*" or (word == "self" and path):
            name = "*" if word == "*" else path[-1]
        elif word != "::":
            path, name = (*path, word), word
        if words and words[0] in ",}":
            break
    yield path, name


class File:
    """What one file defines, re-exports and imports, as paths that are not resolved yet."""

    def __init__(self, path, module):
        self.path, self.module = path, module
        self.defined, self.names, self.globs = set(), {}, []
        self.imports = []  # (path, line, whether it is re-exported)
        tokens = tokens_of(path.read_text())
        self.words, self.lines = [it[0] for it in tokens], [it[1] for it in tokens]
        self.words += ["", "", ""]
        self.read()

    def read(self):
        at, depth, inner = 0, 0, []  # inner: where the open `mod x { … }` began
        while at < len(self.lines):
            word, following = self.words[at], self.words[at + 1]
            if word == "{":
                depth += 1
            elif word == "}":
                depth -= 1
                if inner and inner[-1] == depth:
                    inner.pop()
            elif word == "mod" and self.words[at + 2] == "{":
                inner.append(depth)
                depth, at = depth + 1, at + 2
            elif word == "use" and following not in "<(":
                at = self.read_use(at, len(inner))
            elif word in ITEMS and depth == 0:
                self.defined.add(following)
            elif following == "::" and self.words[at - 1] != "::":
                at = self.read_path(at, len(inner))
            at += 1

    def read_use(self, at, inner):
        exported = at > 0 and self.words[at - 1] in ("pub", ")")
        end = self.words.index(";", at)
        for path, name in leaves(self.words[at + 1 : end]):
            self.take(path, self.lines[at], inner, exported)
            if inner == 0 and name == "*":
                self.globs.append(path)
            elif inner == 0:
                self.names[name] = path
        return end

    def read_path(self, at, inner):
        path, line = [self.words[at]], self.lines[at]
        while self.words[at + 1] == "::" and re.match(r"\w", self.words[at + 2]):
            at += 2
            path.append(self.words[at])
        self.take(tuple(path), line, inner)
        return at

    def take(self, path, line, inner, exported=False):
        """Within `mod x { … }` the first `super` leads to this file itself."""
        for _ in range(inner):
            if path[:1] != ("super",):
                break
            path = path[1:]
        else:
            inner = 0
        if path and (inner == 0 or path[0] == "crate" or path[0] not in ROOTS):
            self.imports.append((path, line, exported))


class Crate:
    """The files of a crate by the path of their module."""

    def __init__(self, folder):
        self.folder, self.files = folder, {}
        for path in sorted((folder / "src").rglob("*.rs")):
            module = path.relative_to(folder / "src").with_suffix("").parts
            if module[-1] in ("mod", "main", "lib"):
                module = module[:-1]
            self.files.setdefault(module, File(path, module))  # `lib` comes before `main`

    def find(self, path, module, seen=()):
        """The file that defines what a path within a module names; `None` if another crate does."""
        first, rest = path[0], path[1:]
        if first == "crate":
            return self.walk((), rest, seen)
        if first == "super":
            return self.walk(module[:-1], rest, seen)
        if first == "self":
            return self.walk(module, rest, seen)
        known = first in self.files[module].names or (*module, first) in self.files
        return self.walk(module, path, seen) if known else None

    def walk(self, module, path, seen):
        while path and path[0] == "super":
            module, path = module[:-1], path[1:]
        if not path or module not in self.files:
            return self.files.get(module)
        file, name, rest = self.files[module], path[0], path[1:]
        if (module, path) in seen:
            return None
        seen = (*seen, (module, path))
        if (*module, name) in self.files and (rest or name not in file.names):
            return self.walk((*module, name), rest, seen)
        if name in file.defined:
            return file
        if name in file.names:
            target = file.names[name]
            return self.find((*target, *rest), module, seen)
        for target in file.globs:
            found = self.find((*target, *path), module, seen)
            if found and (name in found.defined or found.module[-1:] == (name,)):
                return found
        return file

    def arrows(self):
        """Each import of another file: from, to, and the line."""
        for file in self.files.values():
            for path, line, exported in file.imports:
                found = self.find(path, file.module)
                if not found or found is file or found.module == file.module[:-1]:
                    continue
                if not exported or found.module[: len(file.module)] != file.module:
                    yield file, found, line

    def circles(self, arrows):
        """The sets of files each of which reaches all others of its set (Tarjan)."""
        below = {file: set() for file in self.files.values()}
        for start, to, _ in arrows:
            below[start].add(to)
        order, low, stack, found = {}, {}, [], []

        def visit(file):
            order[file] = low[file] = len(order)
            stack.append(file)
            for other in below[file]:
                if other not in order:
                    visit(other)
                if other in stack:
                    low[file] = min(low[file], low[other])
            if low[file] == order[file]:
                at = stack.index(file)
                found.append(set(stack[at:]))
                del stack[at:]

        for file in below:
            if file not in order:
                visit(file)
        return [it for it in found if len(it) > 1]


def heights_of(text):
    """The line of each room in the list."""
    lines = (line.partition("#")[0].split() for line in text.splitlines())
    lines = [line for line in lines if line]
    return {room: height for height, rooms in enumerate(lines) for room in rooms}


def faults(folder):
    """What is wrong with the plan of one crate, a line each."""
    if not (folder / "rooms.txt").exists():
        yield f"{folder} has no rooms.txt"
        return
    crate = Crate(folder)
    heights = heights_of((folder / "rooms.txt").read_text())
    arrows = list(dict.fromkeys(crate.arrows()))
    rooms = {file.module[0] for file in crate.files.values() if file.module}
    for room in sorted(rooms - heights.keys()):
        yield f"{folder}/rooms.txt does not name the room `{room}`"
    for room in sorted(heights.keys() - rooms):
        yield f"{folder}/rooms.txt names `{room}`, which is no room"
    for start, to, line in arrows:
        one, other = (it.module[0] if it.module else "" for it in (start, to))
        if one and heights.get(one, 0) < heights.get(other, 0):
            yield f"{start.path}:{line} imports {to.path}: `{one}` lies below `{other}`"
    for circle in crate.circles(arrows):
        yield f"{len(circle)} files of {folder} import each other in a circle:"
        within = {}
        for start, to, line in arrows:
            if start in circle and to in circle:
                within.setdefault((start, to), line)
        for (start, to), line in within.items():
            yield f"    {start.path}:{line} imports {to.path}"


def main():
    folders = [Path(it) for it in sys.argv[1:]]
    if not folders:
        crates = [*Path().glob("crates/*/Cargo.toml"), Path("migration/Cargo.toml"), Path("tests/Cargo.toml")]
        folders = sorted(it.parent for it in crates)
    found = [fault for folder in folders for fault in faults(folder)]
    print("\n".join(found), file=sys.stderr, end="\n" if found else "")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
