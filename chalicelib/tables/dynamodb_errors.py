"""What an error of DynamoDB says about a write: not done, perhaps done, or refused for good."""

CONDITION_FAILED = "ConditionalCheckFailedException"
CONFLICT_CODES = {"TransactionConflict", "TransactionConflictException"}
"""Another transaction holds one of the rows. Nothing was written."""
THROTTLING_CODES = {
    "ThrottlingError",
    "ThrottlingException",
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
}
CAUSE_MAY_PASS = CONFLICT_CODES | THROTTLING_CODES
FINAL_CODES = {
    "AccessDenied",
    "AccessDeniedException",
    "IdempotentParameterMismatchException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "ItemCollectionSizeLimitExceededException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "NotAuthorized",
    "OptInRequired",
    "ResourceNotFoundException",
    "SerializationException",
    "UnknownOperationException",
    "UnrecognizedClientException",
    "ValidationError",
    "ValidationException",
}
"""The request is wrong or not allowed. The same request will fail again."""


def error_code(error: BaseException | None) -> str:
    """DynamoDB's error code, or an empty string when there was no response."""
    response = getattr(getattr(error, "cause", None) or error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


def is_final_refusal(error: BaseException) -> bool:
    """Whether DynamoDB refused the request for good: a failed condition, or a request that can never succeed."""
    return error_code(error) in {CONDITION_FAILED, *FINAL_CODES}


def was_retried(error: BaseException) -> bool:
    """Whether botocore sent the request more than once. An earlier send may have taken effect.

    PynamoDB's errors carry botocore's error as their cause, and only botocore's error counts its retries. The error
    of a repeated write may have an error of an earlier try as its cause.
    """
    response = getattr(error, "response", None) or {}
    if response.get("ResponseMetadata", {}).get("RetryAttempts"):
        return True
    causes = (getattr(error, "cause", None), error.__cause__)
    return any(was_retried(cause) for cause in causes if cause is not None)
