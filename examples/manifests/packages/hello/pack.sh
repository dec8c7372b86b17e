#!/bin/sh
# Packs one version so that the same input gives the same bytes: sh pack.sh 1.1.0 "Hello again"
set -eu
cd "$(dirname "$0")"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp source/*.sh "$folder"
printf '%s\n' "$2" > "$folder/hello.txt"
tar --sort=name --mtime='2026-01-01 00:00:00Z' --owner=0 --group=0 --numeric-owner --mode='u=rwX,go=rX' \
    -cf - -C "$folder" hello.txt install.sh remove.sh | gzip -9n > "hello-$1.tar.gz"
