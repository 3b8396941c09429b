"""`demo --night`: a batch that is killed in the middle and run again, before somebody's eyes."""
