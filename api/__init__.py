"""The API: GraphQL for the app, REST `/api/v1` for everyone else, live events, and the app's own files.

`app.py` composes it; `operations.py` holds what both faces can do; `relay.py` tells Temporal what the outbox holds.
"""
