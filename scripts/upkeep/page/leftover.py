"""What found no place in a page's data: kept whole, so that nothing on a page passes in silence."""

from collections.abc import Iterable, Iterator

from attrs import frozen

from upkeep.page.blocks import Block, Code
from upkeep.page.model import Text


@frozen
class Leftover:
    """Collects the blocks that found no place."""

    rest: list[Block]

    def leave(self, content: Iterable[Block]) -> None:
        """Keep these blocks."""
        self.rest.extend(content)

    def unread(self) -> tuple[Text, ...]:
        """The whole text of each run of lines that was left, by line."""
        runs: list[list[Text]] = []
        last = 0
        for line in sorted(_flat(self.rest), key=lambda line: line.line):
            if line.line != last + 1 or not runs:
                runs.append([])
            runs[-1].append(line)
            last = line.line
        said = ([line for line in run if line.text.strip()] for run in runs)
        return tuple(
            Text(run[0].line, "\n".join(line.text.strip() for line in run)) for run in said if run
        )


def _flat(content: Iterable[Block]) -> Iterator[Text]:
    """Every line of the blocks, those inside tabs and code blocks included."""
    for block in content:
        if isinstance(block, Text):
            yield block
        elif isinstance(block, Code):
            yield Text(block.line, f"code {block.language}".strip())
            yield from block.lines
        else:
            yield Text(block.line, f"tab {block.title}")
            yield from _flat(block.content)
