"""What Qt says by itself is said in the window's language."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton, QWidget

from ui import qt_words
from ui.controls import choose_file


def test_a_file_dialog_speaks_the_windows_language(qapp, qtbot):
    qt_words.speak(qapp, "zh_CN")
    parent = QWidget()
    qtbot.addWidget(parent)
    try:
        choose_file(parent, "选择文件", "CSV (*.csv)", lambda _: None)
        dialog = parent.findChild(QFileDialog)
        said = [shown.text() for kind in (QLabel, QPushButton) for shown in dialog.findChildren(kind) if shown.text()]
        assert {"打开(&O)", "取消"} <= set(said)
        assert [text for text in said if text.isascii()] == []
        dialog.close()
    finally:
        qt_words.speak(qapp, "en")
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Cancel"
