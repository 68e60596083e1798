"""`python -m benchmarks.segments`."""

from benchmarks.segments.run import main

if __name__ == "__main__":
    main()
