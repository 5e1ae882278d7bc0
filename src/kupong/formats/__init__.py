"""Owns the readers and writers of file formats: text in, values out, errors that name the line. No tables.

Every room above may import it; it imports `pricing`, `numbering`, `kernel`, msgspec and PyYAML only.
Add a format as `<name>.py`: one public function that reads it, one page in docs/reference that describes it.
"""
