"""How much longer than here something may take before a test calls it missing.

A machine that compiles beside its tests, or that others share, has been seen ten times as slow as an idle one. What is waited for
ends the wait, so patience costs nothing but when something fails. `VIGIE_PATIENCE=1` is for who looks for what became slow.
"""

import os

PATIENCE = float(os.environ.get("VIGIE_PATIENCE", "8"))


def patient(seconds):
    """`seconds` of an idle machine, as a limit for any machine."""
    return seconds * PATIENCE
