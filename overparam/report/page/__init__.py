"""The page: one HTML file that is whole without a network and without a script."""
