"""The clusters that control planes stand for: their records, what is in them at first, and what is left at the end."""
