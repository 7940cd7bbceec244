"""What crosses a boundary: the workflow language, proposals, decisions, runs and ports. Pure: no I/O, no clock."""
