"""The gateway of a workload: routes, plugins, consumers, upstreams and canaries, from file to configuration."""
