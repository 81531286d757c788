"""Optional: other engines that run notebooks, imported only when they are used."""
