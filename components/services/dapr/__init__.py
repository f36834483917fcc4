"""Dapr for the services of a workload: application ids, components, subscriptions, resiliency, secrets."""
