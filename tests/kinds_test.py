#!/usr/bin/env python3
"""A kind of resource is one directory, and a kind of which something is forgotten does not compile."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
COMPILER = os.environ.get("VIGIE_CXX", "c++")
# Every complaint is wanted, and Clang ends after twenty.
EVERY = ["-ferror-limit=0"] if "clang" in subprocess.run([COMPILER, "--version"], capture_output=True, text=True).stdout else []
sys.path.insert(0, str(SOURCE / "tools"))

import kind_places  # noqa: E402

# What a new kind is: its model, its host, and a line in each of the enum, the variant and the two tables.
MODEL = """#pragma once
#include "kinds/model.hpp"
namespace vigie::render {
struct Toy { std::string name; };
}
namespace vigie::kinds {
struct ToyModel {
    using Desired = render::Toy;
    static constexpr Kind kind = Kind::toy;
    static constexpr Traits traits{.removalTurn = RemovalTurn::units};
    static void hash(const Desired& toy, Sha256& hash);
    static constexpr auto describe = describesNothing;
    static constexpr auto sameState = sameDigest;
    static constexpr auto saysMore = neverSaysMore;
    static void difference(const plan::Context&, const render::Resource&, const Desired&, plan::Change&);
    static constexpr auto changed = changesAsDescribed;
    static constexpr auto record = needsNoRecord;
    static constexpr auto removal = goes;
    static constexpr auto component = isNoComponent;
    static constexpr auto paths = hasNoPaths;
    static constexpr auto watched = watchesNothing;
    static constexpr auto notes = notesNothing;
    static constexpr auto usersFile = leavesNothingToTheUser;
    static constexpr auto exact = isNotExact;
    static constexpr auto content = hasNoContent;
    static constexpr auto tunnel = isNoTunnel;
    static constexpr auto container = isNoContainer;
    static constexpr auto program = isNoProgram;
    static constexpr auto followUps = followsUpNothing;
};
}
"""
HOST = """#pragma once
#include "kinds/host.hpp"
namespace vigie::kinds {
struct ToyHost {
    using Model = ToyModel;
    static constexpr Owning owning = Owning::whenActivated;
    static void observe(const Looking& looking, plan::Observed& out);
    static constexpr auto concerned = concernsItselfOnly;
    static void capture(const Capturing& capturing, const render::Toy* toy, BeforeImages& images);
    static void make(Transaction&, const plan::Change&, const render::Resource&, const render::Toy&);
    static constexpr auto makeOfOthers = startsNothingOfOthers;
    static constexpr auto letGo = holdsNothing;
    static constexpr auto prove = isProvenByLooking;
    static constexpr auto settle = settlesAtOnce;
    static constexpr auto remove = staysBehind;
    static constexpr auto cause = tellsNoCause;
    static constexpr auto warnings = warnsOfNothing;
    static constexpr auto preparations = preparesNothing;
    static constexpr auto afterRemovals = tidiesNothing;
    static constexpr auto undo = nothingToUndo;
};
}
"""
FUNCTION = re.compile(r"^    static .*?\b(\w+)(?:\(.*\)|{.*}| = .*);\n", re.M)


def inserted(path, *places):
    text = path.read_text()
    for before, new in places:
        if text.count(before) != 1:
            raise AssertionError(f"{path} has not once: {before}")
        text = text.replace(before, before + new)
    path.write_text(text)


class Copy:
    """Some of the sources with a kind of its own, whose last name stands where the tables end."""

    def __init__(self, directory):
        self.root = Path(directory)
        for folder in ("attach", "base", "kinds", "plan", "render", "spec", "state", "system", "secrets"):
            shutil.copytree(SOURCE / "src" / folder, self.root / folder, ignore=shutil.ignore_patterns("*.cpp"))
        for table in ("models.cpp", "hosts.cpp"):
            shutil.copy(SOURCE / "src/kinds" / table, self.root / "kinds")
        (self.root / "kinds/toy").mkdir()
        self.write(MODEL, HOST)

    def write(self, model, host):
        (self.root / "kinds/toy/model.hpp").write_text(model)
        (self.root / "kinds/toy/host.hpp").write_text(host)

    def name_it(self):
        inserted(self.root / "kinds/kind.hpp", ("    silence,\n", "    toy,\n"), ('"silence"', ', "toy"'))

    def give_it_a_form(self):
        inserted(self.root / "render/resource.hpp", ("Reload, Silence", ", Toy"),
                 ('#include "kinds/silence/model.hpp"\n', '#include "kinds/toy/model.hpp"\n'))

    def enter_its_model(self):
        inserted(self.root / "kinds/models.cpp", ("ReloadModel, SilenceModel", ", ToyModel"))

    def enter_its_host(self):
        inserted(self.root / "kinds/hosts.cpp", ("ReloadHost, SilenceHost", ", ToyHost"),
                 ('#include "kinds/silence/host.hpp"\n', '#include "kinds/toy/host.hpp"\n'))

    def complaint(self, table):
        """What the compiler says of a table; empty when it takes it."""
        result = subprocess.run([COMPILER, "-std=c++20", "-fsyntax-only", "-w", *EVERY, "-I", self.root, self.root / "kinds" / table],
                                capture_output=True, text=True)
        return result.stderr if result.returncode else ""


class Kinds(unittest.TestCase):
    def copy(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        return Copy(directory.name)

    def complete(self):
        copy = self.copy()
        copy.name_it()
        copy.give_it_a_form()
        copy.enter_its_model()
        copy.enter_its_host()
        return copy

    def test_a_kind_is_known_in_its_directory_and_in_four_files(self):
        for name, (home, files) in kind_places.places(SOURCE).items():
            self.assertIsNotNone(home, f"{name} has no directory of its own")
            self.assertLessEqual(len(files), kind_places.MOST, f"{name}: {[str(path) for path in files]}")

    def test_a_new_kind_is_a_directory_and_a_line_in_each_table(self):
        copy = self.complete()
        for table in ("models.cpp", "hosts.cpp"):
            self.assertEqual(copy.complaint(table), "", table)

    def test_a_name_alone_does_not_compile(self):
        copy = self.copy()
        copy.name_it()
        self.assertIn("a kind has no row in the table of the models", copy.complaint("models.cpp"))
        self.assertIn("a kind has no row in the table of the hosts", copy.complaint("hosts.cpp"))

    def test_a_kind_without_a_host_does_not_compile(self):
        copy = self.copy()
        copy.name_it()
        copy.give_it_a_form()
        copy.enter_its_model()
        self.assertEqual(copy.complaint("models.cpp"), "")
        self.assertIn("a kind has no row in the table of the hosts", copy.complaint("hosts.cpp"))

    def left_out(self, half, table):
        """{function: complaint} of the contract, with each function of one half left out, in one translation unit."""
        contract, struct = ("Model", "ToyModel") if half is MODEL else ("Host", "ToyHost")
        body = half[half.index(f"struct {struct} {{"):half.rindex("};\n") + 3]
        names = [match[1] for match in FUNCTION.finditer(body)]
        text = '#include "kinds/host.hpp"\nnamespace vigie::kinds {\n'
        for match in FUNCTION.finditer(body):
            text += (body[:match.start()] + body[match.end():]).replace(f"struct {struct} ", f"struct Without_{match[1]} ", 1)
            text += f'static_assert({contract}<Without_{match[1]}>, "without {match[1]}");\n'
        copy = self.complete()
        (copy.root / "kinds/left_out.cpp").write_text(text + "}\n")
        complaints = re.split(r"(?=error: static[_ ]assert)", copy.complaint("left_out.cpp"))
        return {name: next((each for each in complaints if re.search(rf"without {name}\b", each)), "") for name in names}

    def demand_all(self, half, table, header, prefix):
        contract = set(re.findall(rf"\b{prefix}::(\w+)(?:\(|\.size| }})", (SOURCE / "src/kinds" / header).read_text()))
        found = self.left_out(half, table)
        self.assertEqual(set(found), contract)
        for name, complaint in found.items():
            self.assertRegex(complaint, rf"\b{prefix}::{name}\b", f"{name} may be forgotten, or the compiler does not say so")
        # The tables hold it against the contract.
        copy = self.complete()
        match = next(FUNCTION.finditer(half))
        text = half[:match.start()] + half[match.end():]
        copy.write(text if half is MODEL else MODEL, text if half is HOST else HOST)
        self.assertRegex(copy.complaint(table), rf"\b{prefix}::{match[1]}\b")

    def test_no_function_of_a_model_may_be_left_out(self):
        self.demand_all(MODEL, "models.cpp", "model.hpp", "M")

    def test_no_function_of_a_host_may_be_left_out(self):
        self.demand_all(HOST, "hosts.cpp", "host.hpp", "H")


if __name__ == "__main__":
    unittest.main(verbosity=2)
