"""The pods of a service: ports, probes, volumes, tasks and places of its file, and the chart values they become."""
