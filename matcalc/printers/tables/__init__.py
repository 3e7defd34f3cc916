"""The layer table: the network that a formula is, the deltas that go back through it, and each use of the variable."""
