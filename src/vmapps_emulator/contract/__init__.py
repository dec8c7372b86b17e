"""What a request may say: tables that are generated from Azure's own specification, and the walk that applies them."""
