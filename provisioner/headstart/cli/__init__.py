"""The command line: `main` finds the verb and calls it, `verbs` has one file a verb."""
