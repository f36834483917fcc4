"""The LanguageRuntime service for Python: the engine runs programs and policy packs through it."""
