"""PDF files made on the spot."""

from io import BytesIO

from pypdf import PageObject, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, TextStringObject

LINES = ("1 (24)", "Regionalt serviceprogram", "för Västerbottens län 2014–2020", "Butiker, drivmedel och post.")


def pdf(*pages: tuple[str, ...], password: str | None = None, info: dict[str, str] | None = None) -> bytes:
    """A file of text pages, of `LINES` where none is given. `password` may be "": encrypted, and open to everybody."""
    writer = PdfWriter()
    for lines in pages or (LINES,):
        _add_page(writer, lines)
    writer.metadata = None
    if info:
        writer.add_metadata({f"/{name}": value for name, value in info.items()})
    writer.root_object[NameObject("/Lang")] = TextStringObject("sv-SE")
    if password is not None:
        writer.encrypt(user_password=password, owner_password="owner", algorithm="AES-256")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _add_page(writer: PdfWriter, lines: tuple[str, ...]) -> None:
    page = writer.add_blank_page(width=595, height=842)
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F1"): _font()})}
    )
    set_content(writer, page, b"BT /F1 12 Tf 15 TL 60 780 Td " + b"".join(map(_shown, lines)) + b"ET")


def set_content(writer: PdfWriter, page: PageObject, operators: bytes) -> None:
    stream = DecodedStreamObject()
    stream.set_data(operators)
    page[NameObject("/Contents")] = writer._add_object(stream)


def _shown(line: str) -> bytes:
    return b"<" + line.encode("cp1252").hex().encode() + b"> Tj T* "


def _font() -> DictionaryObject:
    names = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica", "/Encoding": "/WinAnsiEncoding"}
    return DictionaryObject({NameObject(key): NameObject(value) for key, value in names.items()})
