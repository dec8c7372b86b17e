"""Azure Resource Graph: a small subset of the Kusto query language over what the emulator holds.

Everything outside the subset is refused with 400 and names what was not understood; nothing is half done.
"""
