"""One product, edited in place: every field of it, its picture, and what is wrong at the field where it is wrong.

It refuses to judge by itself but for what isn't a number: the engine says what a product may be.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from studio.errors import InvalidInput
from studio.model.money import decimal
from studio.remote.client import StudioClient
from ui.bridge import Bridge
from ui.controls import HoldButton, button, choose_file, icon_button, label, repolish, row
from ui.figures import minor_from_text
from ui.language import words
from ui.models.refusal import refusal_words
from ui.room import currency_of

_TEXTS = ("sku", "name", "seller")
_MONEY = ("price", "floor")
_NUMBERS = ("link_no", "stock")
_ORDER = ("sku", "link_no", "name", "seller", "price", "floor", "stock")
_NO_NUMBER = {"field.money", "field.whole"}
_FIELD_OF = {"price": "price_minor", "floor": "floor_minor"}
_PICTURES = "PNG, JPEG, WebP, GIF (*.png *.jpg *.jpeg *.webp *.gif)"


class ProductEditor(QFrame):
    """`saved` carries the product as it stands now, `removed` the SKU that is gone, `left` comes when it is given up."""

    saved = Signal(object)
    removed = Signal(str)
    left = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._product: Mapping[str, Any] = {}
        self.setProperty("part", "card")
        self._title: QLabel = label("", "title")
        self._fault: QLabel = label("", "fault")
        self._fault.setWordWrap(True)
        self.inputs = {name: QLineEdit() for name in _ORDER}
        self.facts = QPlainTextEdit()
        self.facts.setAccessibleName(words("in.facts"))
        self.picture: QPushButton = button(words("product.picture"), self._choose, size="small", icon="upload")
        self.save: QPushButton = button(words("spec.save"), self._save, kind="main")
        self.remove = HoldButton(words("product.remove"), icon="close")
        self.remove.held.connect(self._remove)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        for number, (name, field) in enumerate(self.inputs.items()):
            field.setAccessibleName(words(f"in.{name}"))
            field.textEdited.connect(lambda _, made=field: repolish(made, "fault", "false"))
            grid.addWidget(label(words(f"in.{name}"), "muted"), number, 0)
            grid.addWidget(field, number, 1)
        made = QVBoxLayout(self)
        made.setContentsMargins(16, 12, 16, 14)
        made.setSpacing(8)
        made.addLayout(row(self._title, None, icon_button("close", words("spec.leave"), self.left.emit)))
        made.addWidget(self._fault)
        made.addLayout(grid)
        made.addWidget(label(words("product.facts"), "muted"))
        made.addWidget(self.facts, 1)
        made.addLayout(row(self.picture, None))
        made.addLayout(row(self.save, None, self.remove))

    def edit(self, product: Mapping[str, Any]) -> None:
        """Begin with a product, or with an empty one."""
        self._product = product
        is_new = not product
        self._title.setText(words("product.new" if is_new else "product.edit"))
        self._say("")
        for name in _TEXTS:
            self.inputs[name].setText(str(product.get(name) or ""))
        for name in _NUMBERS:
            self.inputs[name].setText("" if product.get(name) is None else str(product[name]))
        for name in _MONEY:
            value = product.get(_FIELD_OF[name])
            self.inputs[name].setText("" if value is None else decimal(value, currency_of(self._bridge.room)))
        for field in self.inputs.values():
            repolish(field, "fault", "false")
        self.facts.setPlainText("\n".join(str(one) for one in product.get("facts") or ()))
        self.inputs["sku"].setEnabled(is_new)
        self.picture.setVisible(not is_new)
        self.remove.setVisible(not is_new)
        self.inputs["sku" if is_new else "name"].setFocus()

    def typed(self) -> dict[str, Any]:
        """What stands in the fields; what is no number is sent as it was typed, and refused with its field."""
        made: dict[str, Any] = {name: self.inputs[name].text().strip() for name in _TEXTS}
        for name in _NUMBERS:
            text = self.inputs[name].text().strip()
            made[name] = int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else text or None
        for name in _MONEY:
            text = self.inputs[name].text().strip()
            value = minor_from_text(text, currency_of(self._bridge.room)) if text else None
            made[_FIELD_OF[name]] = text if text and value is None else value
        made["facts"] = [line.strip() for line in self.facts.toPlainText().splitlines() if line.strip()]
        return {**made, "picture": str(self._product.get("picture") or "")}

    def _save(self) -> None:
        body = self.typed()
        self.save.setEnabled(False)

        def done(answer: Any) -> None:
            self.save.setEnabled(True)
            if isinstance(answer, InvalidInput):
                self._say(self._marked(answer))
                return
            self._say("")
            self.saved.emit(answer)

        self._bridge.ask(lambda client: _put(client, body), done, self._refuse)

    def _marked(self, error: InvalidInput) -> str:
        """Red at the field; what is wrong, by the name that stands beside it."""
        field = str(error.params.get("field") or "")
        name = {known: name for name, known in _FIELD_OF.items()}.get(field, field)
        if name in self.inputs:
            repolish(self.inputs[name], "fault", "true")
            self.inputs[name].setFocus()
        shown = words(f"in.{name}")
        if error.code in _NO_NUMBER and name in _MONEY:
            return words("product.fault_money", field=shown)
        if error.code == "field.text" and name in _TEXTS:
            return words("product.fault_text", field=shown)
        return refusal_words({"code": error.code, "params": {**error.params, "field": name}})

    def _refuse(self, text: str) -> None:
        self.save.setEnabled(True)
        self._say(text)

    def _say(self, text: str) -> None:
        self._fault.setText(text)
        self._fault.setVisible(bool(text))

    def _choose(self) -> None:
        choose_file(self, words("product.picture"), _PICTURES, lambda path: self.use_picture(Path(path)))

    def use_picture(self, path: Path) -> None:
        """Bring a picture and show the product with it."""
        sku = str(self._product.get("sku"))

        async def bring(client: StudioClient) -> Any:
            return await client.set_product_picture(sku, await client.upload(path))

        def done(product: Any) -> None:
            self._product = product
            self.saved.emit(product)

        self._bridge.ask(bring, done, self._refuse)

    def _remove(self) -> None:
        sku = str(self._product.get("sku"))
        self._bridge.ask(lambda client: client.remove_product(sku), lambda _: self.removed.emit(sku), self._refuse)


async def _put(client: StudioClient, body: dict[str, Any]) -> Any:
    """The product as it stands now, or what is wrong with it."""
    try:
        return await client.put_product(body)
    except InvalidInput as error:
        return error
