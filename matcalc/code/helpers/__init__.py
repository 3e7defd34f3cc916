"""Functions that generated code carries with it; each is cut out of its file, so none may use a module's constants."""
