"""Reading files: encodings, delimiters, header rows, workbooks."""
