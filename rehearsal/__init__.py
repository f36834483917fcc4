"""The real Pulumi engine and the real program against local providers: set-up, runner, language host, providers."""
