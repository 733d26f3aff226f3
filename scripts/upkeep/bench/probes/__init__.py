"""What a contender does, as a program for an interpreter that holds only the contender.

`cold URL` makes one call and prints `done` when it is answered, then the
megabytes that it took. Everything else is timed by pyperf,
whose options come first: `call URL FINDINGS`, `acall URL FINDINGS`, `threads URL THREADS`,
`tasks URL TASKS`, `read FILE`, `write FILE`.
"""
