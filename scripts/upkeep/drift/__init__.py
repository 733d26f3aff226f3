"""The facts of the page held against those of the fragment."""
