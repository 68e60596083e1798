"""Ways in: by segment, event, date, schedule, list and by hand."""
