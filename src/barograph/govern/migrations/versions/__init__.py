"""Changes of the tables, in order. A file that was released is never edited: a change is a new file."""
