"""The coordinator console: one blueprint file for each group of pages."""
