"""`python -m benchmarks.live`."""

from benchmarks.live.run import main

if __name__ == "__main__":
    main()
