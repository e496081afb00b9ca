#!/usr/bin/env python3
"""Says which files know a kind of resource: those that name its type outside of its own directory.

    python3 tools/kind_places.py [ROOT]

A kind is a type of `render::What`; its directory is the one below src/kinds that defines it. Its two halves
(`FileModel`, `FileHost`) count as its type. Tests may name kinds freely and are not looked at."""

import re
import sys
from pathlib import Path

MOST = 4  # the variant, the two tables, and one that renders it


def code(text):
    """Without comments and without what stands in quotes."""
    text = re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)
    return re.sub(r'"(?:\\.|[^"\\\n])*"', '""', text)


def types(root):
    variant = re.search(r"using What\s*=\s*std::variant<([^>]*)>", (root / "src/render/resource.hpp").read_text())
    return [name.strip() for name in variant[1].split(",")]


def directory(sources, name):
    """Where the type is defined, if that is a kind's own directory."""
    for path, text in sources.items():
        if re.search(rf"\bstruct {name}\b[^;{{]*\{{", text) and path.parts[:2] == ("src", "kinds") and len(path.parts) > 3:
            return path.parent
    return None


def halves(sources, home, name):
    """The names of the kind's two halves, `FileModel` and `FileHost`."""
    found = re.search(rf"struct (\w+)Model\b[^}}]*?using Desired = render::{name};", sources.get(home / "model.hpp", "")) if home else None
    return [found[1] + "Model", found[1] + "Host"] if found else []


def named(path, text, name, own):
    """A type of `render`, by its full name, or by its short one where that is known; or one of its halves."""
    short = path.parts[:2] == ("src", "render") or re.search(rf"using render::{name};", text)
    patterns = [rf"\brender::{name}\b", *([rf"(?<![:\w]){name}\b"] if short else []), *(rf"\b{half}\b" for half in own)]
    return re.search("|".join(patterns), text)


def places(root):
    """{type: (directory or None, [files outside of it])}"""
    sources = {path.relative_to(root): code(path.read_text()) for folder in ("src", "controller")
               for path in sorted((root / folder).rglob("*")) if path.suffix in (".hpp", ".cpp")}
    out = {}
    for name in types(root):
        home = directory(sources, name)
        out[name] = (home, [path for path, text in sources.items()
                            if home not in path.parents and named(path, text, name, halves(sources, home, name))])
    return out


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    for name, (home, files) in places(root).items():
        print(f"{name}: {len(files)} beside {home or 'no directory of its own'}")
        for path in files:
            print(f"    {path}")


if __name__ == "__main__":
    main()
