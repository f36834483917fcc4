"""Each kind of panel by the SDK's builder: how it draws, which queries it sends, what it does with their results."""

from collections.abc import Sequence
from typing import Any

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    gauge,
    heatmap,
    logs,
    loki,
    nodegraph,
    prometheus,
    stat,
    statetimeline,
    table,
    timeseries,
)
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import common as styles
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import loki as loki_models
from grafana_foundation_sdk.models import prometheus as prometheus_models

from dashboards.panels import Panel, Query, Source, Threshold
from dashboards.scope import scoped

MOST_LINES = 500
"""Lines that a panel of logs asks for."""


def built(panel: Panel) -> Any:
    """The builder of a panel, without its number and place."""
    builder = _drawn(panel)
    builder.title(panel.title).description(panel.description).datasource(source_of(panel.source))
    if panel.kind != "logs":
        builder.unit(panel.unit)
    if panel.thresholds:
        builder.thresholds(_thresholds(panel.thresholds))
    if panel.minimum is not None:
        builder.min(panel.minimum)
    if panel.maximum is not None:
        builder.max(panel.maximum)
    if panel.decimals is not None:
        builder.decimals(panel.decimals)
    if panel.mappings:
        builder.mappings([_mapping(panel)])
    if panel.no_value is not None:
        builder.no_value(panel.no_value)
    if panel.corner:
        builder.links([_link(one.title, one.url) for one in panel.corner])
    if panel.links:
        builder.data_links([_link(one.title, one.url) for one in panel.links])
    return builder.targets([_target(panel, number) for number in range(len(panel.queries))])


def source_of(source: Source) -> models.DataSourceRef:
    """A data source by its type and uid, which are the same word."""
    return models.DataSourceRef(type_val=source, uid=source)


def ref_of(panel: Panel, number: int) -> str:
    """Name of a query in its panel. A node graph knows its two tables by theirs."""
    return ("nodes", "edges")[number] if panel.kind == "nodeGraph" else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[number]


def _drawn(panel: Panel) -> Any:
    match panel.kind:
        case "timeseries":
            return _lines(panel)
        case "stat":
            shown = styles.BigValueGraphMode.AREA if len(panel.queries) == 1 else styles.BigValueGraphMode.NONE
            builder = stat.Panel().graph_mode(shown).reduce_options(_last())
            return builder.color_mode(styles.BigValueColorMode.VALUE).wide_layout(False)
        case "gauge":
            return gauge.Panel().reduce_options(_last()).show_threshold_markers(True)
        case "bargauge":
            builder = bargauge.Panel().reduce_options(_last()).orientation(styles.VizOrientation.HORIZONTAL)
            return builder.display_mode(styles.BarGaugeDisplayMode.GRADIENT)
        case "table":
            return _table(panel)
        case "heatmap":
            builder = heatmap.Panel().calculate(False).y_axis(heatmap.YAxisConfig().unit(panel.unit))
            return builder.cell_values(heatmap.CellValues().unit("reqps")).show_color_scale(True)
        case "statetimeline":
            return statetimeline.Panel().merge_values(True).show_value(styles.VisibilityMode.NEVER).row_height(0.8)
        case "nodeGraph":
            return _node_graph(panel)
        case "logs":
            builder = logs.Panel().show_time(True).wrap_log_message(True).enable_log_details(True)
            return builder.sort_order(styles.LogsSortOrder.DESCENDING)


def _lines(panel: Panel) -> timeseries.Panel:
    legend = common.VizLegendOptions().show_legend(panel.legend != "hidden").placement(styles.LegendPlacement.BOTTOM)
    if panel.legend == "table":
        legend.display_mode(styles.LegendDisplayMode.TABLE).calcs(["mean", "max", "lastNotNull"])
        legend.placement(styles.LegendPlacement.RIGHT)
    else:
        legend.display_mode(styles.LegendDisplayMode.LIST).calcs([])
    tooltip = common.VizTooltipOptions().mode(styles.TooltipDisplayMode.MULTI).sort(styles.SortOrder.DESCENDING)
    builder = timeseries.Panel().legend(legend).tooltip(tooltip).line_width(1)
    builder.fill_opacity(30 if panel.stacked else 8).show_points(styles.VisibilityMode.NEVER)
    if panel.stacked:
        builder.stacking(common.StackingConfig().mode(styles.StackingMode.NORMAL))
    if panel.thresholds:
        dashed = common.GraphThresholdsStyleConfig().mode(styles.GraphThresholdsStyleMode.DASHED)
        builder.thresholds_style(dashed)
    return builder


