"""The views: what each page shows, and what its forms ask for."""
