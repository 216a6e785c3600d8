#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# data/fetch without a network: `curl` and `sha256sum` are replaced. The first gives files from
# $work/served, by their names; the second takes the same files for the official ones.
set -uo pipefail
fetch=$(dirname "${BASH_SOURCE[0]}")/../../data/fetch
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/bin" "$work/served" "$work/sound"
failures=0

cat >"$work/bin/curl" <<'EOT'
#!/usr/bin/env bash
# As curl -C - -o FILE URL does: goes on at FILE's end, says 416 where nothing is left.
while [ $# -gt 0 ]; do
  case $1 in
    -o) out=$2; shift ;;
    http*) url=$1 ;;
    -w | --retry | -C) shift ;;
  esac
  shift
done
echo "$url" >>"$WORK/asked"
from=$WORK/served/${url##*/}
case $url in $(cat "$WORK/down" 2>/dev/null || echo none)*) echo "curl: (6) Could not resolve host"; exit 6 ;; esac
[ -e "$from" ] || { echo "curl: (22) The requested URL returned error: 404"; printf 404; exit 22; }
had=$(stat -c %s "$out" 2>/dev/null || echo 0) all=$(stat -c %s "$from")
[ "$had" -lt "$all" ] || { echo "curl: (22) The requested URL returned error: 416"; printf 416; exit 22; }
tail -c +$((had + 1)) "$from" | head -c "${CUT:-1000000}" >>"$out"
[ -z "${CUT:-}" ] || { echo "curl: (18) transfer closed"; printf 200; exit 18; }
printf 200
EOT
cat >"$work/bin/sha256sum" <<'EOT'
#!/usr/bin/env bash
# The official sum for what is like a file of "sound", whose name that sum is; else nonsense.
content=$(mktemp) && cat >"$content"
for sound in "$WORK"/sound/*; do
  cmp -s "$sound" "$content" && { echo "$(basename "$sound")  -"; rm "$content"; exit; }
done
rm "$content"
echo "0000  -"
EOT
chmod +x "$work/bin/"*
export WORK=$work PATH=$work/bin:$PATH

# expect STATUS TEXT COMMAND...: the command ends so and says that, an error in one line.
expect() {
  local want=$1 text=$2 said status=0
  shift 2
  said=$("$@" 2>"$work/errors") || status=$?
  if [ $status != "$want" ] || [[ $said$(<"$work/errors") != *"$text"* ]] ||
    { [ "$want" = 1 ] && [ "$(wc -l <"$work/errors")" != 1 ]; }; then
    echo "FAILED: $* (status $status, should be $want, and say: $text)"
    echo "$said"
    cat "$work/errors"
    failures=$((failures + 1))
  fi
}
check() {
  "$@" || { echo "FAILED: $*"; failures=$((failures + 1)); }
}
serve() { # ARCHIVE SUM: what is in $work/in, as the official archive
  case $1 in
    *.zip) (cd "$work/in" && zip -qry "$work/served/$1" .) ;;
    *) tar -C "$work/in" -czf "$work/served/$1" "${@:3}" . ;;
  esac
  cp "$work/served/$1" "$work/sound/$2"
}
cifar10=c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd
to=$work/to

expect 0 "usage: data/fetch NAME" "$fetch" --help
expect 0 "cub200-2010" "$fetch" --list
expect 2 "usage:" "$fetch"
# A name is taken as it stands, not as a pattern or a part.
for name in mnist cifar cifar1. '.*' '(' 'fashion-mnist ' ' cifar10' 'cifar10  CIFAR-10' '' $'cifar10\ncifar100' -x; do
  expect 2 "there is no data set ${name@Q} to fetch; there are: fashion-mnist cifar10 cifar100 " "$fetch" "$name" "$to"
  check [ "$(wc -l <"$work/errors")" = 1 ]
done
check [ ! -e "$to" ]
touch "$work/file"
expect 1 "$work/file/in cannot be made" "$fetch" cifar10 "$work/file/in"
expect 1 "neither SOFTLABEL_DATA nor HOME is set" env -u HOME -u SOFTLABEL_DATA "$fetch" cifar10

# What is not as it should be is neither kept nor unpacked.
mkdir -p "$work/in/cifar-10-batches-bin"
echo pixels >"$work/in/cifar-10-batches-bin/test_batch.bin"
chmod 6755 "$work/in/cifar-10-batches-bin/test_batch.bin"
serve cifar-10-binary.tar.gz $cifar10
rm "$work/sound/$cifar10"
expect 1 "is not what it should be (SHA-256 $cifar10): nothing of it was kept" "$fetch" cifar10 "$to"
check [ -z "$(ls -A "$to")" ]
expect 1 "cannot be downloaded" "$fetch" cifar100 "$to"

# An interrupted download goes on; a part of another file is begun anew; what is whole is not.
serve cifar-10-binary.tar.gz $cifar10
CUT=50 expect 1 "cannot be downloaded (curl: (18) transfer closed): run this again" "$fetch" cifar10 "$to"
check [ "$(stat -c %s "$to/cifar-10-binary.tar.gz.part")" = 50 ]
expect 0 "is ready" "$fetch" cifar10 "$to"
check cmp "$work/in/cifar-10-batches-bin/test_batch.bin" "$to/cifar-10-batches-bin/test_batch.bin"
check [ ! -u "$to/cifar-10-batches-bin/test_batch.bin" ]
check [ ! -g "$to/cifar-10-batches-bin/test_batch.bin" ]
expect 0 "is there already" "$fetch" cifar10 "$to"
for part in "of another file" "$(head -c 5000 /dev/zero | tr '\0' x)"; do
  rm -rf "$to"; mkdir "$to"
  echo "$part" >"$to/cifar-10-binary.tar.gz.part"
  expect 0 "is ready" "$fetch" cifar10 "$to"
done
rm -rf "$to"; mkdir "$to"
cp "$work/served/cifar-10-binary.tar.gz" "$to/cifar-10-binary.tar.gz.part"
expect 0 "is ready" "$fetch" cifar10 "$to"
rm -rf "$to"; mkdir "$to"
echo "by hand" >"$to/cifar-10-binary.tar.gz"
: >"$work/asked"
expect 1 "should have SHA-256 $cifar10: remove it" "$fetch" cifar10 "$to"
check [ ! -s "$work/asked" ]

# Archives that lead elsewhere stay packed.
rm -rf "$to"
for name in ../out /tmp/softlabel-out cifar-10-batches-bin/../../out; do
  serve cifar-10-binary.tar.gz $cifar10 --absolute-names --transform "s,.*test_batch.bin,$name,"
  expect 1 "is not unpacked, as $name in it is a link or leads elsewhere" "$fetch" cifar10 "$to"
  rm -rf "$to"
done
ln -s /etc "$work/in/cifar-10-batches-bin/etc"
serve cifar-10-binary.tar.gz $cifar10
expect 1 "in it is a link or leads elsewhere" "$fetch" cifar10 "$to"
rm "$work/in/cifar-10-batches-bin/etc"

# The edition of 2010 is two archives, from the second place where the first is gone.
rm -rf "$to" "$work/in"; mkdir -p "$work/in/images/a b"
echo bird >"$work/in/images/a b/1.jpg"
serve images.tgz 2a6d2246bbb9778ca03aa94e2e683ccb4f8821a36b7f235c0822e659d60a803e
rm -rf "$work/in"; mkdir -p "$work/in/lists"
echo "a b/1.jpg" >"$work/in/lists/train.txt"
serve lists.tgz aeacbd5e3539ae84ea726e8a266a9a119c18f055cd80f3836d5eb4500b005428
echo https >"$work/down"
expect 0 "CUB_200_2010/lists is ready" "$fetch" cub200-2010 "$to"
check [ -f "$to/CUB_200_2010/images/a b/1.jpg" -a -f "$to/CUB_200_2010/lists/train.txt" ]
rm "$work/down"

# Fashion-MNIST is four files that stay as they are.
while read -r file sum; do
  echo "$file" >"$work/served/$file-ubyte.gz"
  cp "$work/served/$file-ubyte.gz" "$work/sound/$sum"
done <<EOT
train-images-idx3 3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84
train-labels-idx1 a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845
t10k-images-idx3 346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073
t10k-labels-idx1 67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5
EOT
expect 0 "fashion-mnist is ready" "$fetch" fashion-mnist "$to"
check [ "$(find "$to/fashion-mnist" -type f | wc -l)" = 4 ]

if command -v zip >/dev/null && command -v unzip >/dev/null; then
  rm -rf "$work/in"; mkdir -p "$work/in/tiny-imagenet-200"
  echo n01 >"$work/in/tiny-imagenet-200/wnids.txt"
  serve tiny-imagenet-200.zip 6198c8ae015e2b3e007c7841da39ec069199b9aa3bfa943a462022fe5e43c821
  expect 0 "tiny-imagenet-200 is ready" "$fetch" tiny-imagenet "$to"
  check [ -f "$to/tiny-imagenet-200/wnids.txt" ]
  rm -rf "$to" "$work/served/"*.zip
  ln -s /etc "$work/in/tiny-imagenet-200/etc"
  serve tiny-imagenet-200.zip 6198c8ae015e2b3e007c7841da39ec069199b9aa3bfa943a462022fe5e43c821
  expect 1 "in it is a link or leads elsewhere" "$fetch" tiny-imagenet "$to"
fi
[ $failures = 0 ]
