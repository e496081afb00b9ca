#!/usr/bin/env python3
"""Every section of docs/spec.md has an example, and each example is valid in the document that it is cut from."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(os.environ["VIGIE_SOURCE_DIR"])
VIGIE = os.environ["VIGIE_BIN"]
TOOL = Path(VIGIE).with_name("spec-reference")
FIELDS = SOURCE / "docs/fields"


def findings(document):
    """Errors and warnings of a document; infos are none."""
    result = subprocess.run([VIGIE, "validate", "--tools", "off", "-o", "json", str(document)], capture_output=True, text=True, timeout=600)
    return [f"{document.name}:{each['line']}: {each['message']}" for each in json.loads(result.stdout)["findings"]
            if each["severity"] != "info"]


class Examples(unittest.TestCase):
    def test_the_example_documents_have_no_findings(self):
        documents = sorted(FIELDS.glob("*.yaml"))
        self.assertGreater(len(documents), 4)
        self.assertEqual([line for each in documents for line in findings(each)], [])

    def test_every_section_of_the_reference_but_status_has_an_example(self):
        sections = re.split(r"\n(?=##+ )", (SOURCE / "docs/spec.md").read_text())[1:]
        self.assertGreater(len(sections), 120)
        without = [section.split("\n")[0] for section in sections if "```yaml\n" not in section]
        self.assertEqual([each for each in without if not re.match(r"#+ status", each)], [])

    def test_every_example_of_the_reference_is_valid_in_its_document(self):
        place = Path(tempfile.mkdtemp(prefix="vigie-examples-"))
        self.addCleanup(shutil.rmtree, place, ignore_errors=True)
        shutil.copytree(FIELDS / "targets", place / "targets")
        subprocess.run([TOOL, "--documents", SOURCE / "crd/monitoringstacks.vigie.dev.yaml", FIELDS, place], check=True, timeout=600)
        documents = sorted(place.glob("*.yaml"))
        self.assertGreater(len(documents), 120)
        self.assertEqual([line for each in documents for line in findings(each)], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
