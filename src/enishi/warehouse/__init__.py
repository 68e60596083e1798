"""Set questions: engines, tables, history, and the door through which others ask."""
