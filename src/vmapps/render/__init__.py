"""SHOW: values of the core in, text out. Nothing here reads, writes, asks or decides."""
