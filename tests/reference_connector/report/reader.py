"""Reads a page as a browser's outline would: text, headings, links, ids, code, table rows; strict about nesting."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "br", "link", "img", "input", "hr"})
CLOSED = frozenset({"circle", "rect", "line", "path"})


@dataclass
class Page:
    words: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    id_list: list[str] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    attributes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return _joined(self.words)

    @property
    def ids(self) -> set[str]:
        return set(self.id_list)

    def code_starting(self, start: str) -> list[str]:
        return [code for code in self.code if code.startswith(start)]


class Reader(HTMLParser):
    """Collects; an element that is not closed in its turn is an error."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._open: list[str] = []
        self._parts: dict[int, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(tag, attrs)
        if tag not in VOID:
            self._open.append(tag)
            self._parts[len(self._open)] = []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in CLOSED, f"<{tag}/>"
        self._note(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1] == tag, f"</{tag}> inside {self._open}"
        content = _joined(self._parts.pop(len(self._open)))
        self._open.pop()
        if re.fullmatch("h[1-6]", tag):
            self.page.headings.append(content)
            self.page.levels.append(int(tag[1]))
        if tag == "code":
            self.page.code.append(content)
        if tag == "tr":
            self.page.rows.append(content)

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            return
        self.page.words.append(data)
        for parts in self._parts.values():
            parts.append(data)

    def close(self) -> None:
        super().close()
        assert self._open == [], f"not closed: {self._open}"

    def _note(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.tags.add(tag)
        for name, value in attrs:
            self.page.attributes.append((name, value or ""))
            if name == "href":
                self.page.links.append(value or "")
            if name == "id":
                self.page.id_list.append(value or "")


def read(content: str) -> Page:
    reader = Reader()
    reader.feed(content)
    reader.close()
    return reader.page


def _joined(parts: list[str]) -> str:
    return re.sub(r"\s+", " ", "".join(parts)).strip()
