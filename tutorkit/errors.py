"""Every error that tutorkit raises.

TutorkitError
├── ConfigError                 what was asked for cannot be set up
│   ├── UnknownName             no task, model, method, … of that name
│   ├── MissingKey              the provider wants an API key and none is set
│   ├── MissingExtra            an optional package is not installed
│   ├── BadSetting              a setting or parameter has a value it cannot have
│   ├── UnknownPrice            a money limit was set for a model whose price is unknown
│   └── SandboxMissing          learners' code cannot be contained here, so it is not run
├── DataError                   a problem set cannot be used as it stands
│   ├── DataNotFound            the file or folder is not there
│   ├── EmptyData               there is nothing in it
│   ├── MissingColumn           a column that the mapping names is absent
│   ├── BadRow                  a row cannot be read
│   ├── DuplicateId             two rows carry one id
│   ├── GoldRejected            a gold answer that its own scorer marks wrong
│   └── SubmissionInvalid       a learner's files cannot be taken
├── PromptError
│   ├── PromptNotFound          no prompt file of that id
│   └── PromptInvalid           the file or its inputs do not fit
├── ModelError                  a model call failed; carries the calls that were made
│   ├── Unreachable             no connection, or a time-out
│   ├── AuthenticationFailed    the key was refused
│   ├── ModelNotFound           the provider knows no such model
│   ├── RateLimited             429 to the last retry
│   ├── ProviderFailed          5xx, or an answer that is not the protocol's
│   ├── RequestRejected         4xx: the request itself is wrong
│   ├── TooLong                 the request is longer than the model takes
│   ├── Refused                 the model, or its content filter, declined
│   ├── Truncated               the answer hit the token limit
│   ├── UnusableOutput          no valid structure after every re-ask
│   └── ReplayMiss              replay mode, and this call was never recorded
├── BudgetExhausted             the next call would pass a limit
├── AllowanceSpent              what the teaching of a run may take of one role is used up; it goes on without
├── ReplyPending                a person's reply is still to come
│   └── ReviewPending           a person's decisions about lessons or rows are still to come
├── StoreError
│   ├── DiskFull                nothing more can be written
│   ├── StoreUnavailable        the database cannot be opened or reached
│   └── RecordNotFound          no row of that id
├── RunError
│   ├── RunBusy                 another process is executing this run
│   ├── MethodInvalid           a method's graph or metadata does not fit together
│   ├── TrainingFailed          the student could not be trained
│   └── RunInterrupted          Ctrl-C: drained, kept, and can go on
├── TutoringError               a tutoring conversation cannot go on like this
│   ├── NotConfirmed            nobody has confirmed what was read from a page
│   ├── DialogueClosed          the conversation has ended
│   └── DialogueMoved           another process has added to it meanwhile
├── ExportError                 fine-tuning data cannot be written
│   ├── NothingToExport         no row may go out as things stand
│   └── TooFewRows              the target takes no file of so few
├── PackError
│   ├── PackDamaged             the folder is not what its digest says
│   └── NotApproved             it holds lessons that nobody approved
└── NotCanonical                a value that has no canonical form, so no identity

Each error says what happened, carries the facts as ``data``, and ends with what to do: its ``remedy``.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import ClassVar


class TutorkitError(Exception):
    """Something went wrong that the user can do something about.

    Args:
        message: what happened, as a sentence.
        remedy: what to do about it; the class's own remedy when left out.
        data: the facts, for programs.
    """

    code: ClassVar[str] = "error"
    remedy_text: ClassVar[str] = "Run `tutorkit doctor` to see what is set up and what is missing."

    def __init__(self, message: str, *, remedy: str | None = None, data: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy or self.remedy_text
        self.data: dict[str, object] = dict(data or {})

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}"

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message, self.remedy, self.data)


def _rebuild(kind: type[TutorkitError], message: str, remedy: str, data: dict[str, object]) -> TutorkitError:
    """Unpickle without running a subclass's own constructor."""
    error = kind.__new__(kind)
    TutorkitError.__init__(error, message, remedy=remedy, data=data)
    return error


