"""Who is inside: counts, people, and the story of every decision."""
