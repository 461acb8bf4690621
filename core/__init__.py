"""The conversation and everything the channels share; knows no framework and no channel."""
