"""What tells how a service does: objectives, alerts, dashboards, instrumentation."""
