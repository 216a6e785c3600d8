#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# One run by ranks on three machines, made of network namespaces with TCP between them; and what
# becomes of it when one of them is cut off.
set -euo pipefail
train=$1/bin/train
command -v mpirun >/dev/null && grep -q '^MPI_CXX_LIB_NAMES:STRING=.' "$1/CMakeCache.txt" || { echo "this build has no MPI"; exit 77; }
grep -q '^SOFTLABEL_CUDA:STRING=OFF' "$1/CMakeCache.txt" || { echo "for the cpu"; exit 77; }
data=${FASHION_MNIST:-/usr/share/datasets/fashion-mnist}

work=$(mktemp -d)
net=10.77.$((RANDOM % 200 + 20))
name=sl$$
clean_up() {
  for i in 1 2 3; do
    ip netns pids "$name-$i" 2>/dev/null | xargs -r kill -KILL 2>/dev/null || true
    ip netns del "$name-$i" 2>/dev/null || true
  done
  ip link del "$name" 2>/dev/null || true
  rm -rf "$work"
}
trap clean_up EXIT

may_make_networks() {
  [ "$(id -u)" = 0 ] && command -v ip && unshare --uts true && ip netns add "$name-0" && ip netns del "$name-0" &&
    ip link add "$name" type bridge && ip link del "$name" &&
    ip link add "$name" type veth peer name "${name}x" && ip link del "$name"
} >/dev/null 2>&1
may_make_networks || { echo "networks of namespaces cannot be made here"; exit 77; }

ip link add "$name" type bridge
ip link set "$name" up
for i in 1 2 3; do
  ip netns add "$name-$i"
  ip link add "$name$i" type veth peer name eth0 netns "$name-$i"
  ip link set "$name$i" master "$name" up
  ip -n "$name-$i" addr add "$net.$i/24" dev eth0
  ip -n "$name-$i" link set eth0 up
  ip -n "$name-$i" link set lo up
done
on() { ip netns exec "$name-$1" unshare --uts sh -c "hostname host$1; exec $2"; }
cat >"$work/agent" <<EOF
#!/bin/sh
# In the place of ssh: HOST COMMAND...
host=\${1##*.}; shift
exec ip netns exec $name-\$host unshare --uts sh -c "hostname host\$host; exec \$*"
EOF
chmod +x "$work/agent"

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
mpi="mpirun --mca plm_rsh_agent $work/agent --mca btl tcp,self --mca btl_tcp_if_include eth0 --mca oob_tcp_if_include eth0 \
  -x SOFTLABEL_RANK_TIMEOUT=5 -H $net.1,$net.2,$net.3 -np 3"
options="--dataset fashion-mnist --model resnet8 --train-limit 300 --val-limit 50 --threads 1 --batch-size 30"

on 1 "$mpi $train $options --epochs 2 --out $work/whole"
test -f "$work/whole/result.json"

on 1 "$mpi $train $options --epochs 500 --out $work/cut" >"$work/log" 2>&1 &
for _ in $(seq 600); do [ -e "$work/cut/last.safetensors" ] && break; sleep 0.1; done
ip link set "${name}3" down
# No rank is left on either side; what mpirun itself does without one of its machines is its own matter.
ranks_left() {
  for i in 1 2 3; do ip netns pids "$name-$i" | xargs -r ps -o comm= -p; done | grep -c '^train$' || true
}
for _ in $(seq 400); do [ "$(ranks_left)" = 0 ] && break; sleep 0.1; done
cat "$work/log"
[ "$(ranks_left)" = 0 ]
grep -q 'rank 0: rank 2 on host3 has been silent for 5 s' "$work/log"
[ ! -e "$work/cut/result.json" ]
kill -KILL $! 2>/dev/null || true
ip link set "${name}3" up
rows=$(wc -l <"$work/cut/epochs.csv")

# The same ranks, on one machine, go on with it.
mpirun --oversubscribe -np 3 "$train" $options --epochs 500 --out "$work/cut" >"$work/log" 2>&1 &
for _ in $(seq 600); do [ "$(wc -l <"$work/cut/epochs.csv")" -gt "$rows" ] && break; sleep 0.1; done
[ "$(wc -l <"$work/cut/epochs.csv")" -gt "$rows" ]
kill -TERM $!
wait $! || true
