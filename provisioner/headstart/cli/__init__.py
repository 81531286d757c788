"""The command line: `main` parses, one file a verb."""
