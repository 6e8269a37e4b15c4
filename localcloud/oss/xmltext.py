"""XML in and out: small trees, no namespaces, text with hostile characters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from localcloud.oss.errors import malformed_xml

DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
MAX_BODY_BYTES = 2 * 1024 * 1024


class Node:
    """An element under construction: a name and, in order, children or text."""

    def __init__(self, name: str, *children: Node | tuple[str, str]) -> None:
        self._element = ET.Element(name)
        self.extend(children)

    def add(self, child: Node | tuple[str, str]) -> Node:
        """Appends an element, or a name and its text; returns self."""
        if isinstance(child, Node):
            self._element.append(child._element)
        else:
            name, text = child
            ET.SubElement(self._element, name).text = text
        return self

    def extend(self, children: Iterable[Node | tuple[str, str]]) -> Node:
        """Appends several; returns self."""
        for child in children:
            self.add(child)
        return self

    @classmethod
    def of_text(cls, name: str, text: str) -> Node:
        """An element that holds text and nothing else."""
        node = cls(name)
        node._element.text = text
        return node

    def encode(self) -> bytes:
        """The document, with its declaration, in UTF-8.

        Characters that XML cannot carry (from a hostile header or key) become U+FFFD.
        """
        text = ET.tostring(self._element, encoding="unicode", short_empty_elements=False)
        return DECLARATION + _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text).encode()


def parse(body: bytes, root: str) -> ET.Element:
    """Parses a request's body.

    Args:
        body: The bytes as received.
        root: The name that the root element must have.

    Raises:
        OssError: MalformedXML, for bytes that are not XML, declare entities, or have another root.
    """
    try:
        element = fromstring(body, forbid_dtd=True)
    except (ET.ParseError, DefusedXmlException, ValueError) as fault:
        raise malformed_xml() from fault
    for node in element.iter():
        # Some clients send the S3 namespace; the service ignores it.
        node.tag = node.tag.rpartition("}")[2]
    if element.tag != root:
        raise malformed_xml()
    found: ET.Element = element
    return found


def text_of(element: ET.Element, name: str) -> str | None:
    """The stripped text of a child, or None when there is no such child."""
    text = raw_text_of(element, name)
    return None if text is None else text.strip()


def raw_text_of(element: ET.Element, name: str) -> str | None:
    """The text of a child with its spaces, which belong to a key, or None."""
    child = element.find(name)
    return None if child is None else child.text or ""
