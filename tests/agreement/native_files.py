#!/usr/bin/env python3
"""Is native configuration (`configFrom`) rendered as the data that it is? Configurations are generated over all documented fields of
Prometheus and Alertmanager: what vigie renders of a field's value, alone or with other fields, stripped of the proof, and what no field
can say beside it. Each is put into a repository, and what is rendered of it is compared with it as data.

    native_files.py [--count N] [--seed N] [--keep DIR]

Prints a score and each configuration that is not equal, with its reason; exit code 0 when at least 99 of 100 are. 2: it cannot be tried
here. The program is $VIGIE_BIN."""

import argparse
import copy
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

import setup
import texts
from agreement import program, scratch
from processes import programs
from rendered import PROOF
from stack import merge

ENOUGH = 0.99
SERVERS = {"prometheus": "prometheus.yml", "alertmanager": "alertmanager.yml"}
# Fields of a component that say nothing in its configuration, or are about where that comes from.
OTHERS = ("attach", "networks", "data", "compose", "configFrom", "configFile", "replicas", "image", "project", "silences", "web", "extraArgs",
          "port", "exposure", "dataDirectory", "clusterPort", "enableFeatures", "retention", "ruleGroups")
# What the document has no field for. Source: the documentation of both programs' configuration.
BESIDE = {
    "prometheus": [
        {"otlp": {"promote_resource_attributes": ["service.name"], "keep_identifying_resource_attributes": True}},
        {"tracing": {"endpoint": "192.0.2.4:4317", "client_type": "grpc", "sampling_fraction": 0.5, "insecure": True}},
        {"runtime": {"gogc": 75}},
        {"global": {"scrape_failure_log_file": "/prometheus/failures.log", "query_log_file": "/prometheus/queries.log"}},
        {"storage": {"tsdb": {"out_of_order_time_window": "10m"}}},
        {"rule_files": ["/rules/*.yml"]},
        {"scrape_configs": [{"job_name": "pods", "kubernetes_sd_configs": [{"role": "pod", "namespaces": {"names": ["shop"]}}]}]},
        {"scrape_configs": [{"job_name": "clouds", "ec2_sd_configs": [{"region": "eu-west-1", "port": 9100}], "body_size_limit": "10MB",
                             "basic_auth": {"username": "a", "password": "'\"$x: y"}}]},
    ],
    "alertmanager": [
        {"global": {"smtp_smarthost": "mail.example.org:587", "smtp_from": "a@example.org", "smtp_auth_password": "0123"}},
        {"receivers": [{"name": "matter", "mattermost_configs": [{"webhook_url": "http://192.0.2.4/hook", "text": "{{ .Status }}"}]}]},
        {"receivers": [{"name": "both", "webhook_configs": [{"url": "http://192.0.2.4/a", "max_alerts": 3}]}]},
        {"mute_time_intervals": [{"name": "old", "time_intervals": [{"weekdays": ["monday:friday"], "years": ["2030"]}]}]},
        {"tracing": {"endpoint": "192.0.2.4:4317", "insecure": True}},
    ],
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2000, help="how many configurations (2000)")
    parser.add_argument("--seed", type=int, default=0, help="which ones (0)")
    parser.add_argument("--keep", type=Path, help="where to write those that are not equal")
    return parser.parse_args()


class Generator:
    """Documents with some of a server's fields, one after the other: each field comes before any comes again."""

    def __init__(self, common, seed):
        self._common, self._random = common, random.Random(seed)
        self._fields = [each for each in common.fields if each.component in SERVERS and len(each.steps) > 1 and each.steps[1] not in OTHERS]
        self._left = []

    def document(self):
        first = self._next()
        out = self._with(first)
        for other in self._random.sample(self._fields, self._random.choice((0, 0, 1, 2, 4))):
            if other.component == first.component:
                merge(out, self._with(other))
        return first.component, first.name, out

    def beside(self, server):
        return copy.deepcopy(self._random.sample(BESIDE[server], self._random.choice((0, 1, 2))))

    def _next(self):
        if not self._left:
            self._left = self._random.sample(self._fields, len(self._fields))
        return self._left.pop()

    def _with(self, field):
        place = self._common.stacks.place(field)
        offered = [value for values in self._common.values.of(field, place.typical()).values() for value in values]
        return place.with_value(self._random.choice([place.typical(), *offered]))


