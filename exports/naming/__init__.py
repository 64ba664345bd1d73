"""Names of folders and files inside a package: templates, and what keeps them safe."""
