"""What several processes share through Redis: one owner at a time, a log in one order, kept states."""
