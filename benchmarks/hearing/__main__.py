"""`python -m benchmarks.hearing`."""

from benchmarks.hearing.run import main

if __name__ == "__main__":
    main()
