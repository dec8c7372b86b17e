"""COMMAND: options in, exit codes out. Only this room knows that there is a command line, a terminal, a signal."""
