"""`python -m benchmarks.journeys`."""

from benchmarks.journeys.run import main

if __name__ == "__main__":
    main()
