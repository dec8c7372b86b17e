#!/bin/sh
set -e
tar -xzf base.tar.gz
sh ./install.sh
