"""REST `/api/v1`, for programs."""
