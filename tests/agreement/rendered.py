"""The files that vigie renders of a document, and the configurations of programs among them."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import texts

# By program: how its configuration's path ends, and its directory in the container.
CONFIGURATIONS = {"prometheus": ("/prometheus/prometheus.yml", "/etc/prometheus"),
                  "alertmanager": ("/alertmanager/alertmanager.yml", "/etc/alertmanager"),
                  "blackbox": ("/blackbox.yml", "/etc/vigie-exporter")}
PROOF = "vigie-render-info"  # differs whenever anything does, and means nothing
MAPPED = "mapped.yml"


@dataclass
class Configuration:
    """One program's configuration: `mapped` is the file that names what lies around it here, not in the container."""
    program: str
    mapped: Path
    digest: str  # of all that the program reads


class Rendered:
    """`directory` has a directory for each host."""

    def __init__(self, directory):
        self.directory = directory
        self.files = {str(path.relative_to(directory)): path.read_bytes() for path in sorted(directory.rglob("*"))
                      if path.is_file() and path.name != MAPPED}

    def configurations(self, scratch):
        """Those to be judged. `scratch` takes what a program writes."""
        return [self._configuration(program, self.directory / name, scratch) for program, (file, _) in CONFIGURATIONS.items()
                for name in self.files if name.endswith(file)]

    def arguments(self):
        """[(program, its arguments as compose passes them on)]."""
        out = []
        for content in self.files.values():
            if b"\nservices:" in content:
                services = texts.load(content).get("services") or {}
                out += [(program, [argument.replace("$$", "$") for argument in services[program]["command"]])
                        for program in ("prometheus", "alertmanager") if "command" in (services.get(program) or {})]
        return out

    def data(self, file):
        """What the first file of this name says, as data; None when there is none."""
        found = next((name for name in self.files if name.endswith(f"/{file}")), None)
        return None if found is None else texts.load(self.files[found])

    def unreadable(self):
        """Files that are no YAML: [words]."""
        out = []
        for name, content in self.files.items():
            if name.endswith((".yml", ".yaml")) and "/tls/" not in name:
                try:
                    texts.load(content)
                except Exception as error:
                    out.append(f"{name} is no YAML: {' '.join(str(error).split())}")
        return out

    def _configuration(self, program, path, scratch):
        text = path.read_text(encoding="utf-8")
        inside = CONFIGURATIONS[program][1]
        folder = str(path.parent.relative_to(self.directory)) + "/"
        digest = hashlib.sha256(re.sub(rf"{PROOF}/\w+", PROOF, text).encode())
        for name, content in self.files.items():
            if name.startswith(folder) and name != folder + path.name and PROOF not in name:
                digest.update(name.encode() + b"\0" + content)
        mapped = path.with_name(MAPPED)
        mapped.write_text(text.replace(f"{inside}/", f"{path.parent}/").replace(f'"/{program}/', f'"{scratch}/'), encoding="utf-8")
        return Configuration(program, mapped, digest.hexdigest())
