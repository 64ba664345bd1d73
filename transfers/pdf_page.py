"""An A4 page that is written from top to bottom, for what is kept on paper.

The same facts give the same bytes. What does not fit is cut with an ellipsis: a page is a summary
of a file that says everything.
"""

import unicodedata
from collections.abc import Sequence
from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

FONT, BOLD = "Vera", "VeraBd"
WIDTH, HEIGHT = A4
LEFT, RIGHT = 48.0, WIDTH - 48.0
INK, QUIET, RULE = 0.13, 0.42, 0.8
MARGIN = 36.0


class Page:
    """An A4 page that is written from top to bottom."""

    def __init__(self, title: str) -> None:
        for font in (FONT, BOLD):
            pdfmetrics.registerFont(TTFont(font, f"{font}.ttf"))
        self.glyphs = pdfmetrics.getFont(FONT).face.charToGlyph
        self.buffer = BytesIO()
        self.canvas = Canvas(self.buffer, pagesize=A4, invariant=1)
        self.canvas.setTitle(title)
        self.canvas.setAuthor("rDMA")
        self.y = HEIGHT - 60

    def write(
        self, text: str, *, size: float = 8.5, font: str = FONT, grey: float = INK, down: float = 12
    ) -> None:
        """Write one line across the page, and go down."""
        self._put(text, LEFT, RIGHT - LEFT, size=size, font=font, grey=grey)
        self.y -= down

    def title(self, text: str) -> None:
        """Write a heading under a thin rule."""
        self.y -= 6
        self.canvas.setStrokeGray(RULE)
        self.canvas.setLineWidth(0.6)
        self.canvas.line(LEFT, self.y + 10, RIGHT, self.y + 10)
        self.y -= 6
        self.write(text, size=10, font=BOLD, down=16)

    def facts(self, rows: Sequence[tuple[str, str]]) -> None:
        """Write names with what they are."""
        for name, value in rows:
            if value:
                self._put(name, LEFT, 92, size=8.5, grey=QUIET)
                self._put(value, LEFT + 96, RIGHT - LEFT - 96, size=8.5)
                self.y -= 12.5

    def row(self, cells: Sequence[str], widths: Sequence[float], *, grey: float = INK) -> None:
        """Write one row of a table; `widths` are shares of the page's."""
        share, x = (RIGHT - LEFT) / sum(widths), LEFT
        for text, width in zip(cells, widths, strict=True):
            self._put(text, x, width * share - 6, size=8, grey=grey)
            x += width * share
        self.y -= 12.5

    def has_room(self, height: float) -> bool:
        """Tell whether `height` points are left above the margin."""
        return self.y - height > MARGIN

    def bottom(self, height: float) -> None:
        """Go down to where `height` points are left above the margin."""
        self.y = min(self.y, MARGIN + height)

    def finish(self) -> bytes:
        """Return the page's bytes."""
        self.canvas.showPage()
        self.canvas.save()
        return self.buffer.getvalue()

    def _put(
        self, text: str, x: float, width: float, *, size: float, grey: float = INK, font: str = FONT
    ) -> None:
        """Write text that fits, or as much of it as does with an ellipsis."""
        text = self._drawable(text)
        if pdfmetrics.stringWidth(text, font, size) > width:
            while text and pdfmetrics.stringWidth(f"{text}…", font, size) > width:
                text = text[:-1]
            text = f"{text.rstrip()}…"
        self.canvas.setFont(font, size)
        self.canvas.setFillGray(grey)
        self.canvas.drawString(x, self.y, text)

    def _drawable(self, text: str) -> str:
        """Return text in letters that the font has: ń becomes n, what has no base becomes ?."""
        drawn = []
        for letter in " ".join(text.split()):
            if ord(letter) in self.glyphs:
                drawn.append(letter)
                continue
            base = unicodedata.normalize("NFKD", letter)[0]
            drawn.append(base if ord(base) in self.glyphs else "?")
        return "".join(drawn)
