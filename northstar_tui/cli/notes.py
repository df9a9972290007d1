"""`northstar note` and `northstar tag`."""

from __future__ import annotations

import click

from northstar_tui.cli.session import Number, Session, note, print_json
from northstar_tui.ledger.queries import Entry
from northstar_tui.ledger.store import Store
from northstar_tui.text import safe


@click.command(
    "note",
    epilog='\b\nExamples:\n  northstar note 82 "entered late, chased the move"\n'
    "  northstar trades today --json                 lists the entries' ids",
)
@click.argument("entry", type=Number(), metavar="ENTRY")
@click.argument("text", metavar="TEXT")
@click.option("--json", "as_json", is_flag=True, help="Print the entry as JSON.")
@click.pass_obj
def note_command(session: Session, entry: int, text: str, as_json: bool) -> None:
    """Note TEXT about an ENTRY. It is kept in the log with everything else; money never changes by it."""
    from northstar_tui.ledger.saying import add_note

    with Store.open(session.settings.store_path(), write=True) as store:
        try:
            found = add_note(store, entry, text)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="TEXT") from None
        _tell(store, found, as_json)


@click.command(
    "tag",
    context_settings={"ignore_unknown_options": True},
    epilog="\b\nExamples:\n  northstar tag 82 +late +chased\n  northstar tag 82 -late",
)
@click.argument("entry", type=Number(), metavar="ENTRY")
@click.argument("tags", nargs=-1, required=True, type=click.UNPROCESSED, metavar="+TAG|-TAG...")
@click.option("--json", "as_json", is_flag=True, help="Print the entry as JSON.")
@click.pass_obj
def tag_command(session: Session, entry: int, tags: tuple[str, ...], as_json: bool) -> None:
    """Add tags to an ENTRY (+TAG, or TAG alone) and remove them (-TAG)."""
    from northstar_tui.ledger.saying import change_tags
    from northstar_tui.notes import tags_of

    try:
        add, remove = tags_of(tags)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="TAG") from None
    with Store.open(session.settings.store_path(), write=True) as store:
        _tell(store, change_tags(store, entry, add, remove), as_json)


def _tell(store: Store, entry: Entry, as_json: bool) -> None:
    """Say how the entry stands now."""
    if as_json:
        from northstar_tui.cli.trades import entry_json

        print_json(entry_json(store, entry))
        return
    from northstar_tui.views.words import marks_words

    note(f"entry {entry.id} ({safe(entry.title or entry.instrument or entry.key)}): {safe(marks_words(entry))}")
