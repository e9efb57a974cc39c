"""What the site adds to the pages: files of the root, the glossary, and that nothing is fetched."""

from __future__ import annotations

import logging
import posixpath
import re
from pathlib import Path
from typing import NamedTuple

import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from barograph.core.texts import keys, placeholders, text

ROOT = Path(__file__).parents[2]
SHARED = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "DATA_LICENSES.md": "data_licenses.md",
}
"""File of the root -> its page on the site."""
NOTEBOOKS = [f"notebooks/{path.name}" for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
"""Files of the root that the site hands out as they are, at the same place."""
GLOSSARY = "<!-- glossary -->"
ELSEWHERE = SHARED | dict(zip(NOTEBOOKS, NOTEBOOKS, strict=True))
"""File outside `docs` -> its place on the site."""
LINK = re.compile(r"(?<=\]\()([^)#\s:]+)(?=[)#])")

LOADED = re.compile(
    r"<(?:script|img|iframe|source|link)\b[^>]*?\b(?:src|href)=[\"']?((?:https?:)?//[^\"'\s>]+)"
)
LOG = logging.getLogger("mkdocs.plugins.site")
"""Of this name, so that `--strict` counts its warnings."""


class Term(NamedTuple):
    """A term and its meaning, in English and in Chinese."""

    name: str
    means: str
    named: str
    meant: str


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The files of the root become pages; notebooks are handed out."""
    for name in NOTEBOOKS:
        files.append(File(name, str(ROOT), config.site_dir, use_directory_urls=False))
    for name, page in SHARED.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links as they stand in the repository lead to the site's pages; the glossary gets its terms."""
    if GLOSSARY in markdown:
        markdown = markdown.replace(GLOSSARY, glossary())
    uri = page.file.src_uri
    at = "" if uri in SHARED.values() else posixpath.dirname(f"docs/{uri}")
    here = posixpath.dirname(uri)

    def led(link: re.Match[str]) -> str:
        place = posixpath.normpath(posixpath.join(at, link[0]))
        inside = place.removeprefix("docs/") if place.startswith("docs/") else ELSEWHERE.get(place)
        return link[0] if inside is None else posixpath.relpath(inside, here or ".")

    return LINK.sub(led, markdown)


def glossary() -> str:
    """Every term in both languages, a table per part; one that several parts tell stands in the first."""
    written = yaml.safe_load(Path(__file__).with_name("glossary.yaml").read_text(encoding="utf-8"))
    titles = written.pop("titles")
    terms = [(part, Term(*one)) for part, ones in written.items() for one in ones]
    stems = [key.removesuffix(".term") for key in keys() if key.endswith(".term")]
    terms += [(stem.split(".")[0], said(stem)) for stem in stems if not placeholders(f"{stem}.meaning")]
    parts: dict[str, list[Term]] = {}
    told: set[str] = set()
    for part, term in terms:
        if term.name not in told:
            parts.setdefault(part, []).append(term)
            told.add(term.name)
    return "\n".join(table(titles[part], ones) for part, ones in parts.items())


def said(stem: str) -> Term:
    """A term as the program's reports say it."""
    return Term(*(text(f"{stem}.{part}", lang) for lang in ("en", "zh") for part in ("term", "meaning")))


def table(title: str, terms: list[Term]) -> str:
    """One part of the glossary, in alphabetical order."""
    rows = [f"|{one.name}<br>{one.named}|{one.means}<br>{one.meant}|" for one in sorted(terms)]
    return "\n".join([f"## {title}\n", "|Term 术语|Meaning 含义|", "|---|---|", *rows, ""])


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """A page that would fetch something while it is read is a warning, and so an error."""
    for address in LOADED.findall(output):
        LOG.warning("%s would fetch %s", page.file.src_uri, address)
    return output
