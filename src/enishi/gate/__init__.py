"""May we? Refusals, holds and the decision before every contact."""
