"""Dashboards as Grafana's JSON, by the builders of its own SDK."""

import json

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as models

from dashboards.layout import TAG, Dashboard, Place, placed
from dashboards.panels import Query
from dashboards.scope import scoped
from dashboards.variables import Given, Typed, Variable
from dashboards.visualizations import built, source_of

ALL = "$__all"
"""How Grafana calls the option `All`."""


def rendered(dashboard: Dashboard, titles: dict[str, str]) -> str:
    """The JSON of a dashboard, compact, its keys in order. `titles` are those of all dashboards, by uid."""
    builder = (
        builders.Dashboard(dashboard.title)
        .uid(dashboard.uid)
        .description(dashboard.description)
        .tags([TAG, *dashboard.tags])
        .readonly()
        .timezone("browser")
        .time(dashboard.span, "now")
        .refresh(dashboard.refresh)
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .variables([_variable(one) for one in dashboard.variables])
        .links([*(_related(uid, titles[uid]) for uid in dashboard.related), _others()])
        .annotations([_annotation(name, query) for name, query in dashboard.annotations.items()])
    )
    _add_rows(builder, dashboard)
    return (
        json.dumps(builder.build(), cls=JSONEncoder, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
    )


def _add_rows(builder: builders.Dashboard, dashboard: Dashboard) -> None:
    """Panels of a folded row are inside it, those of an open one follow it: so Grafana keeps them."""
    number = 0
    for one in placed(dashboard):
        number += 1
        heading = builders.Row(one.row.title).id(number).grid_pos(_position(one.place))
        if one.row.repeat:
            heading.repeat(one.row.repeat)
        panels: list[builders.Panel] = []
        for panel, place in one.panels:
            number += 1
            panels.append(built(panel).id(number).grid_pos(_position(place)))
        for panel in panels if one.row.collapsed else []:
            heading.with_panel(panel)
        builder.with_row(heading)
        for panel in panels if not one.row.collapsed else []:
            builder.with_panel(panel)


def _position(place: Place) -> models.GridPos:
    return models.GridPos(x=place.x, y=place.y, w=place.width, h=place.height)


def _variable(
    variable: Variable | Typed | Given,
) -> builders.QueryVariable | builders.TextBoxVariable | builders.ConstantVariable:
    if isinstance(variable, Given):
        given = builders.ConstantVariable(variable.name).label(variable.label).description(variable.description)
        return given.value(variable.example)
    if isinstance(variable, Typed):
        typed = builders.TextBoxVariable(variable.name).label(variable.label).description(variable.description)
        return typed.default_value(variable.default).current(
            models.VariableOption(selected=True, text=variable.default, value=variable.default)
        )
    asked: dict[str, object] = {"query": variable.query, "refId": variable.name}
    return (
        builders.QueryVariable(variable.name)
        .label(variable.label)
        .description(variable.description)
        .datasource(source_of(variable.source))
        .query(asked if variable.source == "prometheus" else variable.query)
        .current(models.VariableOption(selected=True, text=["All"], value=[ALL]))
        .multi(True)
        .include_all(True)
        .all_value(variable.everything)
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_ASC)
    )


def _related(uid: str, title: str) -> builders.DashboardLink:
    link = builders.DashboardLink(title).type(models.DashboardLinkType.LINK).url(f"/d/{uid}").icon("dashboard")
    return link.include_vars(True).keep_time(True)


def _others() -> builders.DashboardLink:
    link = builders.DashboardLink("All dashboards").type(models.DashboardLinkType.DASHBOARDS).tags([TAG])
    return link.as_dropdown(True).include_vars(True).keep_time(True).icon("external link")


def _annotation(name: str, query: Query) -> builders.AnnotationQuery:
    annotation = builders.AnnotationQuery().name(name).datasource(source_of("prometheus")).enable(True)
    return annotation.icon_color("purple").expr(scoped(query.expression))
