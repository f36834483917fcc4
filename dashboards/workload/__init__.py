"""Dashboards of one workload, or of one service of it: templates, whose namespace and service are put in when they are
deployed. A workload file names those that it wants (docs/dashboards.md).

Panels are those of the dashboards that show everything, wherever these have them.
"""
