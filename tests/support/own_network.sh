#!/bin/sh
# own_network.sh PROGRAM ARGUMENT…: runs a test in a network that has nothing but loopback. No port is taken there, so that tests
# run beside each other, and nothing can leave the machine. Needs root.
exec unshare --net -- sh -c 'ip link set lo up && exec "$0" "$@"' "$@"
