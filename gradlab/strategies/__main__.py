"""Print how often each feature is drawn: ``python -m gradlab.strategies``."""

from gradlab.strategies._census import census, table

if __name__ == "__main__":
    print(table(census()))  # noqa: T201 - this is a command
