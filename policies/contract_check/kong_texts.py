"""What Kong asks of texts in its configuration, by the names that its schema has for it.

Source: kong/db/schema/typedefs.lua of Kong/kong at 3.9.3. Its regular expressions are those of PCRE: what only that one
takes, or refuses, is not seen.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import unquote, urlsplit

_NAME = re.compile(r"([A-Za-z0-9_-]*[A-Za-z0-9_]\.)*[A-Za-z0-9_-]*[A-Za-z0-9_]\.?")
_PATH = re.compile(r"/[A-Za-z0-9._~/%:@!$&'()*+,;=-]*")
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_|~-]+")
_HEADER = re.compile(r"[A-Za-z0-9_-]+")
_PEM = re.compile(
    r"\s*-----BEGIN ((RSA )?(PUBLIC|PRIVATE) KEY|EC PRIVATE KEY)-----\s[A-Za-z0-9+/=\s]+-----END \1-----\s*"
)


def _full(pattern: str, problem: str) -> Callable[[str], str | None]:
    compiled = re.compile(pattern)
    return lambda text: None if compiled.fullmatch(text) else problem


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True


def _is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None and not _is_address(text)


def _host(text: str) -> str | None:
    if _is_address(text) or _is_name(text):
        return None
    return "has a port" if re.fullmatch(r".+:[0-9]+", text) else "is no host"


def _name(text: str) -> str | None:
    if _is_address(text):
        return "is an address, and no name"
    return _host(text)


def _host_and_port(text: str) -> str | None:
    host, colon, port = text.rpartition(":")
    if _host(text) is None or (colon and port.isdigit() and int(port) <= 65535 and _host(host) is None):
        return None
    return "is no host"


def _host_with_wildcards(text: str) -> str | None:
    return _host_and_port(text.replace("*", "abc"))


def _wildcard_host(text: str) -> str | None:
    if text.count("*") > 1:
        return "has more than one *"
    if "*" in text[1:-1]:
        return "has a * that is neither first nor last"
    return _name(text.replace("*", "wildcard"))


def _path(text: str) -> str | None:
    if not _PATH.fullmatch(text):
        return "has characters that an address does not"
    return "has a % without two digits" if _PERCENT.search(text) else None


def _router_path(text: str) -> str | None:
    if text.startswith("~"):
        return _regex(text[1:])
    if problem := _path(text):
        return problem
    plain = [code for code in re.findall(r"%[0-9A-Fa-f]{2}", text) if re.fullmatch(r"[A-Za-z0-9._~-]", unquote(code))]
    lower = [code for code in re.findall(r"%[0-9A-Fa-f]{2}", text) if code != code.upper()]
    return "is not normalized" if plain or lower or re.search(r"/\.{1,2}(/|$)", text) else None


def _regex(text: str) -> str | None:
    try:
        re.compile(text)
    except re.error as error:
        return f"is no regular expression: {error}"
    return None


def _origin(text: str) -> str | None:
    return None if text == "*" else _regex(text)


def _block(text: str) -> str | None:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return "is no address and no block"
    return None


def _url(text: str) -> str | None:
    try:
        parts = urlsplit(text)
    except ValueError:
        return "is no address of the web"
    return None if parts.scheme and parts.hostname else "is no address with a scheme and a host"


def _name_and_value(text: str) -> str | None:
    name, _, value = text.partition(":")
    return None if name and value else "is no name:value"


def _header_and_value(text: str) -> str | None:
    return _header(text.partition(":")[0])


def _two_headers(text: str) -> str | None:
    old, _, new = text.partition(":")
    return _header(old) or _header(new)


def _header(text: str) -> str | None:
    return None if _HEADER.fullmatch(text) else "is no name of a header"


CHECKS: Final[Mapping[str, Callable[[str], str | None]]] = {
    "cookie_name": lambda text: None if _TOKEN.fullmatch(text) else "is no name of a cookie",
    "header_and_value": _header_and_value,
    "header_name": _header,
    "host": _host,
    "host_with_optional_port": _host_and_port,
    "host_with_wildcards": _host_with_wildcards,
    "ip_or_cidr": _block,
    "name_and_value": _name_and_value,
    "origin": _origin,
    "path": _path,
    "pem": lambda text: None if _PEM.fullmatch(text) else "is no key in PEM",
    "regex": _regex,
    "router_path": _router_path,
    "sni": _name,
    "tag": _full("[ \x21-\x2b\x2d\x2e\x30-\x7e\x80-\U0010ffff]+", "is no tag: printable, and no comma or slash"),
    "target": _host_and_port,
    "two_headers": _two_headers,
    "upstream_name": _name,
    "url": _url,
    "utf8_name": _full("[A-Za-z0-9._~\\-\x80-\U0010ffff]+", "is no name: letters, digits, and . - _ ~"),
    "uuid": _full(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "is no UUID"),
    "wildcard_host": _wildcard_host,
}
"""What is wrong with a text, by the name of the check; None where nothing is."""
