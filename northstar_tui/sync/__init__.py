"""What runs a source into the store: imports of files now, schedules and locks as their issues come."""
