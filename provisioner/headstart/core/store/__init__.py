"""The store's content as values: manifests, parts, keys, receipts, and what is removed."""
