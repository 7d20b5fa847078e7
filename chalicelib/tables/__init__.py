"""DynamoDB's room: models and their queries; rows never leave it."""
