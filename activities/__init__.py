"""What workflows call: every effect and every write of a run. Each class is built with its dependencies, as ports."""
