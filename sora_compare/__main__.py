"""`python -m sora_compare …`."""

import sys

from sora_compare.cli import main

if __name__ == "__main__":
    sys.exit(main())
