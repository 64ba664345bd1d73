"""The pages of the exports."""
