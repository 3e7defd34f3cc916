"""Is somebody's formula for a derivative right?  Reading it, comparing it, and finding the slip where it is wrong."""
