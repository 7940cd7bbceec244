"""Learning: how sure an agent may be. Pure functions; nothing here reads, writes or asks the clock."""
