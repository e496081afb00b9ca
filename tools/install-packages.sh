#!/bin/sh
# Installs what vigie needs from the distribution (Debian 12 and 13, Ubuntu 24.04). Does nothing, and needs no root, when
# all of it is there already.
#
#   tools/install-packages.sh demo   to build, and for `make demo`
#   tools/install-packages.sh test   for `make test` as well
#   tools/install-packages.sh kubernetes   for `make kubernetes`
set -eu

# What there is of Docker already stays, whoever's it is: its packages and the distribution's exclude each other.
docker_packages() {
    . /etc/os-release
    PATH=$PATH:/usr/sbin
    command -v dockerd >/dev/null || echo docker.io
    # Debian 12 has the command in docker.io and no Compose v2; tests/lab fetches that of Debian 13.
    [ "$ID $VERSION_ID" = "debian 12" ] && return
    command -v docker >/dev/null || [ "$ID" != debian ] || echo docker-cli
    docker compose version >/dev/null 2>&1 || case $ID in ubuntu) echo docker-compose-v2 ;; *) echo docker-compose ;; esac
}

demo="g++ cmake ninja-build pkg-config ccache git python3 prometheus prometheus-alertmanager
    libcpprest-dev libssl-dev libyaml-cpp-dev libgit2-dev libsodium-dev libspdlog-dev libsqlite3-dev
    libre2-dev libqrencode-dev nlohmann-json3-dev libcli11-dev libboost-dev prometheus-cpp-dev libsystemd-dev"
# The last lines are for tests/lab: real hosts in namespaces.
test="$demo catch2 librapidcheck-dev clang clang-format clang-tidy openssh-server openssl
    wireguard-tools wireguard-go ufw iptables nftables iproute2 iputils-ping util-linux procps
    chromium chromium-driver python3-selenium dpkg-dev
    systemd man-db zsh fish
    prometheus-blackbox-exporter prometheus-node-exporter prometheus-postgres-exporter prometheus-redis-exporter redis-server
    postgresql pgbouncer nginx-light fcgiwrap dnsmasq-base faketime
    python3-yaml python3-aiosmtpd python3-fastapi python3-uvicorn python3-prometheus-client python3-psycopg2
    $(docker_packages)"

case "${1:-test}" in
demo) wanted=$demo ;;
test) wanted=$test ;;
kubernetes) wanted="mmdebstrap iproute2 util-linux python3-yaml" ;;
*) echo "usage: $0 demo|test|kubernetes" >&2; exit 2 ;;
esac

missing=
for package in $wanted; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done

# What the examples name is newer than what distributions have.
fetch_programs() {
    [ "$1" != test ] || { python3 "$(dirname "$0")/programs.py" fetch && python3 "$(dirname "$0")/../tests/lab/compose_plugin.py"; }
}
if [ -z "$missing" ]; then
    fetch_programs "${1:-test}"
    exit
fi

echo "installing:$missing"
as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "run as root: apt-get install$missing" >&2; exit 2; }
    as_root=sudo
fi

# Programs are wanted, not services: nothing that is installed here is started, now or at the next boot.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
    $as_root chmod 755 $policy
    trap '$as_root rm -f $policy' EXIT
fi
$as_root apt-get update -q
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
if [ -d /run/systemd/system ]; then
    for package in $missing; do
        case $package in
        prometheus | prometheus-* | redis-server | pgbouncer | postgresql | fcgiwrap) $as_root systemctl disable --quiet "$package" ;;
        nginx-light) $as_root systemctl disable --quiet nginx ;;
        docker.io) $as_root systemctl disable --quiet docker.service docker.socket containerd.service ;;
        openssh-server) $as_root systemctl disable --quiet ssh ssh.socket 2>/dev/null || true ;;
        esac
    done
fi
fetch_programs "${1:-test}"
