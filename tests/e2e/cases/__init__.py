"""The end-to-end cases, one module a subject."""
