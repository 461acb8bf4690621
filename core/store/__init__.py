"""What is kept: PostgreSQL tables with everything personal sealed, and sessions in Redis."""
