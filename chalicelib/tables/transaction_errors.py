"""Why a transaction did not clearly take effect."""


class Stale(Exception):
    """Another transaction wrote first: the decision was made on old rows."""


class Conflicted(Stale):
    """Another transaction was writing one of the rows at that moment. No condition failed."""


class CommitUnknown(Exception):
    """DynamoDB gave no clear response: the transaction may have taken effect, or may do so later."""
