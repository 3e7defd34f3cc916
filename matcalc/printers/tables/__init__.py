"""The layer table: the network that a formula is, the deltas that go back, and each use of the variable."""
