"""`python -m benchmarks.ingest`."""

from benchmarks.ingest.run import main

if __name__ == "__main__":
    main()
