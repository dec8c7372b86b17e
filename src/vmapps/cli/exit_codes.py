"""The exit codes (product.md); 0/1/2 mean what they mean for Terraform."""

from __future__ import annotations

DONE = 0
ERROR = 1
"""An error; nothing was changed."""
CHANGES = 2
"""`plan --detailed-exitcode` with something to do, or drift."""
PARTIAL = 3
"""Something was changed, and something did not succeed."""
UNUSABLE = 4
"""The saved plan cannot be used; nothing was changed."""
REFUSED = 5
"""A safety guard says no; nothing was changed."""
USAGE = 64
SIGNALLED = 128
"""Plus the signal's number: 130 for SIGINT, 143 for SIGTERM."""
