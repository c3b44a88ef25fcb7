"""Reading tables that people bring, in the order in which a file passes through these rooms.

`encoding` turns bytes into text, `dialect` text into rows of cells, `layout` rows into a table with a header and a
row a step. `dates` and `numeric_dates` say what moment a cell means, `columns` what each column is for, `numerals`
what number a cell holds. `steps` finds the calendar that the dates follow, `table` sorts and closes gaps, and
`csv_file` leads through all of it. `messages` is how they speak.
"""

from rnnviz.data.reading.csv_file import Column, list_columns, read_csv
from rnnviz.data.reading.messages import CsvError

__all__ = ["Column", "CsvError", "list_columns", "read_csv"]