def _table(panel: Panel) -> table.Panel:
    builder = table.Panel().filterable(True).cell_height(styles.TableCellHeight.SM)
    assert panel.columns is not None
    values = {_value_of(panel, number): query.legend for number, query in enumerate(panel.queries)}
    headers = {**panel.columns, **values}
    order = {name: number for number, name in enumerate(headers)}
    builder.with_transformation(models.DataTransformerConfig(id_val="merge", options={}))
    chosen = {"include": {"names": list(headers)}}
    builder.with_transformation(models.DataTransformerConfig(id_val="filterFieldsByName", options=chosen))
    arranged = {"indexByName": order, "renameByName": headers, "excludeByName": {}}
    builder.with_transformation(models.DataTransformerConfig(id_val="organize", options=arranged))
    for query in panel.queries:
        properties = _column(query)
        if properties:
            builder.override_by_name(query.legend, properties)
    if panel.sort_by:
        builder.sort_by([common.TableSortByFieldState().display_name(panel.sort_by).desc(True)])
    return builder


def _value_of(panel: Panel, number: int) -> str:
    """How Grafana calls the value of a query in a table: Prometheus by the query's name where there are several, Loki
    always.
    """
    return "Value" if panel.source == "prometheus" and len(panel.queries) == 1 else f"Value #{ref_of(panel, number)}"


def _column(query: Query) -> list[models.DynamicConfigValue]:
    found: list[models.DynamicConfigValue] = []
    if query.unit:
        found.append(models.DynamicConfigValue(id_val="unit", value=query.unit))
    if query.thresholds:
        steps = _thresholds(query.thresholds).build()
        found.append(models.DynamicConfigValue(id_val="thresholds", value=steps))
        found.append(models.DynamicConfigValue(id_val="custom.cellOptions", value={"type": "color-text"}))
    return found


def _node_graph(panel: Panel) -> nodegraph.Panel:
    """The value of each table is what stands in a node, or on an edge."""
    options = {"regex": "^Value.*", "renamePattern": "mainstat"}
    named = models.DataTransformerConfig(id_val="renameByRegex", options=options)
    builder = nodegraph.Panel().nodes(nodegraph.NodeOptions().main_stat_unit(panel.unit))
    return builder.edges(nodegraph.EdgeOptions().main_stat_unit(panel.unit)).with_transformation(named)


def _last() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"])


def _target(panel: Panel, number: int) -> prometheus.Dataquery | loki.Dataquery:
    query = panel.queries[number]
    if panel.source == "loki":
        return _loki(panel, query, ref_of(panel, number))
    target = prometheus.Dataquery().expr(scoped(query.expression)).ref_id(ref_of(panel, number))
    target.datasource(source_of(panel.source)).editor_mode(prometheus_models.QueryEditorMode.CODE)
    if panel.kind in {"table", "nodeGraph"}:
        return target.instant().format(prometheus_models.PromQueryFormat.TABLE)
    if panel.kind in {"gauge", "bargauge"}:
        return target.instant().legend_format(query.legend)
    if panel.kind == "heatmap":
        return target.range().format(prometheus_models.PromQueryFormat.HEATMAP).legend_format("{{le}}").exemplar(True)
    return target.range().legend_format(query.legend).exemplar(query.exemplars)


def _loki(panel: Panel, query: Query, ref: str) -> loki.Dataquery:
    target = loki.Dataquery().expr(query.expression).ref_id(ref).datasource(source_of("loki"))
    target.query_type("instant" if panel.kind == "table" else "range").editor_mode(loki_models.QueryEditorMode.CODE)
    if panel.kind == "logs":
        return target.max_lines(MOST_LINES).direction(loki_models.LokiQueryDirection.BACKWARD)
    return target.legend_format(query.legend)


def _thresholds(steps: Sequence[Threshold]) -> builders.ThresholdsConfig:
    found = [models.Threshold(value=step.value, color=step.color) for step in steps]
    return builders.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(found)


def _mapping(panel: Panel) -> models.ValueMap:
    assert panel.mappings is not None
    shown = enumerate(panel.mappings.items())
    return models.ValueMap(
        options={
            value: models.ValueMappingResult(text=text, color=color, index=number)
            for number, (value, (text, color)) in shown
        }
    )


def _link(title: str, url: str) -> builders.DashboardLink:
    return builders.DashboardLink(title).type(models.DashboardLinkType.LINK).url(url)
