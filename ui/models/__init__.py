"""What lists and panels show: frozen rows made from the API's answers, and item models that change only the rows that differ."""
