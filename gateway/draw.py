"""`python -m gateway draw`: every dialogue as a Mermaid graph, from the code."""

from __future__ import annotations

from collections.abc import Iterator

import click

from core.dialogue import (
    Answers,
    Ask,
    Call,
    Choose,
    Dialogue,
    Step,
    Tell,
    choices_of,
    said_by,
    targets,
)
from core.dialogues import BY_NAME
from core.gsm import unaccent

SHAPES = {Choose: ("{{", "}}"), Ask: ("[/", "/]"), Call: ("[[", "]]"), Tell: ("([", "])")}
"""Choose: hexagon; Ask: slanted; Call: double frame; Tell: rounded."""


@click.command(name="draw")
@click.argument("names", nargs=-1)
@click.option("--language", default="en", help="The language of the words in the picture.")
def command(names: tuple[str, ...], language: str) -> None:
    """Print dialogues as Mermaid graphs (all of them, or those named)."""
    unknown = [name for name in names if name not in BY_NAME]
    if unknown:
        raise click.ClickException(f"no dialogue {unknown[0]!r}; there are: {', '.join(BY_NAME)}")
    for dialogue in BY_NAME.values():
        if not names or dialogue.name in names:
            click.echo("\n".join(graph(dialogue, language)) + "\n")


def graph(dialogue: Dialogue, language: str) -> Iterator[str]:
    """The lines of one Mermaid graph; targets in other dialogues stand in circles."""
    yield f"%% {dialogue.name}: {dialogue.title.to(language)}"
    yield "flowchart TD"
    known = [*dialogue.steps, *dialogue.leads_to_more]
    for name, step in dialogue.steps.items():
        left, right = SHAPES[type(step)]
        yield f'  {_node(name)}{left}"{name}<br/>{_words(dialogue, step, language)}"{right}'
    for name in dialogue.leads_to_more:
        yield f'  {_node(name)}[/"the form\'s questions"/]'
        yield f"  {_node(name)} --> {_node(_after_more(dialogue))}"
    steps = list(dialogue.steps.items())
    for number, (name, step) in enumerate(steps):
        ahead = list(targets(step))
        if not isinstance(step, Tell) and step.then is None and number + 1 < len(steps):
            ahead.append(steps[number + 1][0])
        for target in dict.fromkeys(ahead):
            arrow = "-. late .->" if isinstance(step, Call) and target == step.late else "-->"
            goal = _node(target) if target in known else f'{_node(target)}(("{target}"))'
            yield f"  {_node(name)} {arrow} {goal}"


def _after_more(dialogue: Dialogue) -> str:
    """What comes after the questions of a form: the first step nothing else leads to."""
    led_to = {target for step in dialogue.steps.values() for target in targets(step)}
    names = [name for name in dialogue.steps if name not in led_to]
    return names[-1]


def _words(dialogue: Dialogue, step: Step, language: str) -> str:
    answers: Answers = dialogue.worst[0]
    match step:
        case Call(of=of):
            return of.__name__.replace("_", " ")
        case Tell(say=say, brief=brief):
            return _label(said_by(brief or say, answers).to(language))
        case Choose(ask=say, brief=brief):
            options = " / ".join(one.to(language) for one in choices_of(step, answers).values())
            return _label(said_by(brief or say, answers).to(language)) + "<br/>" + _label(options)
        case Ask(ask=say, brief=brief):
            return _label(said_by(brief or say, answers).to(language))


def _label(words: str) -> str:
    short = words if len(words) <= 160 else words[:157] + "..."
    return short.replace('"', "'").replace("\n", "<br/>")


def _node(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in unaccent(name))
