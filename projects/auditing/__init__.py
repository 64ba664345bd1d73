"""Reading the audit: search, sentences, tables, a log server, and how long it stays."""
