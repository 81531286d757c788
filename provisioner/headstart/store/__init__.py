"""The only place that writes the store: leases, builds, publishing, removal."""
