"""What a contender does, as a program for an interpreter that holds only the contender.

`probe.py call URL COUNT` prints microseconds per call; `cold URL` makes one call, and prints when
it is answered; `model FILE COUNT` prints microseconds per reading of the JSON in the file.
"""
