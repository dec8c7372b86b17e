"""DECIDE: values and pure functions. No I/O, no clock, no log, no Azure, no YAML."""
