"""The command line: thin commands that check their arguments and call one function each."""

from __future__ import annotations

import sys

import click

from gongbao import __version__
from gongbao.messages import GongbaoError


class BilingualGroup(click.Group):
    """Prints a `GongbaoError` as its bilingual lines and exits with its code; nothing else is caught."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except GongbaoError as error:
            for problem in error.problems:
                click.echo("\n".join(problem.lines()), err=True)
            sys.exit(error.exit_code)


@click.group(cls=BilingualGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gongbao")
def main() -> None:
    """公报 Gongbao: 从原始记录到统计公报 · from raw records to the statistical bulletin."""


if __name__ == "__main__":
    main()
