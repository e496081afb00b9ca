#!/usr/bin/env python3
"""A stage includes the stages before it and never one after it; the pure core includes nothing that touches the world."""

import os
import re
import unittest
from pathlib import Path

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])

# Each folder, and the folders it may include beside itself.
PURE = ["base", "spec", "lint", "secrets", "trust", "render"]
LAYERS = {
    "base": [],
    "spec": ["base"],
    "lint": ["base", "spec"],
    "trust": ["base"],
    "secrets": ["base"],
    "render": ["base", "spec", "secrets"],
    "plan": [*PURE, "state/inventory.hpp"],
    "import": [*PURE, "plan", "state/inventory.hpp"],
    "system": ["base"],
    "state": ["base"],
    "source": ["base", "spec", "lint", "trust", "render", "system", "version.hpp"],
    "apply": [*PURE, "plan", "state", "system", "source"],
    "cli": [*PURE, "plan", "state", "system", "source", "apply", "import", "version.hpp"],
    "controller": [*PURE, "plan", "state", "system", "source", "apply", "version.hpp"],
}
WORLD = {"fstream", "filesystem", "chrono", "thread", "unistd.h", "fcntl.h", "ctime", "random"}
CORE = ["base", "spec", "lint", "secrets", "trust", "render", "plan", "import"]
# What an include begins with, and the files that may have it; a folder ends with a slash.
HEAVY = {"cpprest/http_client.h": ["src/system/http_helper.cpp"], "CLI/CLI.hpp": ["src/cli/main.cpp", "src/cli/command_tree.cpp"],
         "spdlog/": ["controller/spd_log.cpp"], "systemd/": ["controller/notify.cpp"], "prometheus/": ["controller/metrics.cpp"],
         "re2/": ["src/spec/regex.cpp"], "boost/": ["src/system/unix_http.cpp", "controller/server.cpp", "controller/server/"]}

# Who names files by path all the same, and why nobody else can move them.
BY_PATH = {
    "src/cli/": "what the person at the terminal has typed, and directories that mkdtemp made; the host itself goes through HostSystem::files",
    "src/source/git_": "libgit2's repository and the trees that are written out of it, below STATE, whose owner was looked at",
    "controller/trusted_source.cpp": "the same trees",
    "src/state/store.cpp": "SQLite's database, in STATE",
    "src/apply/lock.cpp": "/proc, and the lock in STATE",
    "controller/process_metrics.cpp": "/proc",
    "controller/config_check.cpp": "whether systemd's credentials are there",
    "controller/server/listener.cpp": "the unix socket, in STATE",
    "controller/server/tls.cpp": "OpenSSL reads its files by name; loadConfig has looked whose they are",
}


def includes(path):
    return re.findall(r'^#include ["<]([^">]+)[">]', path.read_text(), re.M)


def sources(folder):
    base = SOURCE / folder if folder == "controller" else SOURCE / "src" / folder
    return [path for path in base.rglob("*") if path.suffix in (".hpp", ".cpp")]


