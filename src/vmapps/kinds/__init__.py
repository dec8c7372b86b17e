"""DESCRIBE: one folder a kind, with its schema, its rules, its wire shapes. Nothing else knows a kind by name."""
