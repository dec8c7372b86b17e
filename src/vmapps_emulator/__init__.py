"""A local ARM endpoint for Microsoft.Compute galleries, gallery applications, versions and virtual machines.

It shares no code with ``vmapps``: what the tool believes about Azure and what this emulator does were read from
the same recordings by different hands. Guesses are marked ``guess:`` where they are made.
"""
