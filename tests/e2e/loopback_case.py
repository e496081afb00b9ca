"""A test with hosts of its own on loopback, and the document that they follow."""

import unittest

from loopback import Loopback


class LoopbackCase(unittest.TestCase):
    def setUp(self):
        self.lab = Loopback()
        self.addCleanup(self.lab.__exit__)
        self.lab.make_repository()
        self.lab.make_keys()

    def edit(self, old, new, path="stack.yaml"):
        file = self.lab.work / path
        text = file.read_text()
        self.assertIn(old, text)
        file.write_text(text.replace(old, new))
