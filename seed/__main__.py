"""`python -m seed`: see `cli`."""

from seed.cli import main

main()
