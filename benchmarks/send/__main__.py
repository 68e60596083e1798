"""`python -m benchmarks.send`."""

from benchmarks.send.run import main

if __name__ == "__main__":
    main()
