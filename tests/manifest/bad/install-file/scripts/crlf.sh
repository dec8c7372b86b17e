#!/bin/sh
tar -xzf nginx.tar.gz