class Trial:
    def __init__(self, common, keep):
        self._common, self._keep = common, keep
        self._base = common.directory / "native"

    def rendered(self, spec, directory):
        """The files of the host `vm`; None when the document is refused."""
        (directory / "in").mkdir(parents=True, exist_ok=True)
        self._common.keys.write_files(directory / "in")
        (directory / "in/stack.yaml").write_text(texts.document(self._common.keys.with_secrets(spec)), encoding="utf-8")
        wrong = self._common.vigie.render(directory / "in", "vm", self._common.keys.root("vm"), directory / "out", reveal=True)
        return None if wrong else directory / "out"

    def compare(self, number, server, field, spec, further):
        """None when such a document is refused; else what is wrong, or nothing."""
        directory = self._base / str(number)
        try:
            return self._compare(directory, server, field, spec, further, attached=number % 2 == 1)
        finally:
            shutil.rmtree(directory, ignore_errors=True)

    def _compare(self, directory, server, field, spec, further, attached):
        first = self.rendered(spec, directory / "first")
        path = next(first.rglob(f"{server}/{SERVERS[server]}"), None) if first else None
        if path is None:
            return None
        native = without_proof(texts.load(path.read_text(encoding="utf-8")))
        for each in further:
            add(native, each)
        folder = directory / "second/in/native"
        shutil.copytree(path.parent, folder)
        for own in folder.glob("vigie-*.yml"):
            own.unlink()
        (folder / SERVERS[server]).write_text(texts.dump(native), encoding="utf-8")
        second = self.rendered(self._document(server, spec, attached), directory / "second")
        found = next(second.rglob(f"{server}/{SERVERS[server]}"), None) if second else None
        if found is None:
            answer = self._common.vigie.validate(directory / "second/in")
            return self._wrong(directory, field, "refused: " + "; ".join(f"{each['code']} {each['message']}" for each in answer.errors))
        now = without_proof(texts.load(found.read_text(encoding="utf-8")))
        return self._wrong(directory, field, difference(native, now)) if now != native else ""

    def _document(self, server, spec, attached):
        """Every other one is attached, where what is written keeps the text as far as it can."""
        out = copy.deepcopy(self._common.keys.tables["always"])
        component = {"project": "monitoring", "configFrom": {"file": f"native/{SERVERS[server]}"}}
        if attached:
            out["projects"] = [*out["projects"], {"name": "own", "host": "vm", "directory": "/opt/own", "composeFiles": ["compose.yml"]}]
            component |= {"project": "own", "attach": server}
        else:
            component["image"] = spec[server]["image"]
        return out | {server: component}

    def _wrong(self, directory, field, words):
        if self._keep:
            shutil.copytree(directory, self._keep / field.replace("/", "_"), dirs_exist_ok=True)
        return words


def without_proof(data):
    """What the configuration says, but for what proves that it is loaded, and the rules that vigie writes itself."""
    rules = [each for each in data.get("rule_files") or [] if not each.startswith("vigie-")]
    data.pop("rule_files", None)
    if rules:
        data["rule_files"] = rules
    if "receivers" in data:
        data["receivers"] = [each for each in data["receivers"] if not each["name"].startswith(PROOF)]
    return data


def add(native, further):
    """Puts more into a configuration: maps unite, lists grow, what is there stays."""
    for key, value in further.items():
        there = native.setdefault(key, value)
        if there is value:
            continue
        if isinstance(there, dict):
            add(there, value)
        elif isinstance(there, list):
            there += value


def difference(was, now, way=""):
    if isinstance(was, dict) and isinstance(now, dict):
        for key in [*was, *now]:
            if was.get(key) != now.get(key):
                return difference(was.get(key), now.get(key), f"{way}.{key}")
    if isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for number, (one, other) in enumerate(zip(was, now)):
            if one != other:
                return difference(one, other, f"{way}[{number}]")
    return f"{way} was {texts.short(was)}, and is {texts.short(now)}"


def main():
    options = arguments()
    try:
        missing = setup.missing()
        if missing:
            raise OSError(f"missing, or too old (tools/programs.py fetch): {', '.join(missing)}")
    except (OSError, programs.Unavailable) as error:
        print(error, file=sys.stderr)
        sys.exit(1 if os.environ.get("CI") else 2)
    with tempfile.TemporaryDirectory(prefix="vigie-native-", dir=scratch()) as directory:
        common = setup.make(program(), "off", Path(directory))
        sys.exit(run(options, Generator(common, options.seed), Trial(common, options.keep)))


def run(options, generator, trial):
    tried, wrong, refused = 0, [], 0
    while tried < options.count and refused < 10 * options.count:
        server, field, spec = generator.document()
        words = trial.compare(tried, server, field, spec, generator.beside(server))
        if words is None:
            refused += 1
            continue
        tried += 1
        if words:
            wrong.append((field, words))
            print(f"{field}: {words}", flush=True)
    print(f"{tried - len(wrong)} of {tried} native configurations are rendered as they are; {refused} documents were none")
    return 0 if tried and len(wrong) <= (1 - ENOUGH) * tried else 1


if __name__ == "__main__":
    main()
