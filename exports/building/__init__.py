"""From a row that waits to a file that is ready: saved as it goes, by one worker after another."""
