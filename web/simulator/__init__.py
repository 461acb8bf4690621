"""A handset on a web page: it posts what a network would post, and plays the providers' side too."""
