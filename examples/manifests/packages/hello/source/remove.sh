#!/bin/sh
# Takes the greeting away; the folder of the installed version is still there.
set -eu
rm -f /etc/motd
