"""`python -m byocgen`."""

from byocgen.cli import main

if __name__ == "__main__":
    main()
