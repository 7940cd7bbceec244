"""Who is there: secrets, sessions and what they allow. Given values; stores nothing itself."""
