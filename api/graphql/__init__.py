"""GraphQL, for the app: `schema.py` assembles, `types.py` shapes, `loaders.py` batches."""
