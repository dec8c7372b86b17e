"""`python -m vmapps`, and the command `vmapps`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    from vmapps.cli.main import leave, run

    leave(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
