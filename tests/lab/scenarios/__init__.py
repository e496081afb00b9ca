"""What is tried in the lab, in this order."""

from . import bootstrap, changes, alerts, tunnel, guests, networks, repair, failures, incidents, commands, takeover, attached, \
    attached_users_hand, attached_hostile, leftovers, engine_reload, engine_mounts, engine_overrides, engine_networks, pgbouncer_password  # noqa: F401
