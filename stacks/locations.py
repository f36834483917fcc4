"""Where in a file a problem is: pydantic's location, as the keys that the user wrote and the models that they mean."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Location = Sequence[int | str]

KEY_ITSELF = "[key]"
"""What pydantic adds to the location of a key that is wrong as such."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """What may stand at a place."""

    annotation: Any
    """A model, a mapping, a list or a plain type."""

    tag: str | None = None
    """The key that tells models of a union from each other, where it is one."""

    @property
    def model(self) -> type[BaseModel] | None:
        """The model, if it is one."""
        is_model = isinstance(self.annotation, type) and issubclass(self.annotation, BaseModel)
        return self.annotation if is_model else None

    @property
    def tag_value(self) -> str | None:
        """What the key says of this model."""
        return get_args(self.model.model_fields[self.tag].annotation)[0] if self.model and self.tag else None


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a location leads."""

    keys: Sequence[str]
    """As the user wrote them."""

    options: Sequence[Option]
    """What may stand there."""

    choices: Sequence[tuple[int, Sequence[str]]] = field(default_factory=list[tuple[int, Sequence[str]]])
    """Positions in the location of what tells models of a union from each other, and what it might be."""

    @property
    def fields(self) -> dict[str, FieldInfo]:
        """Fields of the models, by the keys of the file."""
        return {name: one for option in self.options if option.model for name, one in as_written(option.model).items()}

    @property
    def tags(self) -> list[str]:
        """What tells the models from each other."""
        return [value for option in self.options if (value := option.tag_value) is not None]


def find(location: Location, models: Sequence[type[BaseModel]]) -> Place:
    """Follows a location from the models of the file, which are a union on `cloud` where there are several."""
    options = [Option(annotation=model, tag="cloud" if len(models) > 1 else None) for model in models]
    keys: list[str] = []
    choices: list[tuple[int, Sequence[str]]] = []
    for index, part in enumerate(location):
        chosen = [option for option in options if option.tag_value == part]
        if chosen:
            choices.append((index, [value for option in options if (value := option.tag_value) is not None]))
            options = [Option(annotation=option.annotation) for option in chosen]
        elif part != KEY_ITSELF and not _is_of_union(part, options):
            keys.append(str(part))
            options = [inner for option in options for inner in _inside(option, part)] or options
    return Place(keys=keys, options=options, choices=choices)


def as_written(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Fields of a model by the keys of the file, which may have hyphens."""
    return {one.alias or name: one for name, one in model.model_fields.items()}


def _is_of_union(part: int | str, options: Sequence[Option]) -> bool:
    """Whether a part only says which member of a union did not fit, such as `literal['a','b']`."""
    return isinstance(part, str) and "[" in part and len(options) > 1 and not any(option.model for option in options)


def _inside(option: Option, part: int | str) -> Iterator[Option]:
    if option.model is not None:
        held = as_written(option.model).get(str(part))
        if held is not None:
            yield from _flat(held.annotation, _text(held.discriminator))
        return
    arguments = get_args(option.annotation)
    if len(arguments) == 2 and get_origin(option.annotation) is not tuple:
        yield from _flat(arguments[1])
    elif arguments:
        yield from _flat(arguments[0])


def _flat(annotation: Any, tag: str | None = None) -> Iterator[Option]:
    """The members of a union, each with the key that tells it from the others."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        told = [text for one in arguments[1:] if isinstance(one, FieldInfo) and (text := _text(one.discriminator))]
        yield from _flat(arguments[0], told[0] if told else tag)
    elif origin in (Union, UnionType):
        for one in arguments:
            yield from _flat(one, tag)
    else:
        yield Option(annotation=annotation, tag=tag)


def _text(discriminator: object) -> str | None:
    return discriminator if isinstance(discriminator, str) else None