class ConfigError(TutorkitError):
    """What was asked for cannot be set up."""

    code = "config"


class UnknownName(ConfigError):
    """There is nothing of that kind and name.

    Args:
        kind: what was looked for, as a word: ``task``, ``model``, ``method``.
        name: the name given.
        known: the names there are.
    """

    code = "unknown-name"
    remedy_text = "Check the spelling, or list what there is: `tutorkit tasks`, `tutorkit methods`, `tutorkit runs`."

    def __init__(self, kind: str, name: str, known: list[str] | tuple[str, ...]) -> None:
        near = get_close_matches(name, known, n=3, cutoff=0.5)
        shown = list(known)[:12]
        hint = f"Did you mean {' or '.join(near)}?" if near else f"There is: {', '.join(shown)}."
        if not near and len(known) > len(shown):
            hint = hint[:-1] + f" and {len(known) - len(shown)} more."
        super().__init__(
            f"There is no {kind} named {name!r}.",
            remedy=hint if known else None,
            data={"kind": kind, "name": name, "known": list(known)},
        )


class MissingKey(ConfigError):
    """The provider wants an API key and none is set."""

    code = "missing-key"

    def __init__(self, provider: str, variable: str) -> None:
        super().__init__(
            f"{provider} wants an API key and {variable} is not set.",
            remedy=f"Set {variable}, or go without a key: --student sim/two-bugs, --teacher rules or inbox/DIR.",
            data={"provider": provider, "variable": variable},
        )


class MissingExtra(ConfigError):
    """An optional package is not installed."""

    code = "missing-extra"

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the package {package}, which is not installed.",
            remedy=f"Install it with: pip install 'tutorkit[{extra}]'",
            data={"package": package, "extra": extra},
        )


class BadSetting(ConfigError):
    """A setting or parameter has a value it cannot have."""

    code = "bad-setting"
    remedy_text = "Correct the value and run the command again; nothing was started."


class UnknownPrice(ConfigError):
    """A money limit was set for a model whose price is unknown, so the limit could not be kept."""

    code = "unknown-price"

    def __init__(self, model: str) -> None:
        super().__init__(
            f"The price of {model} is unknown, so a limit in money cannot be kept.",
            remedy="Limit the calls instead (--max-calls), or give its price in TUTORKIT_PRICES (a JSON file).",
            data={"model": model},
        )


class SandboxMissing(ConfigError):
    """Learners' code cannot be contained on this machine, so it is not run."""

    code = "sandbox-missing"
    remedy_text = "Install bubblewrap (Debian, Ubuntu: apt-get install bubblewrap) and allow user namespaces."


class DataError(TutorkitError):
    """A problem set cannot be used as it stands."""

    code = "data"
    remedy_text = "Correct the file and run the command again."


class DataNotFound(DataError):
    """The file or folder is not there."""

    code = "data-not-found"
    remedy_text = "Give the folder with --data DIR or TUTORKIT_DATA_DIR."


class EmptyData(DataError):
    """There is nothing in it."""

    code = "empty-data"
    remedy_text = "Give a file with at least one problem."


class MissingColumn(DataError):
    """A column that the mapping names is absent."""

    code = "missing-column"
    remedy_text = "Name the columns with --map text=…,gold=… ."


class BadRow(DataError):
    """A row cannot be read; ``data['rows']`` has the row numbers, counted from 1."""

    code = "bad-row"


class DuplicateId(DataError):
    """Two rows carry one id; ``data['rows']`` has the row numbers, counted from 1."""

    code = "duplicate-id"
    remedy_text = "Give each problem an id of its own, or leave the id column out and ids will be made."


