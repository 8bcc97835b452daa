"""Fine-tuning data as files that other tools read, each with a card, and a check of what these tools would refuse."""

from tutorkit.exports.checking import check_file
from tutorkit.exports.exporting import choose_kind, export_rows
from tutorkit.exports.formats import FORMATS, Format, find_format
from tutorkit.exports.report import CheckReport, ExportReport, Fault, LeftOut
from tutorkit.exports.selection import WITHHELD_FLAGS, Selection

__all__ = [
    "FORMATS",
    "WITHHELD_FLAGS",
    "CheckReport",
    "ExportReport",
    "Fault",
    "Format",
    "LeftOut",
    "Selection",
    "check_file",
    "choose_kind",
    "export_rows",
    "find_format",
]
