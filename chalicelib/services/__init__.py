"""The verbs: each reads, decides, writes once, then speaks to the outside."""
