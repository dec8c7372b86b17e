"""The planner's stages, each its own file: resources and machines are decided, then linked, then arranged."""
