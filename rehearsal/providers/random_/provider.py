"""Random values, drawn as the real provider draws them. No cloud knows of them, so neither does the inventory."""

import base64
import secrets
import string
import uuid
from collections.abc import Callable
from typing import Any, ClassVar, Final

from rehearsal.providers.diff import Diff, changes
from rehearsal.providers.errors import CheckFailure, CloudError, UnknownTypeError
from rehearsal.providers.inventory import Inventory
from rehearsal.providers.provider import Created, Found, Operation, configuration_diff, preview_outputs, refuse_function
from rehearsal.providers.wire import Properties, Secret, plain

_SPECIAL: Final = "!@#$%&*()-_=+[]{}<>:?"
_BCRYPT: Final = "./" + string.ascii_letters + string.digits
_ADJECTIVES: Final = ("apt", "bold", "calm", "eager", "fair", "keen", "loyal", "neat", "prime", "sure", "true", "wise")
_ANIMALS: Final = ("bat", "cobra", "dove", "egret", "ferret", "gecko", "heron", "ibex", "koala", "lynx", "otter", "yak")
_TEXT_DEFAULTS: Final = {
    "lower": True,
    "upper": True,
    "numeric": True,
    "special": True,
    "minLower": 0,
    "minUpper": 0,
    "minNumeric": 0,
    "minSpecial": 0,
}
_random = secrets.SystemRandom()


def _text(inputs: Properties) -> str:
    given = {**_TEXT_DEFAULTS, **inputs}
    special = given.get("overrideSpecial") or _SPECIAL
    kinds = {
        "Lower": string.ascii_lowercase if given["lower"] else "",
        "Upper": string.ascii_uppercase if given["upper"] else "",
        "Numeric": string.digits if given["numeric"] else "",
        "Special": special if given["special"] else "",
    }
    alphabet = "".join(kinds.values())
    least = [_random.choice(letters) for kind, letters in kinds.items() for _ in range(given[f"min{kind}"]) if letters]
    if not alphabet or len(least) > given["length"]:
        raise CloudError(
            "the length must be at least the sum of the minimums, and one kind of character must be allowed"
        )
    drawn = least + [_random.choice(alphabet) for _ in range(given["length"] - len(least))]
    _random.shuffle(drawn)
    return "".join(drawn)


def _password(inputs: Properties) -> tuple[str, Properties]:
    # The hash has the form of bcrypt's and matches no password: nothing that is rehearsed logs in with it.
    digest = "$2a$10$" + "".join(_random.choice(_BCRYPT) for _ in range(53))
    return "none", {**_TEXT_DEFAULTS, "result": Secret(_text(inputs)), "bcryptHash": Secret(digest)}


def _string(inputs: Properties) -> tuple[str, Properties]:
    result = _text(inputs)
    return result, {**_TEXT_DEFAULTS, "result": result}


def _identifier(inputs: Properties) -> tuple[str, Properties]:
    drawn, prefix = secrets.token_bytes(inputs["byteLength"]), inputs.get("prefix", "")
    url = base64.urlsafe_b64encode(drawn).decode().rstrip("=")
    forms = {
        "b64Std": base64.b64encode(drawn).decode(),
        "b64Url": url,
        "dec": str(int.from_bytes(drawn, "big")),
        "hex": drawn.hex(),
    }
    return url, {key: prefix + form for key, form in forms.items()}


def _bytes(inputs: Properties) -> tuple[str, Properties]:
    drawn = secrets.token_bytes(inputs["length"])
    return "none", {"base64": Secret(base64.b64encode(drawn).decode()), "hex": Secret(drawn.hex())}


def _integer(inputs: Properties) -> tuple[str, Properties]:
    result = _random.randint(inputs["min"], inputs["max"])
    return str(result), {"result": result}


def _pet(inputs: Properties) -> tuple[str, Properties]:
    length, separator = inputs.get("length", 2), inputs.get("separator", "-")
    words = [_random.choice(_ADJECTIVES) for _ in range(length - 1)] + [_random.choice(_ANIMALS)]
    name = separator.join([*([inputs["prefix"]] if "prefix" in inputs else []), *words])
    return name, {"length": length, "separator": separator}


def _shuffle(inputs: Properties) -> tuple[str, Properties]:
    results = list(inputs["inputs"])
    _random.shuffle(results)
    return "-", {"results": results[: inputs.get("resultCount", len(results))]}


def _uuid(inputs: Properties) -> tuple[str, Properties]:
    result = str(uuid.uuid4())
    return result, {"result": result}


_DRAW: Final[dict[str, tuple[Callable[[Properties], tuple[str, Properties]], tuple[str, ...]]]] = {
    "random:index/randomBytes:RandomBytes": (_bytes, ("base64", "hex")),
    "random:index/randomId:RandomId": (_identifier, ("b64Std", "b64Url", "dec", "hex")),
    "random:index/randomInteger:RandomInteger": (_integer, ("result",)),
    "random:index/randomPassword:RandomPassword": (_password, ("result", "bcryptHash")),
    "random:index/randomPet:RandomPet": (_pet, ()),
    "random:index/randomShuffle:RandomShuffle": (_shuffle, ("results",)),
    "random:index/randomString:RandomString": (_string, ("result",)),
    "random:index/randomUuid:RandomUuid": (_uuid, ("result",)),
}


class RandomProvider:
    """Every input is fixed at creation: a change draws anew."""

    package: ClassVar[str] = "random"

    def configure(self, configuration: Properties) -> None:
        """There is nothing to configure."""

    def diff_config(self, old: Properties, new: Properties) -> Diff:
        return configuration_diff(old, new)

    def check(self, operation: Operation) -> tuple[Properties, list[CheckFailure]]:
        _rules(operation.type)
        return operation.inputs, []

    def diff(self, operation: Operation) -> Diff:
        found = changes(operation.old_inputs, operation.inputs)
        return Diff(changes=found, replaces=[change.path for change in found])

    def create(self, operation: Operation) -> Created:
        draw, computed = _rules(operation.type)
        if operation.preview:
            return Created("", preview_outputs(operation, dict[str, Any].fromkeys(computed)))
        identity, drawn = draw(plain(operation.inputs))
        return Created(identity, {**drawn, **operation.inputs})

    def read(self, operation: Operation) -> Found:
        return Found(operation.id, operation.old_inputs, operation.old_outputs)

    def update(self, operation: Operation) -> Properties:
        return {**operation.old_outputs, **operation.inputs}

    def delete(self, operation: Operation) -> None:
        """Leaving the state is all there is to it."""

    def invoke(self, token: str, arguments: Properties) -> Properties:
        raise refuse_function(self.package, token)


def _rules(resource_type: str) -> tuple[Callable[[Properties], tuple[str, Properties]], tuple[str, ...]]:
    if resource_type not in _DRAW:
        raise UnknownTypeError(
            f"the rehearsal does not know {resource_type}: add it to rehearsal/providers/random_/provider.py"
        )
    return _DRAW[resource_type]


def create(inventory: Inventory | None = None) -> RandomProvider:
    """As in every package; what is random is in no inventory."""
    return RandomProvider()
