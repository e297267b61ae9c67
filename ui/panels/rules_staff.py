"""Who works here, as a list to type into: an account a line, red where one can't be meant.

It refuses to judge: what stands there goes into the tables line by line, and `studio.model.rules_file` finds the faults.
"""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from ui.controls import label, repolish
from ui.language import words

KEY = "staff"
_LINES = 4


class StaffField(QWidget):
    """`typed` comes with each change by hand."""

    typed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(words("rules.staff"))
        self.text.setPlaceholderText(words("rules.staff_example"))
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(_LINES * self.text.fontMetrics().lineSpacing() + 20)
        hint = label(words("rules.staff_hint"), "small")
        hint.setWordWrap(True)
        made = QVBoxLayout(self)
        made.setContentsMargins(0, 0, 0, 0)
        made.setSpacing(6)
        made.addWidget(hint)
        made.addWidget(self.text)
        self.text.textChanged.connect(self.typed)

    def put(self, staff: list[str]) -> None:
        """Show these; no change by hand."""
        self.text.blockSignals(True)
        self.text.setPlainText("\n".join(staff))
        self.text.blockSignals(False)

    def value(self) -> list[str]:
        """What stands there, line by line."""
        return [line for text in self.text.toPlainText().splitlines() if (line := "".join(text.split()).replace("：", ":"))]

    def mark(self, wrong: set[str]) -> dict[str, str]:
        """Red where one of these places is a line of it; what each line is called."""
        places = {f"{KEY}[{number}]": words("rules.staff_line", number=number + 1, text=line) for number, line in enumerate(self.value())}
        places[KEY] = words("rules.staff")
        repolish(self.text, "fault", "true" if wrong & places.keys() else "false")
        return places