class GoldRejected(DataError):
    """A gold answer that its own scorer marks wrong; ``data['rows']`` has the row numbers, counted from 1."""

    code = "gold-rejected"
    remedy_text = "Correct the gold answers, or choose the scorer that fits them with --scorer."


class SubmissionInvalid(DataError):
    """What a learner handed in cannot be taken."""

    code = "submission-invalid"
    remedy_text = "Hand in plain files, or one small archive of them."


class PromptError(TutorkitError):
    """A prompt cannot be used."""

    code = "prompt"
    remedy_text = "See what the prompt wants with `tutorkit prompt show METHOD/NODE`."


class PromptNotFound(PromptError):
    """There is no prompt file of that id."""

    code = "prompt-not-found"


class PromptInvalid(PromptError):
    """The prompt file, or what was given to it, does not fit."""

    code = "prompt-invalid"


class ModelError(TutorkitError):
    """A model call failed. ``calls`` holds the record of every try, since each may have been billed."""

    code = "model"
    remedy_text = "Run the same command again: what is done is kept and not paid for twice."

    @property
    def calls(self) -> tuple[object, ...]:
        """The ``Call`` records of the tries, oldest first."""
        found = self.data.get("calls", ())
        return tuple(found) if isinstance(found, list | tuple) else ()


class Unreachable(ModelError):
    """No connection to the server, or no answer in time."""

    code = "unreachable"
    remedy_text = "Check the base URL and that the server runs; then run the same command again: what is done is kept."


class AuthenticationFailed(ModelError):
    """The provider refused the key."""

    code = "authentication-failed"
    remedy_text = "Check the API key and that it may use this model."


class ModelNotFound(ModelError):
    """The provider knows no such model."""

    code = "model-not-found"
    remedy_text = "Check the model's name; a model is named provider/model, as litellm names it."


class RateLimited(ModelError):
    """The provider said 429 until the last retry."""

    code = "rate-limited"
    remedy_text = "Lower --concurrency or wait, then run the same command again: what is done is kept."


class ProviderFailed(ModelError):
    """The provider failed, or answered something that is not its protocol."""

    code = "provider-failed"


class RequestRejected(ModelError):
    """The provider says that the request itself is wrong."""

    code = "request-rejected"
    remedy_text = "Read the provider's words above; often an option that this model does not take."


class TooLong(ModelError):
    """The request is longer than the model takes."""

    code = "too-long"
    remedy_text = "The item is set aside and the run goes on; for all of them, use a model with a larger context."


class Refused(ModelError):
    """The model, or its content filter, declined to answer."""

    code = "refused"
    remedy_text = "The item is set aside and the run goes on; see it with `tutorkit show RUN`."


class Truncated(ModelError):
    """The answer hit the token limit before it was complete."""

    code = "truncated"
    remedy_text = "Raise the limit on output tokens (--set max_tokens=…)."


class UnusableOutput(ModelError):
    """No valid structure after every re-ask; ``data['attempts']`` holds each reply and what was wrong with it."""

    code = "unusable-output"
    remedy_text = "The item is set aside and the run goes on; see the replies with `tutorkit show RUN`."


class ReplayMiss(ModelError):
    """Replay mode, and this call was never recorded."""

    code = "replay-miss"
    remedy_text = (
        "Something that enters the request has changed since the recording; run with --cache-mode cache to record it."
    )


class BudgetExhausted(TutorkitError):
    """The next call would pass a limit. What was done is kept."""

    code = "budget-exhausted"
    remedy_text = "Raise the limit and run the same command again: it goes on where it stopped."


class AllowanceSpent(TutorkitError):
    """What the teaching of a run may take of one role is used up; the run goes on with what it has."""

    code = "allowance-spent"
    remedy_text = "Nothing is wrong: methods are compared at equal budget. Compare at a larger one to see more."


class ReplyPending(TutorkitError):
    """A person's reply is still to come; ``data['files']`` names the requests that wait."""

    code = "reply-pending"
    remedy_text = "Answer the requests and run the same command again: it goes on where it stopped."