class Layers(unittest.TestCase):
    def test_every_folder_has_a_place(self):
        folders = {path.name for path in (SOURCE / "src").iterdir() if path.is_dir() and any(path.iterdir())}
        self.assertEqual(folders - set(LAYERS), set())

    def test_includes_go_downwards_only(self):
        for folder, allowed in LAYERS.items():
            for path in sources(folder):
                for include in includes(path):
                    first = include.split("/")[0]
                    if first in LAYERS or include == "version.hpp":
                        fine = first == folder or first in allowed or include in allowed
                        self.assertTrue(fine, f"{path.relative_to(SOURCE)} includes {include}")

    def test_the_core_knows_no_clock_file_process_or_network(self):
        for folder in CORE:
            for path in sources(folder):
                self.assertEqual(set(includes(path)) & WORLD, set(), path)

    def test_heavy_headers_stay_where_they_are(self):
        for folder in LAYERS:
            for path in sources(folder):
                for include in includes(path):
                    for heavy, places in HEAVY.items():
                        if include.startswith(heavy):
                            self.assertTrue(str(path.relative_to(SOURCE)).startswith(tuple(places)), f"{path}: {include}")

    def test_files_are_reached_through_one_module(self):
        """`src/system/` walks by descriptors; a path that is looked up by the kernel follows whoever moved a directory of it meanwhile."""
        by_path = re.compile(r"std::(?:i|o)?fstream\b|::(?:open|creat|stat|lstat|access|rename|unlink|rmdir|mkdir|chmod|chown|lchown|link|symlink|truncate|opendir|fopen)\("
                             r"|\b(?:std::filesystem|fs)::(?!path\b|absolute\b|file_type\b|filesystem_error\b)\w+")
        own = re.compile(r"(?:Store|secrets)::open\(|(?:void|bool) \w+(?:::\w+)*::open\(")
        seen = set()
        for folder in LAYERS:
            for path in sources(folder) if folder != "system" else []:
                name = str(path.relative_to(SOURCE))
                text = "\n".join(line for line in path.read_text().splitlines() if not line.lstrip().startswith("namespace fs ="))
                found = by_path.findall(own.sub("", text))
                reason = next((place for place in BY_PATH if name.startswith(place)), None)
                seen |= {reason} if found else set()
                self.assertTrue(not found or reason, f"{name}: {found}")
        self.assertEqual(set(BY_PATH) - seen, set(), "nothing needs these")

    def test_what_others_write_is_parsed_within_limits(self):
        """`parseJson` has limits. Without them is read what a parent process writes, and what no value is made of."""
        own = {"src/base/parse_json.hpp", "src/source/git_helper.cpp", "src/system/http_helper.cpp", "src/lint/target_files.cpp"}
        found = {str(path.relative_to(SOURCE)) for folder in LAYERS for path in sources(folder)
                 if re.search(r"\b[Jj]son(?:_t)?::(?:parse|accept|sax_parse)\(", path.read_text())}
        self.assertEqual(found, own)

    def test_members_of_json_are_read_by_functions_that_never_throw(self):
        """`value()` throws for another type than the default's, and for what is no object; `memberOr` does not."""
        found = {str(path.relative_to(SOURCE)) for folder in LAYERS for path in sources(folder)
                 if re.search(r"\.value\((?:\"|\w+ \?)", path.read_text())}
        self.assertEqual(found, {"src/source/git_client.cpp", "src/source/git_helper.cpp"})  # between a process and its own child

    def test_what_others_commit_is_measured_before_it_is_read(self):
        """`git_odb_read` and alike unpack an object as a whole; who calls them looks at its size, or at a pack's, before."""
        measured = {"git_check.cpp", "git_describe.cpp", "git_export.cpp", "git_fetch.cpp", "git_store.cpp", "git_tree_writer.cpp"}
        for path in sources("source"):
            if re.search(r"\bgit_(?:odb_read|(?:commit|object|tree|blob|tag)_lookup)\b", path.read_text()):
                self.assertIn(path.name, measured)
                self.assertRegex(path.read_text(), r"\b(?:demandReadable|readHeader|hasCommit|checkNewPacks)\(", path)

    def test_nobody_dereferences_what_a_document_may_lack(self):
        """`project`, `host` and `hostOf` are null for a name of nobody; `projectNamed` and alike throw."""
        unguarded = re.compile(r"\*(?:\w+(?:\(\))?\.)*(?:project|hostOf)\(|\*(?:\w+(?:\(\))?\.)+host\(\w|\.(?:project|hostOf|host)\([^()]+\)->")
        for folder in LAYERS:
            for path in sources(folder):
                if path.name != "stack.cpp":
                    self.assertEqual(unguarded.findall(path.read_text()), [], path)

    def test_files_are_small(self):
        for folder in LAYERS:
            for path in sources(folder):
                self.assertLess(len(path.read_text().splitlines()), 500, path)


if __name__ == "__main__":
    unittest.main(verbosity=2)
