#!/usr/bin/env python3
"""A stage includes the stages before it and never one after it; the pure core includes nothing that touches the world."""

import os
import re
import unittest
from pathlib import Path

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])

# Each folder, and the folders it may include beside itself.
PURE = ["base", "spec", "facts", "lint", "secrets", "trust", "render"]
# How the host's programs are run and what is said of them.
TOOLS = ["apply/tools.hpp", "apply/http_api.hpp", "apply/refused.hpp", "apply/rejected.hpp", "apply/probes/attached.hpp",
         "apply/probes/attached_programs.hpp", "apply/probes/asked_program.hpp", "apply/probes/container_log.hpp"]
LAYERS = {
    "base": [],
    "spec": ["base"],
    "compose": ["base", "spec"],
    "facts": ["base", "spec"],
    "lint": ["base", "spec", "facts"],
    "attach": ["base", "spec"],
    "trust": ["base"],
    "secrets": ["base"],
    # A kind's model stands on the words of plan and render (`WORDS`), which ask the models through their table.
    "kinds": [*PURE, "attach", "plan", "state/inventory.hpp"],
    "render": ["base", "spec", "secrets", "kinds"],
    "exporter_types": ["base", "spec", "secrets", "render", "kinds"],
    "plan": [*PURE, "kinds", "state/inventory.hpp"],
    "import": [*PURE, "compose", "kinds", "plan", "state/inventory.hpp"],
    # What vigie-attach answers are plain structs.
    "system": ["base", "attach/process.hpp", "attach/proc_text.hpp"],
    "state": ["base"],
    "source": ["base", "spec", "facts", "lint", "trust", "render", "system", "version.hpp"],
    # The half of a kind that touches the host; it is no folder, see `stage`.
    "hosts": [*PURE, "attach", "kinds", "plan", "state", "system", *TOOLS],
    "apply": [*PURE, "attach", "kinds", "hosts", "plan", "state", "system", "source"],
    "cli": [*PURE, "attach", "kinds", "hosts", "plan", "state", "system", "source", "apply", "compose", "import", "version.hpp"],
    "controller": [*PURE, "attach", "kinds", "hosts", "plan", "state", "system", "source", "apply", "version.hpp"],
}
# Of a kind's directory, what is pure; all else touches the host.
MODELS = {"kind", "views", "model", "models", "digest", "paths", "compare", "provider", "ufw_rules", "ufw_half", "config_file", "endpoints", "record"}
# What the models know of plan and render: what a plan is made of, and what is rendered, but not how.
WORDS = {"plan/activation.hpp", "plan/change.hpp", "plan/context.hpp", "plan/observed.hpp", "plan/diff.hpp", "plan/found.hpp", "plan/views.hpp",
         "render/resource.hpp", "render/service.hpp", "render/text.hpp", "render/builder.hpp"}
# What render and plan know of the models.
TABLES = {"kinds/kind.hpp", "kinds/views.hpp", "kinds/models.hpp"}
WORLD = {"fstream", "filesystem", "chrono", "thread", "unistd.h", "fcntl.h", "ctime", "random"}
CORE = [*PURE, "attach", "compose", "exporter_types", "kinds", "plan", "import"]
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
    "src/apply/transaction/lock.cpp": "/proc, and the lock in STATE",
    "controller/process_metrics.cpp": "/proc",
    "controller/config_check.cpp": "whether systemd's credentials are there",
    "controller/server/listener.cpp": "the unix socket, in STATE",
    "controller/server/tls.cpp": "OpenSSL reads its files by name; loadConfig has looked whose they are",
}


# A class has at most so many methods, and members if it has methods to speak of; a struct of plain fields may have more.
MOST_METHODS = 25
MOST_MEMBERS = 25
FEW_METHODS = 10
# Who is larger, and why.
LARGE = {
    "Store": "one method for each question and each event of the state database; it has no state of its own",
    "Stack": "the document: its members are the fields of `spec`",
}


def block(text, start):
    """What stands between the brace at `start` and its end."""
    depth = 0
    for end in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        if depth == 0:
            return text[start + 1:end]
    return text[start + 1:]


def declarations(body):
    """Those of a class, each on its own, without what stands in braces and parentheses."""
    out, now, depth = [], "", 0
    for letter in body:
        depth -= letter in "})"
        now += letter if depth == 0 or (depth == 1 and letter in "({") else ""
        depth += letter in "{("
        if depth == 0 and (letter == ";" or (letter == "}" and "(" in now)):
            out.append(re.sub(r"^(?:\s*(?:public|private|protected):)+", "", now).strip())
            now = ""
    return out


def classes(path):
    """[(name, methods, data members)] of the classes that a file defines."""
    text = re.sub(r"//[^\n]*|/\*.*?\*/", "", path.read_text(), flags=re.S)
    text = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', text)
    out = []
    for match in re.finditer(r"\b(?:class|struct)\s+(\w+)(?:\s+final)?(?:\s*:[^{;]*)?\s*\{", text):
        methods, members = 0, 0
        for each in declarations(block(text, match.end() - 1)):
            if re.match(r"(?:using|friend|enum|static|static_assert|struct|class|typedef)\b|$", each):
                continue
            if "(" in re.sub(r"std::function<[^;]*>|\(\*", "", each.split("=")[0]):
                methods += 1
            else:
                members += 1
        out.append((match[1], methods, members))
    return out


def includes(path):
    return re.findall(r'^#include ["<]([^">]+)[">]', path.read_text(), re.M)


