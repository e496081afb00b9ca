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

    def test_what_others_write_is_parsed_within_limits(self):
        """`parseJson` has limits. Without them is read what a parent process writes, and what no value is made of."""
        own = {"src/base/parse_json.hpp", "src/source/git_helper.cpp", "src/system/http_helper.cpp", "src/lint/target_files.cpp"}
        found = {str(path.relative_to(SOURCE)) for folder in LAYERS for path in sources(folder)
                 if re.search(r"\b[Jj]son(?:_t)?::(?:parse|accept|sax_parse)\(", path.read_text())}
        self.assertEqual(found, own)

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