class ReviewPending(ReplyPending):
    """Lessons or rows of a run wait for a person's decision; ``data['run_id']`` names the run."""

    code = "review-pending"
    remedy_text = "Decide with `tutorkit review RUN` and run the same command again: it goes on where it stopped."


class StoreError(TutorkitError):
    """The database cannot do what was asked."""

    code = "store"


class DiskFull(StoreError):
    """Nothing more can be written."""

    code = "disk-full"
    remedy_text = "Free some space and run the same command again: what was written before is kept."


class StoreUnavailable(StoreError):
    """The database cannot be opened or reached."""

    code = "store-unavailable"
    remedy_text = "Check TUTORKIT_DB_URL and TUTORKIT_HOME with `tutorkit doctor`."


class RecordNotFound(StoreError):
    """There is no row of that id."""

    code = "record-not-found"
    remedy_text = "List what there is with `tutorkit runs` and `tutorkit show RUN`."


class RunError(TutorkitError):
    """A run cannot be executed."""

    code = "run"


class RunBusy(RunError):
    """Another process is executing this very run."""

    code = "run-busy"
    remedy_text = "Wait for it to end, or stop it; this command then goes on where it stopped."


class MethodInvalid(RunError):
    """A method's graph or metadata does not fit together."""

    code = "method-invalid"
    remedy_text = "CONTRIBUTING.md says what a method's file must hold."


class TrainingFailed(RunError):
    """The student could not be trained."""

    code = "training-failed"
    remedy_text = "What was taught so far is kept; see the message, and run the same command again to go on."


class RunInterrupted(RunError):
    """Ctrl-C: the calls under way were finished and kept."""

    code = "interrupted"
    remedy_text = "Run the same command again: it goes on where it stopped."


class TutoringError(TutorkitError):
    """A tutoring conversation cannot go on like this."""

    code = "tutoring"
    remedy_text = "Look at the conversation with `tutorkit tutor --list`."


class NotConfirmed(TutoringError):
    """What was read from a page has not been confirmed by whoever wrote it, so it is neither run nor graded."""

    code = "not-confirmed"
    remedy_text = "Show the transcription to the learner, let it be corrected, and confirm it."


class DialogueClosed(TutoringError):
    """The conversation has ended."""

    code = "dialogue-closed"
    remedy_text = "Open another one on the same problem."


class DialogueMoved(TutoringError):
    """Another process has added to the conversation since it was read."""

    code = "dialogue-moved"
    remedy_text = "Open it again: it goes on from where it now stands. What was said last here is not in it."


class ExportError(TutorkitError):
    """Fine-tuning data cannot be written."""

    code = "export"
    remedy_text = "Give another place with --to FILE."


class NothingToExport(ExportError):
    """No row may go out as things stand; ``data`` says how many there are and why none does."""

    code = "nothing-to-export"
    remedy_text = "See the rows with `tutorkit rows RUN`, and what may go out in docs/exports.md."


class TooFewRows(ExportError):
    """The target takes no file of so few rows; nothing was written."""

    code = "too-few-rows"
    remedy_text = "Approve more rows, or choose a format without a minimum, such as trl-sft or jsonl."


class PackError(TutorkitError):
    """A pack cannot be used."""

    code = "pack"


class PackDamaged(PackError):
    """The folder is not what its digest says."""

    code = "pack-damaged"
    remedy_text = "Make the pack again from its run with `tutorkit show RUN`, or restore the folder."


class NotApproved(PackError):
    """It holds lessons that nobody approved."""

    code = "not-approved"
    remedy_text = "Review the lessons first, or pass --unreviewed; the card then says how many were not approved."


class NotCanonical(TutorkitError):
    """A value that has no canonical form, so no identity."""

    code = "not-canonical"
    remedy_text = "Use None, booleans, numbers, text, and lists and string-keyed mappings of these."
