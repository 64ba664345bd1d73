"""The files that go with the images: what each of them holds, one module for each kind."""
