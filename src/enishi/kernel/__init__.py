"""What everything stands on: time, text, ids, errors. No I/O, no import of the rest of Enishi."""
