"""The stream worker: events come from a Redis stream, their scores go to another, each exactly once."""
