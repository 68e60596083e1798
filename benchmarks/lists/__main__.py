"""`python -m benchmarks.lists`."""

from benchmarks.lists.run import main

if __name__ == "__main__":
    main()
