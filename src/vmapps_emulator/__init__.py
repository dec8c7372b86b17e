"""A local Azure Resource Manager for galleries, VM applications and virtual machines."""
