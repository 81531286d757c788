"""What the store holds, as values: manifests, parts, keys, receipts, and what is removed."""
