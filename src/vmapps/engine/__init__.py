"""ACT: observe the world, perform the steps of a plan. Knows no kind by name and no SDK."""
