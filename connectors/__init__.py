"""Outside systems behind the ports of `contracts.ports`. Clients never retry, and are given values, never settings."""
