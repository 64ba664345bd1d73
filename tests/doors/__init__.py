"""Every door of the portal, tried by everybody: pages, REST, files, Django admin and tasks."""
