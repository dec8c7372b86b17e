"""LOAD: from a directory of manifests to checked declarations, or to every problem they have."""
