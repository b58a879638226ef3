"""Images with classes: those that a package ships, and those in a folder that the user has."""
