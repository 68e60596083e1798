"""What recipients see and send back: links, openings, answers, wishes, hooks of providers."""
