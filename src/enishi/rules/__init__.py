"""The one language: parse, check, evaluate, compile, describe."""