def stage(name):
    """Of a path as an include has it: the folder, but for the halves of the kinds."""
    parts = name.split("/")
    return "hosts" if parts[0] == "kinds" and parts[-1].split(".")[0] not in MODELS else parts[0]


def sources(layer):
    folder = "kinds" if layer == "hosts" else layer
    base = SOURCE / folder if folder == "controller" else SOURCE / "src" / folder
    return [path for path in base.rglob("*") if path.suffix in (".hpp", ".cpp")
            and stage(str(path.relative_to(base.parent))) == layer]


class Layers(unittest.TestCase):
    def test_every_source_folder_has_a_layer(self):
        folders = {path.name for path in (SOURCE / "src").iterdir() if path.is_dir() and any(path.iterdir())}
        self.assertEqual(folders - set(LAYERS), set())

    def test_includes_go_downwards_only(self):
        for folder, allowed in LAYERS.items():
            for path in sources(folder):
                for include in includes(path):
                    first = stage(include)
                    if first in LAYERS or include == "version.hpp":
                        fine = first == folder or first in allowed or include in allowed
                        self.assertTrue(fine, f"{path.relative_to(SOURCE)} includes {include}")

    def test_models_render_and_plan_meet_at_few_headers(self):
        for path in sources("kinds"):
            beyond = {include for include in includes(path) if include.split("/")[0] in ("plan", "render")} - WORDS
            self.assertEqual(beyond, set(), path)
        for folder in ("render", "plan", "import"):
            for path in sources(folder):
                seen = {include for include in includes(path) if include.startswith("kinds/")} - TABLES
                # What a resource is, is said by all models; what is observed of a firewall, by its rules.
                if path.name not in ("resource.hpp", "observed.hpp") and folder != "import":
                    self.assertEqual(seen, set(), path)

    def test_the_core_includes_no_header_for_clock_files_processes_or_network(self):
        for folder in CORE:
            for path in sources(folder):
                self.assertEqual(set(includes(path)) & WORLD, set(), path)

    def test_heavy_headers_are_included_only_in_their_folders(self):
        for folder in LAYERS:
            for path in sources(folder):
                for include in includes(path):
                    for heavy, places in HEAVY.items():
                        if include.startswith(heavy):
                            self.assertTrue(str(path.relative_to(SOURCE)).startswith(tuple(places)), f"{path}: {include}")

    def test_files_are_opened_by_path_only_in_the_listed_places(self):
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

    def test_foreign_json_is_parsed_with_limits_only(self):
        """`parseJson` has limits. Without them is read what a parent process writes, and what no value is made of."""
        own = {"src/base/parse_json.hpp", "src/source/git_helper.cpp", "src/system/http_helper.cpp", "src/lint/target_files.cpp"}
        found = {str(path.relative_to(SOURCE)) for folder in LAYERS for path in sources(folder)
                 if re.search(r"\b[Jj]son(?:_t)?::(?:parse|accept|sax_parse)\(", path.read_text())}
        self.assertEqual(found, own)

    def test_members_of_json_are_read_by_functions_that_never_throw(self):
        """`value()` throws for another type than the default's, and for what is no object; `memberOr` does not."""
        found = {str(path.relative_to(SOURCE)) for folder in LAYERS for path in sources(folder)
                 if re.search(r"\.value\((?:\"|\w+ \?)", path.read_text())}
        self.assertEqual(found, set())

    def test_git_objects_are_measured_before_they_are_read(self):
        """`git_odb_read` and alike unpack an object as a whole; who calls them looks at its size, or at a pack's, before."""
        measured = {"git_check.cpp", "git_describe.cpp", "git_export.cpp", "git_fetch.cpp", "git_store.cpp", "git_tree_writer.cpp"}
        for path in sources("source"):
            if re.search(r"\bgit_(?:odb_read|(?:commit|object|tree|blob|tag)_lookup)\b", path.read_text()):
                self.assertIn(path.name, measured)
                self.assertRegex(path.read_text(), r"\b(?:demandReadable|readHeader|hasCommit|checkNewPacks)\(", path)

    def test_lookups_that_may_return_null_are_not_dereferenced(self):
        """`project`, `host` and `hostOf` are null for a name of nobody; `projectNamed` and alike throw."""
        unguarded = re.compile(r"\*(?:\w+(?:\(\))?\.)*(?:project|hostOf)\(|\*(?:\w+(?:\(\))?\.)+host\(\w|\.(?:project|hostOf|host)\([^()]+\)->")
        for folder in LAYERS:
            for path in sources(folder):
                if path.name != "stack.cpp":
                    self.assertEqual(unguarded.findall(path.read_text()), [], path)

    def test_the_first_line_says_what_a_file_is_for(self):
        """A comment, before all else."""
        for path in [path for folder in ("src", "controller", "tests", "tools") for path in (SOURCE / folder).rglob("*")]:
            name = str(path.relative_to(SOURCE))
            if path.suffix in (".hpp", ".cpp"):
                self.assertRegex(path.read_text(), r"\A// \S", name)

    def test_classes_are_small(self):
        """A class that grows is split by what it is about, not by files."""
        seen = set()
        for folder in LAYERS:
            for path in sources(folder):
                for name, methods, members in classes(path):
                    if methods > MOST_METHODS or (methods >= FEW_METHODS and members > MOST_MEMBERS):
                        self.assertIn(name, LARGE, f"{path.relative_to(SOURCE)}: {name} has {methods} methods and {members} members")
                        seen.add(name)
        self.assertEqual(set(LARGE) - seen, set(), "nothing needs these")


if __name__ == "__main__":
    unittest.main(verbosity=2)
