"""What is tried in the lab, in this order."""

from . import bootstrap, changes, alerts, tunnel, guests, networks, repair, failures, incidents, commands, takeover, attached, attached_users_hand, leftovers  # noqa: F401
