"""From a live world back to manifests: what is taken, what entries may refer to, which machines go together. Pure."""
