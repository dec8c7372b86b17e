"""SPEAK: the only room that knows Azure's wire. Nothing here imports the SDK until it is needed."""
