#!/bin/sh
# Greets whoever signs in.
set -eu
install -m 0644 hello.txt /etc/motd
