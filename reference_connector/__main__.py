"""`python -m reference_connector` is the command `connector`."""

from reference_connector.cli import main

if __name__ == "__main__":
    main()
