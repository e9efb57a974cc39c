"""What the site adds to the pages: files of the repository's root and links to them. Nothing may be fetched."""

from __future__ import annotations

import logging
import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
SHARED = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "DATA_LICENSES.md": "data_licenses.md",
}
"""File of the root -> its page on the site."""
LINK = re.compile(r"(?<=\]\()([^)#\s:]+)(?=[)#])")

LOADED = re.compile(
    r"<(?:script|img|iframe|source|link)\b[^>]*?\b(?:src|href)=[\"']?((?:https?:)?//[^\"'\s>]+)"
)
LOG = logging.getLogger("mkdocs.plugins.site")
"""Of this name, so that `--strict` counts its warnings."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The files of the root become pages."""
    for name, page in SHARED.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links as they stand in the repository lead to the site's pages; a file without one to its path."""
    uri = page.file.src_uri
    at = "" if uri in SHARED.values() else posixpath.dirname(f"docs/{uri}")
    here = posixpath.dirname(uri)

    def led(link: re.Match[str]) -> str:
        place = posixpath.normpath(posixpath.join(at, link[0]))
        inside = place.removeprefix("docs/") if place.startswith("docs/") else SHARED.get(place)
        return link[0] if inside is None else posixpath.relpath(inside, here or ".")

    return LINK.sub(led, markdown)


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """A page that would fetch something while it is read is a warning, and so an error."""
    for address in LOADED.findall(output):
        LOG.warning("%s would fetch %s", page.file.src_uri, address)
    return output
