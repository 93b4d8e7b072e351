#!/usr/bin/env bash
# Builds the image and runs what tests/image/image_test.py checks of it. Exit codes: 0 good, 1 bad, 77 skipped.
# Uses the Docker engine that answers; else starts one of its own for the while, which takes root and `docker.io`.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
work=$(mktemp -d)
image=adit-image-test:$$
engine= bridge_was_there=

skip() {
    printf '\n*** SKIPPED: the image was not tested: %s\n*** To run this test: %s\n' "$1" "$2"
    exit 77
}

tidy_up() {
    local pid
    docker image rm -f "$image" >/dev/null 2>&1 || true
    if [[ -n $engine ]]; then
        pid=$(cat "$work/dockerd.pid" 2>/dev/null) && kill "$pid" && tail --pid="$pid" -f /dev/null
        [[ -n $bridge_was_there ]] || ip link del docker0 2>/dev/null || true
        umount "$work"/data/overlay2/*/merged "$work"/exec/netns/* 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap tidy_up EXIT

start_engine() {
    command -v dockerd >/dev/null || skip "there is no Docker engine" "install one (./dev setup image), or set DOCKER_HOST"
    ((EUID == 0)) || skip "no Docker engine answers, and only root may start one" "start it, or run ./dev test image as root"
    [[ ! -e /sys/class/net/docker0 ]] || bridge_was_there=yes
    # Without iptables the host's firewall stays as it is; published ports go through docker-proxy.
    dockerd --data-root "$work/data" --exec-root "$work/exec" -H "unix://$work/docker.sock" \
        --pidfile "$work/dockerd.pid" --iptables=false --ip6tables=false </dev/null >"$work/dockerd.log" 2>&1 &
    engine=$!
    export DOCKER_HOST=unix://$work/docker.sock
    local try
    for try in {1..150}; do
        docker info >/dev/null 2>&1 && return
        kill -0 "$engine" 2>/dev/null || break
        sleep 0.2
    done
    tail -n 5 "$work/dockerd.log"
    engine=
    skip "dockerd does not start here (see above)" "run on a machine that may start containers, or set DOCKER_HOST"
}

# The base comes from the engine, a registry, or Debian's archive: debootstrap makes what bookworm-slim holds.
find_base() {
    local base=debian:bookworm-slim
    docker image inspect $base >/dev/null 2>&1 && return
    timeout 120 docker pull -q $base >/dev/null 2>&1 && return
    ((EUID == 0)) && command -v debootstrap >/dev/null ||
        skip "no registry has $base, and it cannot be made here" "as root with debootstrap (./dev setup image)"
    echo "no registry answers: making $base with debootstrap"
    debootstrap --variant=minbase --include=ca-certificates bookworm "$work/base" >"$work/debootstrap.log" 2>&1 ||
        { tail -n 5 "$work/debootstrap.log"; skip "debootstrap failed (see above)" "give access to Debian's archive"; }
    # What this machine's apt has been told about its archive holds inside as well.
    cp /etc/apt/apt.conf.d/99* "$work/base/etc/apt/apt.conf.d/" 2>/dev/null || true
    tar -C "$work/base" -c --exclude='./var/cache/apt/*' --exclude='./var/lib/apt/lists/*' --exclude='./var/log/*' \
        --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/info/*' \
        --exclude='./usr/share/locale/*' . | docker import --change 'CMD ["bash"]' - $base >/dev/null
    rm -rf "$work/base"
}

command -v docker >/dev/null || skip "there is no docker command" "./dev setup image"
docker info >/dev/null 2>&1 || start_engine
find_base

began=$SECONDS
revision=$(git rev-parse --short HEAD 2>/dev/null || true)
# The host's network: engines without a firewall of their own give a build no way out otherwise.
if ! DOCKER_BUILDKIT=0 docker build --network host --build-arg "REVISION=$revision" -t "$image" . >"$work/build.log" 2>&1; then
    tail -n 40 "$work/build.log"
    echo "the image does not build"
    exit 1
fi
echo "image built in $((SECONDS - began)) s, $(docker image inspect -f '{{.Size}}' "$image") bytes"
ADIT_IMAGE=$image python3 tests/image/image_test.py
