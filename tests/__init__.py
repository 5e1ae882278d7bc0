"""The tests, one folder for each room; `house` looks at the structure itself."""
