"""Parts of addresses that may not be everything."""

from __future__ import annotations

from werkzeug.routing import BaseConverter


class Unreserved(BaseConverter):
    """`<but("schema"):key>`: anything but these words, which are siblings with an address of their own.

    Without it the address of a sibling would be one of the rest too, and `Allow` would promise methods that it has not.
    """

    def __init__(self, url_map: object, *reserved: str) -> None:
        super().__init__(url_map)  # type: ignore[arg-type]
        self.regex = rf"(?!(?:{'|'.join(reserved)})(?:/|$))[^/]+"
