"""The container's entry point: `python -m serving [serve]`, with or without the platform's argument."""

import sys

from serving import supervisor


def main(arguments: list[str]) -> int:
    """Run the server until it is told to stop, and return the container's exit code."""
    if arguments not in ([], ["serve"]):
        sys.stderr.write(f"usage: python -m serving [serve]; got: {' '.join(arguments)}\n")
        return 2
    return supervisor.main()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
